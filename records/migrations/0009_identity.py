import uuid

import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import deletion


def end_every_session(apps, schema_editor):
    """Sessions from before do not say whether a second factor was shown: everybody signs in once more."""
    apps.get_model("sessions", "Session").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("records", "0010_grant_terms"), ("sessions", "0001_initial")]

    operations = [
        migrations.CreateModel(
            "Factor",
            [
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("totp", "Totp"), ("passkey", "Passkey"), ("recovery", "Recovery")], max_length=16
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=60)),
                ("secret", models.BinaryField()),
                ("counter", models.BigIntegerField(default=0)),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("used_at", models.DateTimeField(null=True)),
                ("key", models.ForeignKey(on_delete=deletion.PROTECT, related_name="+", to="records.datakey")),
                (
                    "person",
                    models.ForeignKey(on_delete=deletion.CASCADE, related_name="factors", to=settings.AUTH_USER_MODEL),
                ),
            ],
        ),
        migrations.AddConstraint(
            "factor",
            models.UniqueConstraint(
                condition=models.Q(("kind__in", ["totp", "recovery"])), fields=("person", "kind"), name="factor_once_a_kind"
            ),
        ),
        migrations.CreateModel(
            "SignIn",
            [
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("session_key", models.CharField(max_length=40, unique=True)),
                ("method", models.CharField(max_length=16)),
                ("device", models.CharField(max_length=60)),
                ("place", models.CharField(max_length=45)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "person",
                    models.ForeignKey(on_delete=deletion.CASCADE, related_name="sign_ins", to=settings.AUTH_USER_MODEL),
                ),
            ],
        ),
        migrations.RunPython(end_every_session, migrations.RunPython.noop),
    ]
