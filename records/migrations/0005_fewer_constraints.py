from django.db import migrations, models
from django.db.models import deletion

from records.ledger.guards import guard_again


class Migration(migrations.Migration):
    dependencies = [("records", "0004_grant_decision")]

    operations = [
        migrations.AlterField(
            "pendingleaf",
            "leaf",
            models.OneToOneField(
                "records.leaf", on_delete=deletion.PROTECT, primary_key=True, serialize=False, db_constraint=False
            ),
        ),
        migrations.AlterField(
            "treeentry",
            "leaf",
            models.OneToOneField("records.leaf", on_delete=deletion.PROTECT, related_name="place", db_constraint=False),
        ),
        guard_again("records_treeentry", [["index"], ["leaf_id"]]),
    ]
