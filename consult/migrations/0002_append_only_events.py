"""What was said stays: events accept new rows only."""

from django.db import migrations

from records.ledger.guards import guard


class Migration(migrations.Migration):
    dependencies = [("consult", "0001_initial"), ("records", "0003_append_only")]

    operations = [guard("consult_event", [["id"], ["consultation_id", "seq"], ["consultation_id", "sender_id", "client_id"]])]
