import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F
from django.utils import timezone

STATES = [
    ("waiting", "Waiting"),
    ("returned", "Returned"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
    ("revoked", "Revoked"),
]


def end_what_was_signed_without_all_terms(apps, schema_editor):
    """Leaves of older requests do not name every term, so nothing could tell that one was altered: they have to be asked for again."""
    grants = apps.get_model("records", "AccessGrant").objects
    grants.update(request=F("chain_id"))
    grants.filter(state="waiting").update(state="rejected")
    grants.filter(state="approved", expires_at__gt=timezone.now()).update(expires_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("records", "0008_timestamps")]

    operations = [
        migrations.AddField("accessgrant", "request", models.UUIDField(null=True)),
        migrations.AddField("accessgrant", "asked", models.JSONField(default=dict), preserve_default=False),
        migrations.AddField("accessgrant", "since", models.DateField(null=True)),
        migrations.AddField("accessgrant", "until", models.DateField(null=True)),
        migrations.AddField("accessgrant", "tell", models.CharField(default="now", max_length=16)),
        migrations.AlterField(
            "accessgrant", "state", models.CharField(choices=STATES, default="waiting", max_length=16)
        ),
        migrations.RunPython(end_what_was_signed_without_all_terms, migrations.RunPython.noop),
        migrations.AlterField("accessgrant", "request", models.UUIDField(db_index=True)),
        migrations.CreateModel(
            name="GrantNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[("returned", "Returned"), ("answered", "Answered"), ("commented", "Commented")],
                        max_length=16,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("body", models.BinaryField()),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="notes", to="records.accessgrant"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("grant", "seq"), name="grant_note_once")],
            },
        ),
    ]
