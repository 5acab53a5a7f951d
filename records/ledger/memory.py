"""What this server last signed, remembered outside the database: a database rolled back to an older state is noticed.

Without it, a restored backup would be extended with other leaves, and the log would have signed two histories. The file is
written at most every few seconds and after the commit, so it is never ahead of the database in good order.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from records.ledger import checkpoints, signing, tree
from records.ledger.notes import NoteError
from records.vault import private_files

if TYPE_CHECKING:
    from pathlib import Path

    from records.ledger.models import Checkpoint

EVERY_S: Final = 5.0


class LogForked(Exception):
    """The database does not continue what was signed before: it was restored from a backup, or altered.

    To go on after a restore, the operator moves the file away, which is a decision to be recorded (docs/evidence.md).
    """


class Memory:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._next = 0.0
        self._size = -1

    def check(self) -> None:
        """Raises LogForked when the stored tree does not contain the tree remembered here."""
        if not self._path.exists():
            return
        text, _ = private_files.read(self._path)
        try:
            known = checkpoints.verify(text.decode(), [signing.verifier()], signing.origin())
        except (NoteError, UnicodeDecodeError) as error:
            raise LogForked(f"{self._path} is not a checkpoint of this log: {error}") from None
        newest = tree.latest()
        size = newest.size if newest else 0
        if size < known.size:
            raise LogForked(f"the database ends at {size} leaves, but {known.size} were signed")
        if known.size and tree.Reader(size).subtree(0, known.size) != known.root:
            raise LogForked(f"the first {known.size} leaves are not those that were signed")

    @property
    def due(self) -> bool:
        return time.monotonic() >= self._next

    def remember(self, newest: Checkpoint | None) -> None:
        """Keep the newest checkpoint."""
        self._next = time.monotonic() + EVERY_S
        if newest is None or newest.size == self._size:
            return
        private_files.replace(self._path, newest.note.encode())
        self._size = newest.size
