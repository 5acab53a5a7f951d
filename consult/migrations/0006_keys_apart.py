from django.db import migrations, models
from django.db.models import deletion

from records.ledger.guards import guard_again


class Migration(migrations.Migration):
    dependencies = [("consult", "0005_unsent_and_broadcasts")]

    operations = [
        migrations.AlterField(
            "event",
            "key",
            models.ForeignKey(
                "records.datakey", on_delete=deletion.PROTECT, related_name="+", db_index=False, db_constraint=False
            ),
        ),
        guard_again("consult_event", [["id"], ["thread_id", "seq"], ["thread_id", "sender_id", "client_id"]]),
    ]
