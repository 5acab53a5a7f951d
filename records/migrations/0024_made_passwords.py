from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0022_two_raters")]
    operations = [migrations.AddField("person", "password_made_at", models.DateTimeField(null=True))]
