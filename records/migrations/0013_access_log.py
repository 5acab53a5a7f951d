import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from records.accesslog.entries import About, entries_of
from records.accesslog.kinds import KINDS
from records.ledger.guards import guard

BATCH = 500
FIELDS = ("leaf_id", "at", "act", "actor_id", "case", "purpose")


def enter_what_was_done_before(apps, schema_editor):
    known = {}
    grants = apps.get_model("records", "AccessGrant").objects.values_list("chain_id", "case_id", "purpose")
    known |= {chain: About(case, purpose) for chain, case, purpose in grants}
    for name in ("LegalHold", "RightsRequest"):
        known |= {chain: About(case) for chain, case in apps.get_model("records", name).objects.values_list("chain_id", "case_id")}
    entry_model = apps.get_model("records", "AccessEntry")
    rows = []
    for leaf in apps.get_model("records", "Leaf").objects.filter(kind__in=list(KINDS)).order_by("id").iterator(BATCH):
        (entry,) = entries_of([leaf], known)
        rows.append(entry_model(**{name: getattr(entry, name) for name in FIELDS}))
    entry_model.objects.bulk_create(rows, batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("records", "0016_reviewed_holds")]

    operations = [
        migrations.CreateModel(
            name="AccessEntry",
            fields=[
                (
                    "leaf",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="access",
                        serialize=False,
                        to="records.leaf",
                    ),
                ),
                ("at", models.BigIntegerField()),
                ("act", models.CharField(max_length=12)),
                ("case", models.UUIDField(null=True)),
                ("purpose", models.CharField(max_length=16, null=True)),
                (
                    "actor",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["at", "leaf"], name="access_by_time"),
                    models.Index(fields=["actor", "at", "leaf"], name="access_by_actor"),
                    models.Index(
                        condition=models.Q(("case__isnull", False)), fields=["case", "at", "leaf"], name="access_by_case"
                    ),
                    models.Index(fields=["act", "at", "leaf"], name="access_by_act"),
                    models.Index(
                        condition=models.Q(("purpose__isnull", False)),
                        fields=["purpose", "at", "leaf"],
                        name="access_by_purpose",
                    ),
                ],
            },
        ),
        migrations.RunPython(enter_what_was_done_before, migrations.RunPython.noop),
        guard("records_accessentry", [["leaf_id"]]),
    ]
