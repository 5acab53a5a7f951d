"""Sealing and opening one blob: a suite byte, then that suite's ciphertext."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from django.conf import settings

from records.vault import keyring
from records.vault.context import Context, encode
from records.vault.errors import KEK_UNKNOWN, KeyringError, SealBroken
from records.vault.opened import BlobKey
from records.vault.reader import ChunkedReader
from records.vault.suites import NAMES, OWN, SUITES, suite_of

if TYPE_CHECKING:
    from typing import BinaryIO
    from uuid import UUID

    from records.vault.opened import OpenKey

log = structlog.get_logger(__name__)

# What is sealed from now on; whatever was sealed before opens with its own suite.
CURRENT = OWN[NAMES[settings.XINQIAO_SUITE]]
_suite = SUITES[CURRENT]


def seal(key: OpenKey, context: Context, plaintext: bytes) -> bytes:
    """Return the sealed blob, 73 bytes longer than a plaintext of less than 16 KiB. It opens only with the same key and context."""
    bound = encode(context, suite=CURRENT, deployment=_deployment(), epoch=key.epoch)
    return CURRENT + _suite.encrypt(key.secret, bound, plaintext)


def unseal(key: OpenKey, context: Context, blob: bytes) -> bytes:
    """Return what was sealed. Raises SealBroken for another key or context, any changed byte, and an unknown suite."""
    try:
        suite = suite_of(blob)
        bound = encode(context, suite=blob[:1], deployment=_deployment(), epoch=key.epoch)
        return suite.decrypt(key.secret, bound, blob[1:])
    except SealBroken:
        _alarm(key, context)
        raise


def unseal_part(key: OpenKey, context: Context, file: BinaryIO, start: int, end: int) -> tuple[bytes, int]:
    """Return the clear bytes from `start` to `end` of the blob in `file`, and the length of the whole, both proven. Raises SealBroken."""
    try:
        mark = file.read(1)
        suite = suite_of(mark)
        bound = encode(context, suite=mark, deployment=_deployment(), epoch=key.epoch)
        reader = ChunkedReader(file, suite.construction, suite.key(key.secret, bound), bound, start=1)
        return reader.read(start, end - start), reader.size
    except SealBroken:
        _alarm(key, context)
        raise


def blob_key(key: OpenKey, context: Context, blob: bytes) -> BlobKey | None:
    """What opens this blob and no other, to be handed out; None for one sealed under the data key itself. Raises SealBroken."""
    bound = encode(context, suite=blob[:1], deployment=_deployment(), epoch=key.epoch)
    secret = suite_of(blob).key(key.secret, bound)
    return None if secret == key.secret else BlobKey(key.epoch, secret)


def _alarm(key: OpenKey, context: Context) -> None:
    """Without the traceback: a renderer may show local variables, and one of them is the key."""
    log.critical("seal_broken", kind=context.kind, scope=str(context.scope), seq=context.seq, key=str(key.id))


def unlock() -> None:
    """Open the keyring and see that its current version is there, so that a server without usable keys fails at its start.

    In the embedded deployment the first start makes the key file. Raises KeyringError.
    """
    ring = keyring.current()
    if ring.current_version() not in ring.versions():
        raise KeyringError(KEK_UNKNOWN, f"{ring.key_id()} version {ring.current_version()}")


def create_keys() -> None:
    """Make the key file of a new deployment, unless there is one. Raises KeyringError when it then cannot be used."""
    keyring.create()


def deployment() -> UUID:
    """The id of this hospital's deployment; kept with the keys, because everything sealed is bound to it."""
    return keyring.current().deployment


def _deployment() -> bytes:
    return keyring.current().deployment.bytes
