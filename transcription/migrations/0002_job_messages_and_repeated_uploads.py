import django.db.models.deletion
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
        migrations.AlterField(
            "recording",
            "state",
            models.CharField(
                choices=[
                    ("unsent", "Unsent"),
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
        migrations.AddField(
            "recording",
            "origin",
            models.CharField(choices=[("call", "Call"), ("voice", "Voice")], default="call", max_length=8),
        ),
        migrations.AlterField(
            "recording",
            "follow_up",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="recordings",
                to="records.followup",
            ),
        ),
        migrations.AddField(
            "recording",
            "thread",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="voice_notes", to="records.chain"
            ),
        ),
        migrations.AddField("recording", "message", models.CharField(max_length=64, null=True)),
        migrations.AddField("recording", "message_at", models.DateTimeField(null=True)),
        migrations.AddField("recording", "outline", models.BinaryField(null=True)),
        migrations.AddConstraint(
            "recording",
            models.CheckConstraint(
                condition=models.Q(follow_up__isnull=False, origin="call", thread__isnull=True)
                | models.Q(follow_up__isnull=True, origin="voice", thread__isnull=False),
                name="recording_has_its_place",
            ),
        ),
        migrations.AddConstraint(
            "recording",
            models.CheckConstraint(
                condition=models.Q(origin="voice", seq__isnull=True, state="unsent")
                | (~models.Q(state="unsent") & models.Q(seq__isnull=False)),
                name="recording_is_in_the_ledger",
            ),
        ),
        migrations.AddField("job", "sent_at", models.DateTimeField(default=django.utils.timezone.now)),
        migrations.AddIndex("job", models.Index(fields=["state", "lease_until"], name="job_sweep")),
        migrations.AddField("transcript", "lines", models.PositiveIntegerField(default=0)),
        migrations.AlterField("transcript", "client_id", models.CharField(max_length=64, null=True)),
        migrations.AddField("transcript", "untold", models.BooleanField(default=False)),
        migrations.AddIndex(
            "transcript", models.Index(fields=["id"], condition=models.Q(untold=True), name="transcript_untold")
        ),
        migrations.AddConstraint(
            "transcript",
            models.UniqueConstraint(fields=["recording", "author", "client_id"], name="transcript_client_once"),
        ),
    ]
