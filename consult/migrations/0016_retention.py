"""What of no one case is kept by a hold on any case of its patient: the guard on wrapped keys says so too."""

from django.db import migrations

from records.retention import triggers


class Migration(migrations.Migration):
    dependencies = [
        ("consult", "0012_client_ids_by_time"),
        ("records", "0016_reviewed_holds"),
        ("transcription", "0003_job_tries"),
    ]

    operations = [triggers.install_again(triggers.KEY_RULES)]
