import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

FIRST_IS_ANOTHER = Q(first_approver__isnull=True) | ~Q(first_approver=F("requester"))
TWO_PEOPLE = Q(first_approver__isnull=True) | Q(approver__isnull=True) | Q(state="rejected") | ~Q(first_approver=F("approver"))
BOTH_AGREED = Q(approvers=1) | Q(first_approver__isnull=False) | ~Q(state__in=["approved", "revoked"])


class Migration(migrations.Migration):
    dependencies = [("records", "0014_reading_notes")]

    operations = [
        migrations.AddField("department", "sensitive", models.BooleanField(default=False)),
        migrations.AddField("accessgrant", "approvers", models.PositiveSmallIntegerField(default=1)),
        migrations.AddField(
            "accessgrant",
            "first_approver",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="access_agreements",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField("accessgrant", "first_decision", models.BinaryField(null=True)),
        migrations.AddField("accessgrant", "first_decided_at", models.DateTimeField(null=True)),
        migrations.AddField("accessgrant", "agreed", models.JSONField(null=True)),
        migrations.AddConstraint(
            "accessgrant", models.CheckConstraint(condition=FIRST_IS_ANOTHER, name="first_approver_is_not_requester")
        ),
        migrations.AddConstraint("accessgrant", models.CheckConstraint(condition=TWO_PEOPLE, name="approvers_are_two")),
        migrations.AddConstraint("accessgrant", models.CheckConstraint(condition=BOTH_AGREED, name="two_agreed_where_two_must")),
    ]
