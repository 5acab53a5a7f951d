import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consult", "0010_packs_of_several_cases"),
    ]

    operations = [
        migrations.CreateModel(
            "Addressees",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("people", models.BinaryField()),
                (
                    "broadcast",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="addressees", to="consult.broadcast"
                    ),
                ),
            ],
        ),
    ]
