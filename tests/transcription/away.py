"""What a worker needs and does not answer for a moment."""

import pytest
from django.conf import settings

from records.vault import KeyringError, keyring, keys
from records.vault.errors import KEYRING_AWAY
from records.vault.keyring.file import FileKeyring
from records.vault.keyring.wrapped import Wrapped


class Blinking(FileKeyring):
    """The key file, which does not answer the first times."""

    times = 0

    def wrap(self, secret: bytes, context: bytes) -> Wrapped:
        self._answer()
        return super().wrap(secret, context)

    def unwrap(self, wrapped: Wrapped, context: bytes) -> bytes:
        self._answer()
        return super().unwrap(wrapped, context)

    def _answer(self) -> None:
        self.times -= 1
        if self.times >= 0:
            raise KeyringError(KEYRING_AWAY)


def keyring_away(monkeypatch: pytest.MonkeyPatch, times: int) -> Blinking:
    """A process that has no key at hand, and whose keyring does not answer so many times."""
    ring = Blinking(settings.XINQIAO_KEYFILE)
    ring.times = times
    monkeypatch.setattr(keyring, "_opened", [ring])
    keys.cache.clear()
    return ring
