"""On SQLite the outbox and the places are kept by row number, without an index beside each table. Nothing changes on PostgreSQL."""

from django.db import migrations
from django.db.models import deletion

from records.ledger.guards import guard_again
from records.ledger.models import LeafNumber, RowNumber


class Migration(migrations.Migration):
    dependencies = [("records", "0010_family")]

    operations = [
        migrations.AlterField(
            "pendingleaf",
            "leaf",
            LeafNumber("records.leaf", on_delete=deletion.PROTECT, primary_key=True, serialize=False, db_constraint=False),
        ),
        migrations.AlterField("treeentry", "index", RowNumber(primary_key=True, serialize=False)),
        guard_again("records_treeentry", [["index"], ["leaf_id"]]),
    ]
