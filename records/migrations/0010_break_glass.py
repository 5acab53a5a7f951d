import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0009_identity")]

    operations = [
        migrations.AddField("accessgrant", "urgent", models.BooleanField(default=False)),
        migrations.AddField(
            "accessgrant",
            "reviewer",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="access_reviews",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField("accessgrant", "finding", models.CharField(blank=True, default="", max_length=16), preserve_default=False),
        migrations.AddField("accessgrant", "review", models.BinaryField(null=True)),
        migrations.AddField("accessgrant", "reviewed_at", models.DateTimeField(null=True)),
        migrations.AddConstraint(
            "accessgrant",
            models.CheckConstraint(
                condition=models.Q(reviewer__isnull=True) | ~models.Q(reviewer=models.F("requester")),
                name="reviewer_is_not_requester",
            ),
        ),
    ]
