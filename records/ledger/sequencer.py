"""Gives every committed leaf its place in the tree and signs the tree: one sequencer at a time, at least once a second.

Everything one batch writes (places, tiles, checkpoint, the emptied outbox rows) commits together, and the checkpoint's size is its
key. So a kill at any moment leaves the last batch whole or not begun, and two sequencers cannot both extend one tree: the second
finds another size than it hashed for and starts again. A checkpoint signed but not committed was never shown to anybody.

Nothing is signed on trust: each leaf is hashed again from what the database holds now, its columns must agree with its
canonical bytes, and its link must be the hash of its predecessor, which must be in the tree. A leaf that fails is refused
together with the rest of its chain, with an alarm every minute; other chains go on.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

import structlog
from django.db import DatabaseError, connection, transaction

from records.ledger import checkpoints, signing, tree
from records.ledger.chains import now_ms
from records.ledger.inspection import Inspector
from records.ledger.memory import Memory
from records.ledger.notes import NoteError
from records.ledger.outbox import outbox
from records.ledger.tree import Edge, FullTile, TreeBroken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from records.ledger.findings import Finding
    from records.ledger.inspection import LeafRow
    from records.ledger.models import Checkpoint

log = structlog.get_logger(__name__)

BATCH: Final = 1024  # leaves; keeps the write transaction under about 10 ms on SQLite
PERIOD_S: Final = 0.25  # a pass costs the same for one leaf as for a hundred
ALARM_S: Final = 60.0


class Step(NamedTuple):
    """What one batch did."""

    sequenced: int
    refused: tuple[Finding, ...]


class Sequencer:
    """One worker. Keeps the edge of the tree between batches, and which chains it has refused."""

    def __init__(self, batch: int = BATCH) -> None:
        self._batch = batch
        self._edge: Edge | None = None
        self._outbox = outbox()
        self.refused: dict[str, Finding] = {}

    def step(self) -> Step:
        """Sequence one batch. Raises TreeBroken, KeyringError, DatabaseError; then nothing was written."""
        with self._exclusive() as mine:
            if not mine:
                return Step(0, ())
            edge = self._current_edge()
            rows = self._outbox.pending(self._batch, self.refused)
            good, findings = self._inspect(rows)
            if good:
                self._extend(edge, good)
            return Step(len(good), tuple(findings))

    def drain(self) -> int:
        """Sequence until the outbox holds only what is refused; return how many leaves got their place."""
        total = 0
        while True:
            done = self.step()
            total += done.sequenced
            if done.sequenced + len(done.refused) == 0:
                return total

    @contextmanager
    def _exclusive(self) -> Iterator[bool]:
        """Yield whether this is the one sequencer now.

        On SQLite reading and hashing stay outside the write transaction, which would stop every other writer; the size of
        the tree is compared again inside.
        """
        if connection.vendor != "postgresql":
            yield True
            return
        with transaction.atomic():
            yield self._outbox.try_lock()

    def _current_edge(self) -> Edge:
        newest = tree.latest()
        size = newest.size if newest else 0
        if self._edge is None or self._edge.size != size:
            self._edge = _verified_edge(newest)
        return self._edge

    def _inspect(self, rows: list[LeafRow]) -> tuple[list[LeafRow], list[Finding]]:
        inspector = Inspector(self._outbox.sequenced_before(_firsts(rows)))
        good = [row for row in rows if inspector.admit(row)]
        for finding in inspector.findings:
            self.refused[str(finding.chain)] = finding
            log.critical("ledger_leaf_refused", chain=finding.chain, seq=finding.seq, leaf=finding.leaf, reason=finding.en)
        return good, inspector.findings

    def _extend(self, edge: Edge, rows: list[LeafRow]) -> None:
        grown, tiles = edge.copy(), list[FullTile]()
        for row in rows:
            grown.append(row.hash, tiles)
        root = grown.root()
        note = checkpoints.sign(grown.size, root, signing.signer())
        with transaction.atomic():
            newest = tree.latest()
            if (newest.size if newest else 0) != edge.size:
                self._edge = None
                raise DatabaseError("another sequencer extended the tree")
            self._outbox.place(edge.size, [row.id for row in rows])
            self._outbox.add_tiles(tiles)
            self._outbox.add_checkpoint(grown.size, root, note, now_ms())
        self._edge = grown


def run_forever(stop: threading.Event, period_s: float = PERIOD_S) -> None:
    """Sequence until `stop` is set. Survives a lost database; ends by raising when the tree or the keys are not to be trusted."""
    memory = Memory(signing.path().with_name("ledger.head"))
    memory.check()
    sequencer, alarm_at = Sequencer(), time.monotonic() + ALARM_S
    try:
        while not stop.is_set():
            done = _work(sequencer)
            if memory.due:
                _remember(memory)
            if done < BATCH:  # what came meanwhile waits for the next pass
                stop.wait(period_s)
            if time.monotonic() >= alarm_at:
                sequencer.refused.clear()  # looked at again, and alarmed again, until somebody repairs it
                alarm_at = time.monotonic() + ALARM_S
    finally:
        connection.close()


def _work(sequencer: Sequencer) -> int:
    """Sequence one batch; return its size, 0 when there was nothing to do or the database was away."""
    try:
        return sequencer.step().sequenced
    except DatabaseError as error:
        log.warning("ledger_sequencer_waits", error=type(error).__name__)
        connection.close()
        return 0


def _remember(memory: Memory) -> None:
    """A full disk is no reason to stop signing: what is remembered late is only noticed less early."""
    try:
        memory.remember(tree.latest())
    except DatabaseError as error:
        log.warning("ledger_sequencer_waits", error=type(error).__name__)
        connection.close()
    except OSError as error:
        log.warning("ledger_head_not_remembered", reason=error.strerror)


def _firsts(rows: list[LeafRow]) -> list[tuple[str, int]]:
    """The first waiting (chain, seq) of each chain, where it has a predecessor."""
    firsts: dict[str, int] = {}
    for row in rows:
        firsts.setdefault(row.chain, row.seq)
    return [(chain, seq) for chain, seq in firsts.items() if seq > 1]


def _verified_edge(newest: Checkpoint | None) -> Edge:
    """Read the tree's edge and make sure that it is the tree last signed with this key. Raises TreeBroken."""
    if newest is None:
        return Edge()
    try:
        signed = checkpoints.verify(newest.note, [signing.verifier()], signing.origin())
    except NoteError as error:
        raise TreeBroken(f"checkpoint {newest.size}: {error}") from None
    edge = tree.load(newest.size)
    if (signed.size, signed.root) != (newest.size, bytes(newest.root)) or edge.root() != signed.root:
        raise TreeBroken(f"the stored tree is not the one signed as checkpoint {newest.size}")
    return edge
