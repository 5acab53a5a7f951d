from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0001_schema")]
    operations = [migrations.AddField("person", "password_made_at", models.DateTimeField(null=True))]
