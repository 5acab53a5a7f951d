"""A data key as it is stored: wrapped, with the id and version of the key that wrapped it. And how a key in hand wraps it."""

from __future__ import annotations

from typing import Final, NamedTuple

from django.conf import settings

from records.vault.context import field as length_prefixed
from records.vault.suites import NAMES, SUITES, suite_of

KEY_BYTES: Final = 32
WRAP_DOMAIN: Final = b"xinqiao/wrap/v1"


class Wrapped(NamedTuple):
    blob: bytes
    kek_id: str
    kek_version: int


def wrap_with(key: bytes, kek_id: str, version: int, secret: bytes, context: bytes) -> Wrapped:
    """Wrap with a key-encrypting key of 32 bytes, by the cipher suite in use."""
    mark = NAMES[settings.XINQIAO_SUITE]
    return Wrapped(mark + SUITES[mark].encrypt(key, _bound(context, kek_id, version), secret), kek_id, version)


def unwrap_with(key: bytes, wrapped: Wrapped, context: bytes) -> bytes:
    """Raises SealBroken for another key, context, id or version."""
    bound = _bound(context, wrapped.kek_id, wrapped.kek_version)
    return suite_of(wrapped.blob).decrypt(key, bound, wrapped.blob[1:])


def bound_elsewhere(context: bytes, kek_id: str) -> bytes:
    """What is authenticated by a service that chooses the version itself, and names it in what it returns."""
    return b"".join(length_prefixed(part) for part in (WRAP_DOMAIN, context, kek_id.encode()))


def _bound(context: bytes, kek_id: str, version: int) -> bytes:
    return bound_elsewhere(context, kek_id) + length_prefixed(version.to_bytes(4, "big"))
