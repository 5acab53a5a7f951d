import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0001_initial"),
        ("transcription", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            "recording", "client_id", models.CharField(default="", max_length=64), preserve_default=False
        ),
        migrations.AddField("recording", "detected", models.CharField(blank=True, max_length=8)),
        migrations.AlterField("recording", "manifest", models.BinaryField(default=b""), preserve_default=False),
        migrations.AlterField("recording", "seq", models.BigIntegerField(default=0), preserve_default=False),
        migrations.AlterField(
            "recording",
            "state",
            models.CharField(
                choices=[
                    ("queued", "Queued"),
                    ("running", "Running"),
                    ("done", "Done"),
                    ("failed", "Failed"),
                    ("needs_review", "Needs Review"),
                ],
                default="queued",
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            "recording", models.UniqueConstraint(fields=["uploaded_by", "client_id"], name="recording_client_once")
        ),
        migrations.AddField("job", "sent_at", models.DateTimeField(default=django.utils.timezone.now)),
        migrations.AddIndex("job", models.Index(fields=["state", "lease_until"], name="job_sweep")),
        migrations.AddField("transcript", "lines", models.PositiveIntegerField(default=0)),
        migrations.AlterField("transcript", "client_id", models.CharField(max_length=64, null=True)),
        migrations.AddConstraint(
            "transcript",
            models.UniqueConstraint(fields=["recording", "author", "client_id"], name="transcript_client_once"),
        ),
    ]
