from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("transcription", "0002_job_messages_and_repeated_uploads"),
    ]

    operations = [
        migrations.AddField("job", "tries", models.PositiveSmallIntegerField(default=1)),
    ]
