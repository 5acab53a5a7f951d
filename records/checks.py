"""What of the ledger's configuration must hold before the server may start."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

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
