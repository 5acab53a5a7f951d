from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("consult", "0006_keys_apart"), ("records", "0001_initial")]

    operations = [
        migrations.AddField("evidencepack", "also", models.ManyToManyField("records.accessgrant", related_name="+")),
        migrations.AddField("evidencepack", "content", models.JSONField(default=list)),
        migrations.AddField("evidencepack", "printed", models.BooleanField(default=False)),
    ]
