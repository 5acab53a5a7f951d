"""Signed tree heads in the C2SP checkpoint format (c2sp.org/tlog-checkpoint): origin, size, root. Pure."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from records.ledger import notes
from records.ledger.merkle import HASH_BYTES
from records.ledger.notes import NoteError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from records.ledger.notes import Signer, Verifier

LINES: Final = 3
SIZE: Final = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)  # below 2**63, no leading zero


class Checkpoint(NamedTuple):
    origin: str
    size: int
    root: bytes


def sign(size: int, root: bytes, signer: Signer) -> str:
    """Return the checkpoint as a signed note; the log's origin is the name of its key."""
    return signer.note(f"{signer.verifier.name}\n{size}\n{base64.b64encode(root).decode()}\n")


def verify(note: str, trusted: Sequence[Verifier], origin: str) -> Checkpoint:
    """Return what a trusted key signed about the log `origin`. Raises NoteError."""
    checkpoint = parse(notes.verify(note, trusted))
    if checkpoint.origin != origin:
        raise NoteError("the checkpoint is of another log")
    return checkpoint


def parse(text: str) -> Checkpoint:
    """Parse a note's text. Extension lines are refused: this log writes none, and no monitor could audit them."""
    lines = text.split("\n")
    if len(lines) != LINES + 1 or lines[-1] or not all(lines[:LINES]):
        raise NoteError("a checkpoint has exactly three lines")
    origin, size, encoded = lines[:LINES]
    if not SIZE.fullmatch(size):
        raise NoteError("malformed tree size")
    root = notes.canonical_base64(encoded)
    if len(root) != HASH_BYTES:
        raise NoteError("a root hash is 32 bytes")
    return Checkpoint(origin, int(size), root)
