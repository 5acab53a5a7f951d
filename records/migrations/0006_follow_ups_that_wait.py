import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0005_fewer_constraints"),
    ]

    operations = [
        migrations.AddField(
            "followup",
            "department",
            models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="records.department"
            ),
        ),
        migrations.AlterField(
            "followup",
            "assigned_to",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="assigned_follow_ups",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            "followup",
            models.CheckConstraint(
                condition=models.Q(assigned_to__isnull=False) | models.Q(department__isnull=False),
                name="follow_up_is_somebodys",
            ),
        ),
    ]
