"""What must hold before the server may start. `manage.py check` runs these, and so does `manage.py serve`."""

import ipaddress
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured


@register
def demo_stays_at_home(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The demo signs anybody in with one click: outside loopback only when told so."""
    reachable = [host for host in settings.ALLOWED_HOSTS if not is_loopback(host.strip("[]"))]
    if not settings.XINQIAO_DEMO or settings.XINQIAO_DEMO_ANYWHERE or not reachable:
        return []
    return [
        Error(
            f"XINQIAO_DEMO is on and XINQIAO_ALLOWED_HOSTS names {', '.join(reachable)}.",
            hint="Unset XINQIAO_DEMO, or set XINQIAO_DEMO_ANYWHERE=1 if strangers may sign in as anybody.",
            id="chat_server.E001",
        )
    ]


@register
def key_files_are_private(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The keys that open and sign everything belong to one account."""
    keys = [settings.XINQIAO_KEYFILE, settings.XINQIAO_LEDGER_KEYFILE]
    open_to_others = [path for path in keys if path.exists() and not private(path)]
    return [
        Error(
            f"The key file {path} has mode {stat.filemode(path.stat().st_mode)}.",
            hint=f"chmod 600 {path}, and rotate the keys if others may have read it.",
            id="chat_server.E002",
        )
        for path in open_to_others
    ]


@register
def production_is_whole(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Several processes on PostgreSQL hear each other's doorbells only through Redis."""
    if settings.EMBEDDED or settings.REDIS_URL:
        return []
    return [
        checks.Warning(
            "DATABASE_URL is set and REDIS_URL is not: a second process would learn of messages only by its slow poll.",
            hint="Set REDIS_URL, or run one process.",
            id="chat_server.W001",
        )
    ]


@register
def patients_have_a_number(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Somebody who is not helped by the page needs a person."""
    if settings.XINQIAO_HOSPITAL_PHONE:
        return []
    return [
        checks.Warning(
            "XINQIAO_HOSPITAL_PHONE is not set: no page tells patients whom to call.",
            hint="Set it to the number of a desk that is staffed.",
            id="chat_server.W003",
        )
    ]


@register
def calls_have_a_relay(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Behind most company and mobile networks two devices cannot reach each other."""
    if settings.XINQIAO_TURN_URIS and not settings.XINQIAO_TURN_SECRET:
        return [
            Error(
                "XINQIAO_TURN_URIS is set and XINQIAO_TURN_SECRET is not: the relay would refuse every device.",
                hint="Set it to the relay's static-auth-secret.",
                id="chat_server.E003",
            )
        ]
    if settings.EMBEDDED or settings.XINQIAO_TURN_URIS:
        return []
    return [
        checks.Warning(
            "XINQIAO_TURN_URIS is not set: calls between most networks would not connect.",
            hint="Start a relay with deploy/coturn/turnserver.conf, or expect no calls.",
            id="chat_server.W002",
        )
    ]


def private(path: Path) -> bool:
    """Return whether `path` is a regular file that nobody but its owner may open."""
    mode = path.stat().st_mode
    return stat.S_ISREG(mode) and not mode & 0o077


def is_loopback(host: str) -> bool:
    """Return whether `host` (a name, an address, or a UNIX socket's path) is reachable from this machine alone."""
    if host in {"localhost", "testserver"} or host.startswith("/"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def refuse_open_demo(bind: str | None = None) -> None:
    """Raise when the demo is on and the server does not listen on loopback.

    `bind` is the address listened on; without it XINQIAO_BIND, which `manage.py serve` sets. Not knowing counts as open: an
    ASGI server that was started by hand with the demo on must say where it listens.
    """
    address = bind or os.environ.get("XINQIAO_BIND", "")
    if not settings.XINQIAO_DEMO or settings.XINQIAO_DEMO_ANYWHERE or is_loopback(address):
        return
    raise ImproperlyConfigured(
        "XINQIAO_DEMO lets anybody sign in as anybody, so the server starts only on loopback,"
        f" not on {address or 'an unknown address'}. Bind to 127.0.0.1, unset XINQIAO_DEMO, or set XINQIAO_DEMO_ANYWHERE=1."
    )
