"""Key-encrypting keys: they wrap data keys and never leave their keyring. Imported by the vault alone.

A provider is one class with this interface and one line in `PROVIDERS`; XINQIAO_KEYRING picks it ("file" unless set).
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final, Protocol

from django.conf import settings

from records.vault.keyring.file import FileKeyring
from records.vault.keyring.file import create as create_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from records.vault.keyring.wrapped import Wrapped


class Keyring(Protocol):
    """Versions of one key-encrypting key. Every method is safe from any thread and raises KeyringError."""

    @property
    def deployment(self) -> UUID:
        """The id of this hospital's deployment, bound into everything sealed."""

    def wrap(self, secret: bytes, context: bytes) -> Wrapped:
        """Wrap 32 bytes with the current version."""

    def unwrap(self, wrapped: Wrapped, context: bytes) -> bytes:
        """Return the 32 bytes. SealBroken for another context; KeyringError for another id or an unknown version."""

    def rewrap(self, wrapped: Wrapped, context: bytes) -> Wrapped:
        """The same secret under the current version."""

    def key_id(self) -> str: ...

    def current_version(self) -> int: ...

    def versions(self) -> dict[int, int]:
        """Every version with the time it was made, ms since epoch."""

    def rotate(self) -> int:
        """Add a version and make it current; durable when this returns."""

    def retire(self, version: int) -> None:
        """Destroy an old version. The caller has made sure that no data key uses it."""


def _file() -> Keyring:
    path = settings.XINQIAO_KEYFILE
    # In production a missing file is a mounting mistake: a new key in its place would hide it until the first read.
    if settings.EMBEDDED and not path.exists():
        create_file(path)
    return FileKeyring(path)


def create() -> None:
    """Make the key file, unless there is one; then open it."""
    create_file(settings.XINQIAO_KEYFILE)
    current()


PROVIDERS: Final[Mapping[str, Callable[[], Keyring]]] = {"file": _file}

_lock = threading.Lock()
_opened: list[Keyring] = []


def current() -> Keyring:
    """Return the keyring of this process, opened on first use."""
    if _opened:
        return _opened[0]
    with _lock:
        if not _opened:
            _opened.append(PROVIDERS[getattr(settings, "XINQIAO_KEYRING", "file")]())
        return _opened[0]


def close() -> None:
    """Forget the opened keyring; the next use opens it again."""
    with _lock:
        _opened.clear()
