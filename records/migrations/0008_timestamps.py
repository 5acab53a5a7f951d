import django.db.models.deletion
from django.db import migrations, models

from records.ledger.guards import guard


class Migration(migrations.Migration):
    dependencies = [("records", "0007_wrapped_keys_apart")]

    operations = [
        migrations.CreateModel(
            name="Timestamp",
            fields=[
                (
                    "checkpoint",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="timestamp",
                        serialize=False,
                        to="records.checkpoint",
                    ),
                ),
                ("at", models.BigIntegerField()),
                ("response", models.BinaryField()),
            ],
        ),
        guard("records_timestamp", [["checkpoint_id"]]),
    ]
