"""The ledger's own signing key: one line in a file of mode 0600, in the form that Go's sumdb/note tools read.

    PRIVATE+KEY+<name>+<key id>+base64(0x01 || seed)

The name is the log's origin, `xinqiao.<deployment>/ledger`. Receipts are signed with the same key; their text begins with
another line than a checkpoint's, so neither can be taken for the other.
"""

from __future__ import annotations

import secrets
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from records import vault
from records.ledger.notes import ED25519, SEED_BYTES, NoteError, Signer, parse_signer, private_key
from records.vault import private_files
from records.vault.errors import KEY_FILE_BAD

if TYPE_CHECKING:
    from records.ledger.notes import Verifier

_lock = threading.Lock()
_opened: list[Signer] = []


def path() -> Path:
    """XINQIAO_LEDGER_KEYFILE, or `ledger.key` beside the key-encrypting keys."""
    configured = getattr(settings, "XINQIAO_LEDGER_KEYFILE", None)
    return Path(configured) if configured else Path(settings.XINQIAO_KEYFILE).with_name("ledger.key")


def origin() -> str:
    return f"xinqiao.{vault.deployment()}/ledger"


def signer() -> Signer:
    """Return this process's signer. Raises KeyringError; in the embedded deployment the first use makes the key."""
    if _opened:
        return _opened[0]
    with _lock:
        if not _opened:
            if settings.EMBEDDED and not path().exists():
                create()
            _opened.append(_read(path()))
        return _opened[0]


def verifier() -> Verifier:
    return signer().verifier


def create() -> None:
    """Make the key file, unless there is one."""
    seed = secrets.token_bytes(SEED_BYTES)
    private_files.create(path(), private_key(origin(), seed, ED25519).encode())


def close() -> None:
    """Forget the opened key; the next use reads it again."""
    with _lock:
        _opened.clear()


def _read(file: Path) -> Signer:
    text, _ = private_files.read(file)
    try:
        found = parse_signer(text.decode("ascii"))
    except (NoteError, UnicodeDecodeError):
        # Never chain the cause: it may quote the seed.
        raise vault.KeyringError(KEY_FILE_BAD, str(file)) from None
    if (found.verifier.name, found.verifier.algorithm) != (origin(), ED25519):
        raise vault.KeyringError(KEY_FILE_BAD, f"{file} is not the key of {origin()}")
    return found
