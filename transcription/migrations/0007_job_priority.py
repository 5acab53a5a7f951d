from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("transcription", "0010_review"),
    ]

    operations = [
        migrations.AddField(
            "job",
            "priority",
            models.PositiveSmallIntegerField(choices=[(0, "Backlog"), (1, "Normal"), (2, "Waited For")], default=1),
        ),
        migrations.AddIndex("job", models.Index(fields=["state", "-priority", "created_at"], name="job_turn")),
    ]
