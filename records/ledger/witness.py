"""A witness: remembers the largest tree that it saw of each log, and signs only what continues it (c2sp.org/tlog-witness).

It has a key and a directory of its own, and touches neither the log's database nor the vault: it is to run on another machine, under
another person's account. What it remembers is on disk before its signature leaves; who cuts or rewrites the log's history
needs this directory too.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import threading
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from records.ledger import checkpoints, merkle, notes
from records.ledger.checkpoints import Checkpoint
from records.ledger.notes import NoteError
from records.vault import private_files

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from records.ledger.notes import Signer, Verifier

MAX_PROOF: Final = 63
MAX_BODY: Final = notes.MAX_NOTE_BYTES + 4096  # a note, 63 hashes in base64, the old size
OLD: Final = re.compile(r"old (0|[1-9][0-9]{0,17})", re.ASCII)
SIZE_TYPE: Final = "text/x.tlog.size"
NOTHING: Final = Checkpoint("", 0, merkle.EMPTY_ROOT)


class RefusedCheckpoint(Exception):
    """The checkpoint was not cosigned; `status` and `body` are the HTTP answer that the specification asks for."""

    def __init__(self, status: int, reason: str, size: int | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.size = size  # of the latest cosigned checkpoint, where that is what the asker must know

    @property
    def body(self) -> str:
        return f"{self}\n" if self.size is None else f"{self.size}\n"


class Submission(NamedTuple):
    """A parsed request. `note` is the checkpoint with its signatures, `text` without."""

    old: int
    proof: list[bytes]
    note: str
    text: str
    claimed: Checkpoint


class StateBroken(Exception):
    """What the witness remembers cannot be read, or is in use: it must not sign."""


class Witness:
    """Holds the state directory for itself until `close`. Raises StateBroken."""

    def __init__(self, signer: Signer, state: Path, logs: Sequence[Verifier], clock: Callable[[], float] = time.time) -> None:
        self.signer = signer
        self._state = state
        self._logs = {log.name: log for log in logs}
        self._clock = clock
        self._lock = threading.Lock()
        self._descriptor = _hold(state)
        self.known = {log.name: self._read(log) for log in logs}

    def add_checkpoint(self, body: bytes) -> str:
        """Cosign a checkpoint that continues what is known of its log; return the signature line. Raises RefusedCheckpoint."""
        asked = _parse(body)
        log = self._logs.get(asked.claimed.origin)
        if log is None:
            raise RefusedCheckpoint(404, "the log is unknown here")
        try:
            new = checkpoints.verify(asked.note, [log], log.name)
        except NoteError as error:
            raise RefusedCheckpoint(403, str(error)) from None
        if asked.old > new.size:
            raise RefusedCheckpoint(400, "the old size is above the checkpoint's")
        with self._lock:
            _require_continues(self.known[log.name], new, asked)
            line = self.signer.cosign(asked.text, int(self._clock()))
            private_files.replace(self._file(log.name), (log_note(asked.note, log) + line).encode())
            self.known[log.name] = new
        return line

    def latest(self, name: str) -> str | None:
        """The last note cosigned, by the hex of its origin's SHA-256; None for an unknown log and for one never seen."""
        file = self._state / f"{name}.checkpoint"
        ours = {self._file(log).name for log in self._logs}
        return private_files.read(file)[0].decode() if file.name in ours and file.exists() else None

    def close(self) -> None:
        os.close(self._descriptor)

    def _file(self, origin: str) -> Path:
        return self._state / f"{origin_id(origin)}.checkpoint"

    def _read(self, log: Verifier) -> Checkpoint:
        file = self._file(log.name)
        if not file.exists():
            return NOTHING
        try:
            return checkpoints.verify(private_files.read(file)[0].decode(), [log, self.signer.verifier], log.name)
        except (NoteError, UnicodeDecodeError) as error:
            raise StateBroken(f"{file} is not a checkpoint of {log.name}: {error}") from None


def origin_id(origin: str) -> str:
    """How an address names a log."""
    return hashlib.sha256(origin.encode()).hexdigest()


def log_note(note: str, log: Verifier) -> str:
    """The note with one signature of the log's own: strangers' lines are not passed on, nor is one that stands there twice."""
    text, signatures = notes.parse(note)
    own = next(one for one in signatures if (one.name, one.key_id) == (log.name, log.key_id))
    return f"{text}\n{own.line}"


def request_body(old: int, proof: Sequence[bytes], note: str) -> bytes:
    """What a log sends."""
    lines = [f"old {old}", *(notes.encode_base64(node) for node in proof)]
    return ("\n".join(lines) + "\n\n" + note).encode()


def _hold(state: Path) -> int:
    """Two witnesses on one state would each forget what the other signed."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(state / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise StateBroken(f"{state} is in use by another witness") from None
    return descriptor


def _parse(body: bytes) -> Submission:
    try:
        head, separator, note = body.decode().partition("\n\n")
        first, *hashes = head.split("\n")
        old = OLD.fullmatch(first)
        if not separator or old is None or len(hashes) > MAX_PROOF:
            raise RefusedCheckpoint(400, "not an old size, a proof and a checkpoint")
        text = notes.parse(note).text
        proof = [notes.canonical_base64(line) for line in hashes]
        return Submission(int(old[1]), proof, note, text, checkpoints.parse(text))
    except (NoteError, UnicodeDecodeError) as error:
        raise RefusedCheckpoint(400, str(error)) from None


def _require_continues(known: Checkpoint, new: Checkpoint, asked: Submission) -> None:
    if asked.old != known.size:
        raise RefusedCheckpoint(409, "another size was cosigned last", known.size)
    if new.size == known.size and new.root != known.root:
        raise RefusedCheckpoint(409, "another tree of this size was cosigned")
    if known.size == 0:
        if asked.proof:
            raise RefusedCheckpoint(422, "a first checkpoint needs no proof")
        return
    try:
        merkle.check_consistency(known.size, new.size, asked.proof, known.root, new.root)
    except merkle.ProofError as error:
        raise RefusedCheckpoint(422, str(error)) from None
