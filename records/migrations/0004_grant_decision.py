from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0003_append_only")]

    operations = [
        migrations.AddField("accessgrant", "decision", models.BinaryField(null=True)),
        migrations.AddField("accessgrant", "revocation", models.BinaryField(null=True)),
    ]
