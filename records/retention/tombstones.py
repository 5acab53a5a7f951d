"""What was destroyed, remembered outside the database: a signed file beside `ledger.head` that only grows.

A backup from before a shred brings the wrapped key and the ciphertext back. Whoever starts to serve therefore replays this file first,
and does not start when that fails.
"""

from __future__ import annotations

import fcntl
import json
import os
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import msgspec

from records.ledger import notes, signing
from records.ledger.chains import now_ms

if TYPE_CHECKING:
    from pathlib import Path

    from records.retention.models import Tombstone

HEADER: Final = "xinqiao tombstone v1"
NO_LEAF: Final = 0


class TombstonesBroken(Exception):
    """The file is damaged, or what it names cannot be destroyed again: nothing may be served before somebody looked at it."""


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One destroyed key. `seq`: of its leaf in the chain of retention, NO_LEAF where nothing of it was in the ledger yet; `at`: ms since
    epoch."""

    at: int
    key: UUID
    scope: UUID
    seq: int


def path() -> Path:
    return signing.path().with_name("tombstones.log")


def remember(stone: Tombstone) -> None:
    """Add a tombstone; synced when this returns. One that stands there already is not written twice."""
    _add(Line(stone.at, stone.key_id, stone.scope, stone.seq))


def remember_withdrawn(key: UUID, scope: UUID) -> None:
    """Add a key that goes because somebody took their consent back, before what it sealed was in the ledger. As `remember`."""
    _add(Line(now_ms(), key, scope, NO_LEAF))


def _add(line: Line) -> None:
    descriptor = os.open(path(), os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if str(line.key).encode() in file.read():
            return
        file.write(_signed(line))
        file.flush()
        os.fsync(file.fileno())


def read() -> list[Line]:
    """Every line, its signature checked. Raises TombstonesBroken."""
    if not path().exists():
        return []
    try:
        return [_opened(line) for line in path().read_text().splitlines()]
    except (ValueError, UnicodeDecodeError) as error:
        raise TombstonesBroken(f"{path()} is damaged or not of this log: {error}") from None


def _signed(line: Line) -> bytes:
    text = f"{HEADER}\n{msgspec.json.encode(line).decode()}\n"
    return json.dumps(signing.signer().note(text), ensure_ascii=False).encode() + b"\n"


def _opened(line: str) -> Line:
    note: Any = json.loads(line)
    header, body, _ = notes.verify(str(note), [signing.verifier()]).split("\n", 2)
    if header != HEADER:
        raise ValueError("a line is not a tombstone")
    return msgspec.json.decode(body, type=Line)
