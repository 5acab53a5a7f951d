"""What was destroyed, remembered outside the database: a signed file beside `ledger.head` that only grows.

A backup from before a shred brings the wrapped key and the ciphertext back. Whoever starts to serve therefore replays this file first,
and does not start when that fails. A line is written when its destruction is committed, and before anybody is told of it; what a crash
between the two left out is written from the database at the next start, and every night.
"""

from __future__ import annotations

import fcntl
import json
import os
from typing import TYPE_CHECKING, Any, BinaryIO, Final
from uuid import UUID

import msgspec
import structlog

from records.ledger import notes, signing
from records.ledger.chains import now_ms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from records.retention.models import Tombstone

HEADER: Final = "xinqiao tombstone v1"
NO_LEAF: Final = 0
LONGEST_LINE: Final = 65_536  # a note has at most a quarter of that

log = structlog.get_logger(__name__)


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


def line_of(stone: Tombstone) -> Line:
    return Line(stone.at, stone.key_id, stone.scope, stone.seq)


def withdrawn(key: UUID, scope: UUID) -> Line:
    """Of a key that goes because somebody took their consent back, before what it sealed was in the ledger."""
    return Line(now_ms(), key, scope, NO_LEAF)


def remember(lines: Sequence[Line]) -> None:
    """Add what is destroyed; synced when this returns. After the commit: a line says what is so, and outlives no rollback."""
    descriptor = os.open(path(), os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(_whole(file))
        file.write(b"".join(_signed(line) for line in lines))
        file.flush()
        os.fsync(file.fileno())


def _whole(file: BinaryIO) -> int:
    """Where the last line ends, in bytes. What a full disk or a power cut left behind it, nobody was told of."""
    size = file.seek(0, os.SEEK_END)
    begin = file.seek(max(0, size - LONGEST_LINE))
    end = file.read().rfind(b"\n") + 1
    if end == 0 and begin > 0:
        raise TombstonesBroken(f"{path()} does not end in a line")
    return begin + end


def read() -> list[Line]:
    """Every line, its signature checked; an unfinished last one is none. Raises TombstonesBroken."""
    if not path().exists():
        return []
    whole, _, unfinished = path().read_bytes().rpartition(b"\n")
    if unfinished:
        log.warning("tombstones.unfinished", bytes=len(unfinished))
    try:
        return [_opened(line) for line in whole.decode().splitlines()]
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
