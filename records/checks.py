"""What of the ledger's configuration must hold before the server may start."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - Django's name
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from records.ledger import timestamps, witnessing


@register
def witnesses_can_be_asked(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """An address or a key that cannot be read would leave the ledger without a witness, silently."""
    try:
        witnessing.configured()
    except ImproperlyConfigured as error:
        return [Error(str(error), hint="URL KEY, URL KEY ...: the key as the witness prints it.", id="records.E001")]
    return []


@register
def stamps_can_be_had(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """An authority without its certificate, or a package that is missing, would leave the ledger without stamps, silently."""
    try:
        timestamps.configured()
    except ImproperlyConfigured as error:
        return [Error(str(error), hint="Set both XINQIAO_TSA_URL and XINQIAO_TSA_CERTIFICATE.", id="records.E002")]
    return []


# pg_has_role is true of a superuser too.
OWNS_THE_LEDGER = (
    "SELECT bool_or(pg_has_role(current_user, relowner, 'MEMBER')) FROM pg_class WHERE oid = to_regclass('records_leaf')"
)


@register(Tags.database)
def ledger_belongs_to_another_role(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Whoever owns the ledger's tables can take their guards away; the server needs no such right."""
    if connection.vendor != "postgresql" or "default" not in (databases or ()):
        return []
    with connection.cursor() as cursor:
        cursor.execute(OWNS_THE_LEDGER)
        (owns,) = cursor.fetchone()
    if not owns:
        return []
    return [
        Warning(
            "The database role of this process owns the ledger's tables: it could drop the triggers that keep them append-only.",
            hint="Only migrations should run as the owner: deploy/postgresql-roles.sql makes a role for the server.",
            id="records.W001",
        )
    ]
