import django.db.models.deletion
from django.db import migrations, models

from records.ledger.guards import guard


class Migration(migrations.Migration):
    dependencies = [("records", "0006_follow_ups_that_wait")]

    operations = [
        migrations.CreateModel(
            name="Cosignature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("witness", models.CharField(max_length=200)),
                ("at", models.BigIntegerField()),
                ("line", models.TextField()),
                (
                    "checkpoint",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cosignatures",
                        to="records.checkpoint",
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("checkpoint", "witness"), name="cosigned_once")]},
        ),
        guard("records_cosignature", [["id"], ["checkpoint_id", "witness"]]),
    ]
