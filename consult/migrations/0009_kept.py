"""What has become of a closed case; and the body of an event may be emptied, as a chart entry's, once its key is under a tombstone."""

from django.db import migrations, models

from records.ledger.guards import let_be_emptied
from records.retention import triggers


class Migration(migrations.Migration):
    dependencies = [
        ("consult", "0011_addressees"),
        ("records", "0011_retention"),
        ("transcription", "0003_job_tries"),
    ]

    operations = [
        migrations.AddField(
            "consultation",
            "kept",
            models.CharField(blank=True, choices=[("sealed", "Sealed"), ("shredded", "Shredded")], default="", max_length=8),
        ),
        let_be_emptied("consult_event"),
        triggers.install(triggers.KEY_RULES),
    ]
