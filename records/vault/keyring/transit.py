"""A key-encrypting key in HashiCorp Vault's transit engine (or OpenBao's): it never leaves there.

Its versions are Vault's own. A data key is bound to its row by `associated_data`, which needs an AEAD key type (aes256-gcm96) and
Vault 1.10; Vault's rewrap takes none, so wrapping again is a decryption and an encryption.
"""

from __future__ import annotations

import base64
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import hvac
from django.conf import settings
from hvac.exceptions import Forbidden, InvalidPath, InvalidRequest, VaultError
from requests.exceptions import RequestException

from records.vault import private_files
from records.vault.errors import KEK_ELSEWHERE, KEK_UNKNOWN, KEYRING_AWAY, KEYRING_UNSET, KeyringError, SealBroken
from records.vault.keyring.wrapped import Wrapped, bound_elsewhere

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

SECONDS: Final = 5
KEY_TYPE: Final = "aes256-gcm96"


class TransitKeyring:
    """The token is read from its file again when Vault no longer takes it: Vault Agent renews it there."""

    def __init__(self, deployment: UUID) -> None:
        self.deployment = deployment
        self._mount, self._name = settings.XINQIAO_VAULT_MOUNT, settings.XINQIAO_VAULT_KEY
        self._local = threading.local()  # a client holds a connection, which one thread uses at a time

    def key_id(self) -> str:
        return f"vault-{self._name}"

    def current_version(self) -> int:
        return int(self._described()["latest_version"])

    def versions(self) -> dict[int, int]:
        described = self._described()
        least = int(described["min_decryption_version"])
        return {int(number): int(since) * 1000 for number, since in described["keys"].items() if int(number) >= least}

    def wrap(self, secret: bytes, context: bytes) -> Wrapped:
        body = self._call("encrypt_data", plaintext=_text(secret), associated_data=self._bound(context))
        blob = str(body["data"]["ciphertext"])
        return Wrapped(blob.encode(), self.key_id(), _version_of(blob))

    def unwrap(self, wrapped: Wrapped, context: bytes) -> bytes:
        if wrapped.kek_id != self.key_id():
            raise KeyringError(KEK_UNKNOWN, f"{wrapped.kek_id} version {wrapped.kek_version}")
        blob = wrapped.blob.decode("ascii", "replace")
        if _version_of(blob) != wrapped.kek_version:
            raise SealBroken
        body = self._call("decrypt_data", ciphertext=blob, associated_data=self._bound(context))
        return base64.b64decode(body["data"]["plaintext"])

    def rewrap(self, wrapped: Wrapped, context: bytes) -> Wrapped:
        return self.wrap(self.unwrap(wrapped, context), context)

    def rotate(self) -> int:
        self._call("rotate_key")
        return self.current_version()

    def retire(self, version: int) -> None:
        """Vault destroys versions from the oldest on."""
        if version != min(self.versions()) or version == self.current_version():
            raise KeyringError(
                KEK_ELSEWHERE, f"version {version} is the current one, or there are older ones: retire them first"
            )
        # One after the other: hvac refuses both in one call unless the second is higher, which Vault does not ask.
        self._call("update_key_configuration", min_decryption_version=version + 1)
        self._call("update_key_configuration", min_encryption_version=version + 1)
        self._call("trim_key", min_version=version + 1)

    def make(self) -> None:
        """Make the key, unless there is one."""
        self._call("create_key", key_type=KEY_TYPE)

    def _described(self) -> dict[str, Any]:
        described: dict[str, Any] = self._call("read_key")["data"]
        return described

    def _bound(self, context: bytes) -> str:
        return _text(bound_elsewhere(context, self.key_id()))

    def _call(self, what: str, **words: Any) -> Any:
        with _translated():
            try:
                return getattr(self._transit(), what)(self._name, mount_point=self._mount, **words)
            except Forbidden:
                self._local.client = None
                return getattr(self._transit(), what)(self._name, mount_point=self._mount, **words)

    def _transit(self) -> Any:
        if getattr(self._local, "client", None) is None:
            token, _ = private_files.read(Path(settings.XINQIAO_VAULT_TOKEN_FILE))
            self._local.client = hvac.Client(settings.XINQIAO_VAULT_ADDRESS, token.decode().strip(), timeout=SECONDS)
        return self._local.client.secrets.transit


def open_ring(deployment: UUID) -> TransitKeyring:
    if not settings.XINQIAO_VAULT_ADDRESS or not settings.XINQIAO_VAULT_TOKEN_FILE:
        raise KeyringError(KEYRING_UNSET, "XINQIAO_VAULT_ADDRESS and XINQIAO_VAULT_TOKEN_FILE must be set")
    return TransitKeyring(deployment)


def make(deployment: UUID) -> None:
    open_ring(deployment).make()


@contextmanager
def _translated() -> Iterator[None]:
    """Of a refused decryption Vault says in words why; the words hold neither key nor content."""
    try:
        yield
    except InvalidPath:
        raise KeyringError(KEK_UNKNOWN, "Vault has no such key") from None
    except InvalidRequest as error:
        if "message authentication failed" in str(error):
            raise SealBroken from None
        raise KeyringError(KEK_UNKNOWN, f"Vault: {error}") from None
    except (VaultError, RequestException) as error:
        raise KeyringError(KEYRING_AWAY, f"Vault: {type(error).__name__}") from None


def _version_of(blob: str) -> int:
    """Of "vault:v3:..."; 0 for anything else."""
    mark, _, rest = blob.partition(":v")
    number = rest.partition(":")[0]
    return int(number) if mark == "vault" and number.isdecimal() else 0


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
