"""What was said stays, and what was taken back stays taken back: both tables accept new rows only."""

from django.db import migrations

from records.ledger.guards import guard


class Migration(migrations.Migration):
    dependencies = [("consult", "0001_initial"), ("records", "0003_append_only")]

    operations = [
        guard("consult_event", [["id"], ["thread_id", "seq"], ["thread_id", "sender_id", "client_id"]]),
        guard("consult_retraction", [["id"], ["thread_id", "of"]]),
    ]
