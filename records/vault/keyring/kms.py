"""Key-encrypting keys in AWS KMS, which never leave there.

KMS hides the versions of a key: its own rotation changes what is behind an id and nobody outside can tell, nor ask for old material to go.
So a version here is a KMS key of its own: XINQIAO_KMS_KEYS lists their ARNs, the first is version 1, the last is current. To rotate, make
another key, append it, restart every process and run `rotate_keys`. A place in the list is never given away: a retired key's ARN stays.
"""

from __future__ import annotations

import base64
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from records.vault.errors import KEK_ELSEWHERE, KEK_UNKNOWN, KEYRING_AWAY, KEYRING_UNSET, KeyringError, SealBroken
from records.vault.keyring.wrapped import Wrapped, bound_elsewhere

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

KEY_ID: Final = "kms"
DAYS: Final = 7  # the least that KMS waits before it destroys a key; it is disabled at once
BROKEN: Final = {"InvalidCiphertextException"}
UNKNOWN: Final = {"NotFoundException", "IncorrectKeyException", "DisabledException", "KMSInvalidStateException"}


class KmsKeyring:
    """Region, credentials and endpoint are boto3's: AWS_REGION, a role or a profile, AWS_ENDPOINT_URL_KMS."""

    def __init__(self, deployment: UUID, keys: Sequence[str]) -> None:
        self.deployment = deployment
        self._keys = dict(enumerate(keys, 1))
        limits = Config(connect_timeout=3, read_timeout=5, retries={"max_attempts": 2})
        with _translated():
            self._client: Any = boto3.client("kms", config=limits)

    def key_id(self) -> str:
        return KEY_ID

    def current_version(self) -> int:
        return max(self._keys)

    def versions(self) -> dict[int, int]:
        described = {number: self._described(key) for number, key in self._keys.items()}
        return {number: int(key["CreationDate"].timestamp() * 1000) for number, key in described.items() if key["Enabled"]}

    def wrap(self, secret: bytes, context: bytes) -> Wrapped:
        version = self.current_version()
        with _translated():
            made = self._client.encrypt(KeyId=self._keys[version], Plaintext=secret, EncryptionContext=_bound(context))
        return Wrapped(made["CiphertextBlob"], KEY_ID, version)

    def unwrap(self, wrapped: Wrapped, context: bytes) -> bytes:
        key = self._keys.get(wrapped.kek_version)
        if wrapped.kek_id != KEY_ID or key is None:
            raise KeyringError(KEK_UNKNOWN, f"{wrapped.kek_id} version {wrapped.kek_version}")
        with _translated():
            opened = self._client.decrypt(KeyId=key, CiphertextBlob=wrapped.blob, EncryptionContext=_bound(context))
        secret: bytes = opened["Plaintext"]
        return secret

    def rewrap(self, wrapped: Wrapped, context: bytes) -> Wrapped:
        return self.wrap(self.unwrap(wrapped, context), context)

    def rotate(self) -> int:
        raise KeyringError(KEK_ELSEWHERE, "make another KMS key, append its ARN to XINQIAO_KMS_KEYS, restart, run rotate_keys")

    def retire(self, version: int) -> None:
        if version == self.current_version() or version not in self._keys:
            raise KeyringError(KEK_UNKNOWN, f"version {version} is the current one or not in XINQIAO_KMS_KEYS")
        with _translated():
            self._client.schedule_key_deletion(KeyId=self._described(self._keys[version])["KeyId"], PendingWindowInDays=DAYS)

    def _described(self, key: str) -> dict[str, Any]:
        with _translated():
            described: dict[str, Any] = self._client.describe_key(KeyId=key)["KeyMetadata"]
        return described


def open_ring(deployment: UUID) -> KmsKeyring:
    if not settings.XINQIAO_KMS_KEYS:
        raise KeyringError(KEYRING_UNSET, "XINQIAO_KMS_KEYS must be set")
    return KmsKeyring(deployment, settings.XINQIAO_KMS_KEYS)


def make(deployment: UUID) -> None:
    """KMS keys are made with the account's own tools; this sees that they are there."""
    open_ring(deployment).versions()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in BROKEN:
            raise SealBroken from None
        raise KeyringError(KEK_UNKNOWN if code in UNKNOWN else KEYRING_AWAY, f"KMS: {code}") from None
    except BotoCoreError as error:
        raise KeyringError(KEYRING_AWAY, f"KMS: {type(error).__name__}") from None


def _bound(context: bytes) -> dict[str, str]:
    return {"xinqiao": base64.b64encode(bound_elsewhere(context, KEY_ID)).decode()}
