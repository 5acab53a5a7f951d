import django.db.models.deletion
from django.db import migrations, models

MOVE = """
INSERT INTO records_wrappedkey (key_id, wrapped, kek_id, kek_version)
SELECT id, wrapped, kek_id, kek_version FROM records_datakey
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0008_cosignatures")]

    operations = [
        migrations.CreateModel(
            name="WrappedKey",
            fields=[
                (
                    "key",
                    models.OneToOneField(
                        "records.datakey",
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="wrapping",
                        serialize=False,
                        db_constraint=False,
                    ),
                ),
                ("wrapped", models.BinaryField()),
                ("kek_id", models.CharField(max_length=64)),
                ("kek_version", models.PositiveIntegerField()),
            ],
        ),
        migrations.RunSQL(MOVE, migrations.RunSQL.noop),
        migrations.RemoveField("datakey", "wrapped"),
        migrations.RemoveField("datakey", "kek_id"),
        migrations.RemoveField("datakey", "kek_version"),
        migrations.AddField("datakey", "shredded_at", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "datakey",
            models.Index(
                fields=["shredded_at"], condition=models.Q(shredded_at__isnull=False), name="data_key_shredded"
            ),
        ),
    ]
