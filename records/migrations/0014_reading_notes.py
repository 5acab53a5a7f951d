import django.db.models.deletion
from django.db import migrations, models

KINDS = [("searched", "Searched"), ("noted", "Noted"), ("bookmarked", "Bookmarked")]


class Migration(migrations.Migration):
    dependencies = [("records", "0013_sampling")]

    operations = [
        migrations.CreateModel(
            name="ReadingNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.BigIntegerField()),
                ("kind", models.CharField(choices=KINDS, max_length=16)),
                ("at", models.DateTimeField()),
                ("thread", models.UUIDField(null=True)),
                ("of", models.BigIntegerField(null=True)),
                ("body", models.BinaryField()),
                ("removed", models.BigIntegerField(null=True)),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reading_notes", to="records.accessgrant"
                    ),
                ),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("grant", "seq"), name="reading_note_once")]},
        ),
    ]
