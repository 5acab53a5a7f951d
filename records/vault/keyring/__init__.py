"""Key-encrypting keys: they wrap data keys and never leave their keyring. Imported by the vault alone.

A provider is one module with a class of this interface, and one line in `PROVIDERS`. XINQIAO_KEYRING names one ("file" unless set), or
several, `pkcs11,file`: the first wraps, and the others still open what they wrapped, until `rotate_keys` has moved it.
"""

from __future__ import annotations

import threading
from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol
from uuid import UUID, uuid4

from django.conf import settings

from records.vault.errors import KEYRING_UNSET, KeyringError
from records.vault.keyring.several import Several

if TYPE_CHECKING:
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

    def key_id(self) -> str:
        """What rows name it by: at most 64 characters, other than any other keyring's."""

    def current_version(self) -> int: ...

    def versions(self) -> dict[int, int]:
        """Every version with the time it was made, ms since epoch."""

    def rotate(self) -> int:
        """Add a version and make it current; durable when this returns."""

    def retire(self, version: int) -> None:
        """Destroy an old version. The caller has made sure that no data key uses it."""


class Provider(Protocol):
    """A module of this package."""

    def open_ring(self, deployment: UUID, /) -> Keyring: ...

    def make(self, deployment: UUID, /) -> None:
        """Make the first version of a new deployment, unless there is one."""


# The word in XINQIAO_KEYRING -> the module. All but the first two need the extra of the same name.
PROVIDERS: Final = {"file": "file", "environment": "environment", "vault": "transit", "kms": "kms", "pkcs11": "hsm"}
UNASKED: Final = UUID(int=0)

_lock = threading.Lock()
_opened: list[Keyring] = []


def create() -> None:
    """Make the keys of a new deployment, unless there are any; then open them."""
    name = _named()[0]
    _provider(name).make(_deployment(name))
    current()


def current() -> Keyring:
    """Return the keyring of this process, opened on first use."""
    if _opened:
        return _opened[0]
    with _lock:
        if not _opened:
            _opened.append(_open())
        return _opened[0]


def close() -> None:
    """Forget the opened keyring; the next use opens it again."""
    with _lock:
        _opened.clear()


def _open() -> Keyring:
    rings = [_provider(name).open_ring(_deployment(name)) for name in _named()]
    stated = {_stated()} if settings.XINQIAO_DEPLOYMENT else set()
    if len({ring.deployment for ring in rings} | stated) > 1:
        raise KeyringError(KEYRING_UNSET, "XINQIAO_DEPLOYMENT is not that of the key file")
    return rings[0] if len(rings) == 1 else Several(rings)


def _named() -> list[str]:
    return [name.strip() for name in settings.XINQIAO_KEYRING.split(",")]


def _provider(name: str) -> Provider:
    if name not in PROVIDERS:
        raise KeyringError(KEYRING_UNSET, f"XINQIAO_KEYRING knows {', '.join(PROVIDERS)}, not {name!r}")
    try:
        provider: Provider = import_module(f"{__name__}.{PROVIDERS[name]}")
    except ModuleNotFoundError as error:
        raise KeyringError(
            KEYRING_UNSET, f"{error.name} is missing: uv sync --frozen --no-dev --inexact --extra {name}"
        ) from None
    return provider


def _deployment(name: str) -> UUID:
    """The id that everything sealed is bound to: the setting's, else that of a key file used beside. A key file has its own."""
    if name == "file":
        return UNASKED
    if settings.XINQIAO_DEPLOYMENT:
        return _stated()
    if "file" in _named():
        return _provider("file").open_ring(UNASKED).deployment
    raise KeyringError(KEYRING_UNSET, f"set XINQIAO_DEPLOYMENT once and for ever; for a new deployment to {uuid4()}")


def _stated() -> UUID:
    try:
        return UUID(settings.XINQIAO_DEPLOYMENT)
    except ValueError:
        raise KeyringError(KEYRING_UNSET, "XINQIAO_DEPLOYMENT is not a UUID") from None
