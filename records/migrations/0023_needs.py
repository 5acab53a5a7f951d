from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0021_access_reviews")]
    operations = [migrations.AddField("person", "needs", models.JSONField(default=list))]
