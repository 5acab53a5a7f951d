"""Key-encrypting keys in a PKCS#11 module (a hardware security module, or SoftHSM): made there, and not to be extracted.

Each version is an AES-256 secret key object with the label LABEL whose CKA_ID is its number (4 bytes, big-endian) and the time
it was made (8 bytes, ms since epoch). A data key is wrapped by CKM_AES_GCM under a random nonce, bound to its row and version:

    nonce (12) || ciphertext and tag
"""

from __future__ import annotations

import secrets
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import pkcs11
from django.conf import settings
from pkcs11 import Attribute, GCMParams, KeyType, Mechanism, ObjectClass
from pkcs11.exceptions import (
    DataInvalid,
    DeviceRemoved,
    EncryptedDataInvalid,
    EncryptedDataLenRange,
    GeneralError,
    PKCS11Error,
    SessionClosed,
    SessionHandleInvalid,
    UserAlreadyLoggedIn,
)

from records.vault import private_files
from records.vault.context import field as length_prefixed
from records.vault.errors import KEK_UNKNOWN, KEYRING_AWAY, KEYRING_UNSET, KeyringError, SealBroken
from records.vault.keyring.wrapped import Wrapped, bound_elsewhere

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

LABEL: Final = "xinqiao-kek"
NONCE: Final = 12
BITS: Final = 256
T = TypeVar("T")
GONE: Final = (SessionHandleInvalid, SessionClosed, DeviceRemoved)
BROKEN: Final = (EncryptedDataInvalid, EncryptedDataLenRange, DataInvalid, GeneralError)


class Stored(NamedTuple):
    """One key object: its version, since when (ms), and the handle."""

    version: int
    since: int
    key: Any


class Pkcs11Keyring:
    """One session, one operation at a time. A session that a module closed (restart, removed card) is opened again."""

    def __init__(self, deployment: UUID) -> None:
        self.deployment = deployment
        self._lock = threading.Lock()
        self._session: Any = None

    def key_id(self) -> str:
        return f"pkcs11-{settings.XINQIAO_PKCS11_TOKEN}"[:64]

    def current_version(self) -> int:
        return self._run(_newest).version

    def versions(self) -> dict[int, int]:
        return self._run(lambda session: {stored.version: stored.since for stored in reversed(_stored(session))})

    def wrap(self, secret: bytes, context: bytes) -> Wrapped:
        def work(session: Any) -> Wrapped:
            newest, nonce = _newest(session), secrets.token_bytes(NONCE)
            blob = newest.key.encrypt(
                secret, mechanism=Mechanism.AES_GCM, mechanism_param=self._gcm(nonce, context, newest.version)
            )
            return Wrapped(nonce + blob, self.key_id(), newest.version)

        return self._run(work)

    def unwrap(self, wrapped: Wrapped, context: bytes) -> bytes:
        blob, name, version = wrapped

        def work(session: Any) -> bytes:
            found = [stored for stored in _stored(session) if stored.version == version]
            if name != self.key_id() or not found:
                raise KeyringError(KEK_UNKNOWN, f"{name} version {version}")
            params = self._gcm(blob[:NONCE], context, version)
            return _first_that_opens(found, blob[NONCE:], params)

        return self._run(work)

    def rewrap(self, wrapped: Wrapped, context: bytes) -> Wrapped:
        return self.wrap(self.unwrap(wrapped, context), context)

    def rotate(self) -> int:
        return self._run(
            lambda session: _generate(session, max((stored.version for stored in _stored(session)), default=0) + 1)
        )

    def retire(self, version: int) -> None:
        def work(session: Any) -> None:
            found = [stored for stored in _stored(session) if stored.version == version]
            if not found or version == _newest(session).version:
                raise KeyringError(KEK_UNKNOWN, f"version {version} is the current one or not in the token")
            for stored in found:
                stored.key.destroy()

        self._run(work)

    def make(self) -> None:
        """Make the first version, unless there is one."""
        self._run(lambda session: None if _stored(session) else _generate(session, 1))

    def _gcm(self, nonce: bytes, context: bytes, version: int) -> GCMParams:
        bound = bound_elsewhere(context, self.key_id()) + length_prefixed(version.to_bytes(4, "big"))
        return GCMParams(nonce, bound, 128)

    def _run(self, work: Callable[[Any], T]) -> T:
        with self._lock, _translated():
            try:
                return work(self._opened())
            except GONE:
                self._session = None
                return work(self._opened())

    def _opened(self) -> Any:
        if self._session is None:
            pin, _ = private_files.read(Path(settings.XINQIAO_PKCS11_PIN_FILE))
            token = pkcs11.lib(settings.XINQIAO_PKCS11_MODULE).get_token(token_label=settings.XINQIAO_PKCS11_TOKEN)
            try:
                self._session = token.open(rw=True, user_pin=pin.decode().strip())
            except UserAlreadyLoggedIn:  # a process signs in once, for all its sessions
                self._session = token.open(rw=True)
        return self._session


def open_ring(deployment: UUID) -> Pkcs11Keyring:
    if not (settings.XINQIAO_PKCS11_MODULE and settings.XINQIAO_PKCS11_TOKEN and settings.XINQIAO_PKCS11_PIN_FILE):
        raise KeyringError(KEYRING_UNSET, "XINQIAO_PKCS11_MODULE, _TOKEN and _PIN_FILE must be set")
    return Pkcs11Keyring(deployment)


def make(deployment: UUID) -> None:
    open_ring(deployment).make()


def _stored(session: Any) -> list[Stored]:
    """Newest version first; of one version that two processes made at once, the older key first."""
    wanted = {Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.LABEL: LABEL}
    found = [
        Stored(int.from_bytes(key.id[:4], "big"), int.from_bytes(key.id[4:], "big"), key) for key in session.get_objects(wanted)
    ]
    return sorted(found, key=lambda stored: (-stored.version, stored.since))


def _newest(session: Any) -> Stored:
    stored = _stored(session)
    if not stored:
        raise KeyringError(KEK_UNKNOWN, f"no key {LABEL} in the token: run rotate_keys --create")
    return stored[0]


def _generate(session: Any, version: int) -> int:
    id_ = version.to_bytes(4, "big") + (time.time_ns() // 1_000_000).to_bytes(8, "big")
    kept = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}
    session.generate_key(KeyType.AES, BITS, id=id_, label=LABEL, store=True, template=kept)
    return version


def _first_that_opens(found: list[Stored], blob: bytes, params: GCMParams) -> bytes:
    for stored in found:
        try:
            return bytes(stored.key.decrypt(blob, mechanism=Mechanism.AES_GCM, mechanism_param=params))
        except BROKEN:
            if not _works(stored.key):
                raise
    raise SealBroken


def _works(key: Any) -> bool:
    """Whether the module is well: some (SoftHSM) answer a wrong tag with the same general error as a fault of their own."""
    params = GCMParams(secrets.token_bytes(NONCE), b"", 128)
    sealed = key.encrypt(bytes(NONCE), mechanism=Mechanism.AES_GCM, mechanism_param=params)
    return bytes(key.decrypt(sealed, mechanism=Mechanism.AES_GCM, mechanism_param=params)) == bytes(NONCE)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except PKCS11Error as error:
        raise KeyringError(KEYRING_AWAY, f"PKCS#11: {type(error).__name__}") from None
