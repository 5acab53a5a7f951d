"""What one device says to another on its way through the channel layer: sealed, so that whoever reads Redis learns no address, and
whoever writes there cannot put a description of their own between the two.

Fernet (AES-128-CBC and HMAC-SHA256, https://github.com/fernet/spec) under a key of every process of the deployment; one that is older
than TTL_SECONDS is not opened.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

import msgspec
from cryptography.fernet import Fernet
from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Callable

TTL_SECONDS: Final = 30
PURPOSE: Final = b"xinqiao.calls.envelopes"


class Letter(NamedTuple):
    call: UUID
    line: str  # whom it is for
    frame: str


_read: Final[Callable[[bytes], Letter]] = msgspec.json.Decoder(Letter).decode


def seal(call: UUID, line: str, frame: bytes) -> bytes:
    return _fernet().encrypt(msgspec.json.encode(Letter(call, line, frame.decode())))


def open_(envelope: bytes) -> Letter:
    """Raises `cryptography.fernet.InvalidToken` for what no process of this deployment sealed lately."""
    return _read(_fernet().decrypt(envelope, ttl=TTL_SECONDS))


def _fernet() -> Fernet:
    secret = hmac.digest(settings.SECRET_KEY.encode(), PURPOSE, hashlib.sha256)
    return Fernet(base64.urlsafe_b64encode(secret))
