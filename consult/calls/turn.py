"""Relay servers for a device in a call: addresses, and credentials that last as long as the hospital says.

coturn's `use-auth-secret`: the user name is the time at which it ends, the password the base64 of HMAC-SHA1(secret, user name).
"""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings

from consult.protocol.calls import IceServer
from records.ledger.chains import now_ms

if TYPE_CHECKING:
    from uuid import UUID


class Servers(NamedTuple):
    ice: list[IceServer]
    until: int  # ms since epoch


def servers(call: UUID) -> Servers:
    """For one device, from now on. The user name tells the relay's log which call it was, and nobody's name."""
    ends = now_ms() // 1000 + settings.XINQIAO_TURN_SECONDS
    ice = [IceServer(settings.XINQIAO_STUN_URIS)] if settings.XINQIAO_STUN_URIS else []
    if settings.XINQIAO_TURN_URIS:
        name, password = credentials(settings.XINQIAO_TURN_SECRET, ends, call.hex)
        ice.append(IceServer(settings.XINQIAO_TURN_URIS, name, password))
    return Servers(ice, ends * 1000)


def credentials(secret: str, ends: int, who: str) -> tuple[str, str]:
    """User name and password, until `ends` (s since epoch)."""
    name = f"{ends}:{who}"
    return name, base64.b64encode(hmac.digest(secret.encode(), name.encode(), "sha1")).decode()
