"""Several keyrings while data keys move from one to another: the first wraps, each unwraps what it wrapped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from records.vault.errors import KEK_UNKNOWN, KeyringError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from records.vault.keyring import Keyring
    from records.vault.keyring.wrapped import Wrapped


class Several:
    """The first of `rings`, and the others for what they wrapped before. `manage.py rotate_keys` moves it to the first."""

    def __init__(self, rings: Sequence[Keyring]) -> None:
        self._first = rings[0]
        self._rings = {ring.key_id(): ring for ring in rings}

    @property
    def deployment(self) -> UUID:
        return self._first.deployment

    def key_id(self) -> str:
        return self._first.key_id()

    def current_version(self) -> int:
        return self._first.current_version()

    def versions(self) -> dict[int, int]:
        return self._first.versions()

    def wrap(self, secret: bytes, context: bytes) -> Wrapped:
        return self._first.wrap(secret, context)

    def unwrap(self, wrapped: Wrapped, context: bytes) -> bytes:
        ring = self._rings.get(wrapped.kek_id)
        if ring is None:
            raise KeyringError(KEK_UNKNOWN, f"{wrapped.kek_id} is none of {', '.join(self._rings)}")
        return ring.unwrap(wrapped, context)

    def rewrap(self, wrapped: Wrapped, context: bytes) -> Wrapped:
        if wrapped.kek_id == self._first.key_id():
            return self._first.rewrap(wrapped, context)
        return self._first.wrap(self.unwrap(wrapped, context), context)

    def rotate(self) -> int:
        return self._first.rotate()

    def retire(self, version: int) -> None:
        self._first.retire(version)
