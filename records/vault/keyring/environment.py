"""Key-encrypting keys in an environment variable, for platforms that keep secrets there.

    XINQIAO_KEK=1:base64 of 32 bytes,2:base64 of 32 bytes

The highest number is the current version. Whoever sets the variable adds a version and restarts every process; `rotate_keys` then wraps
the data keys again, and after that the old version may be taken out.
"""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING, Final

from records.vault.errors import KEK_ELSEWHERE, KEK_UNKNOWN, KEYRING_UNSET, KeyringError
from records.vault.keyring.wrapped import KEY_BYTES, unwrap_with, wrap_with

if TYPE_CHECKING:
    from uuid import UUID

    from records.vault.keyring.wrapped import Wrapped

KEY_ID: Final = "environment"


class EnvironmentKeyring:
    def __init__(self, deployment: UUID, text: str) -> None:
        self.deployment = deployment
        self._keys = _parse(text)

    def key_id(self) -> str:
        return KEY_ID

    def current_version(self) -> int:
        return max(self._keys)

    def versions(self) -> dict[int, int]:
        return dict.fromkeys(self._keys, 0)  # nobody knows since when

    def wrap(self, secret: bytes, context: bytes) -> Wrapped:
        version = self.current_version()
        return wrap_with(self._keys[version], KEY_ID, version, secret, context)

    def unwrap(self, wrapped: Wrapped, context: bytes) -> bytes:
        key = self._keys.get(wrapped.kek_version)
        if wrapped.kek_id != KEY_ID or key is None:
            raise KeyringError(KEK_UNKNOWN, f"{wrapped.kek_id} version {wrapped.kek_version}")
        return unwrap_with(key, wrapped, context)

    def rewrap(self, wrapped: Wrapped, context: bytes) -> Wrapped:
        return self.wrap(self.unwrap(wrapped, context), context)

    def rotate(self) -> int:
        raise KeyringError(KEK_ELSEWHERE, f"add version {self.current_version() + 1} to XINQIAO_KEK, restart, run rotate_keys")

    def retire(self, version: int) -> None:
        raise KeyringError(KEK_ELSEWHERE, f"no data key uses version {version}: take it out of XINQIAO_KEK")


def open_ring(deployment: UUID) -> EnvironmentKeyring:
    return EnvironmentKeyring(deployment, os.environ.get("XINQIAO_KEK", ""))


def make(deployment: UUID) -> None:
    """There is nothing to make: whoever sets the variable made it."""
    open_ring(deployment)


def _parse(text: str) -> dict[int, bytes]:
    """Never quotes what it cannot read: it is a key."""
    try:
        parts = [part.strip().partition(":") for part in text.split(",")]
        keys = {int(number): base64.b64decode(key, validate=True) for number, _, key in parts}
    except ValueError:
        raise KeyringError(KEYRING_UNSET, "XINQIAO_KEK is not 1:base64,2:base64") from None
    if len(keys) != len(parts) or min(keys) < 1 or any(len(key) != KEY_BYTES for key in keys.values()):
        raise KeyringError(KEYRING_UNSET, "XINQIAO_KEK must hold keys of 32 bytes, numbered from 1, each number once")
    return keys
