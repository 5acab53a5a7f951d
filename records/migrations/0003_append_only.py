"""What was recorded stays: the ledger's tables and chart entries accept new rows only."""

from django.db import migrations

from records.ledger.guards import guard


class Migration(migrations.Migration):
    dependencies = [("records", "0002_tiles_and_checkpoints")]

    operations = [
        guard("records_leaf", [["id"], ["chain_id", "seq"]]),
        guard("records_treeentry", [["index"], ["leaf_id"]]),
        guard("records_tile", [["id"], ["level", "index"]]),
        guard("records_checkpoint", [["size"]]),
        guard("records_chartentry", [["id"], ["chart_id", "seq"], ["chart_id", "author_id", "client_id"], ["amends_id"]]),
    ]
