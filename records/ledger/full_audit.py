"""The whole ledger checked from one snapshot: chains, contents, tree, checkpoints. Memory grows with chains, not with leaves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection, transaction

from records.ledger import audit, contents
from records.ledger.findings import Finding
from records.ledger.inspection import Inspector, LeafRow
from records.ledger.leaves import EMPTY_HEAD
from records.ledger.merkle import Frontier
from records.ledger.models import Chain, Checkpoint, Tile
from records.ledger.outbox import outbox
from records.ledger.tree import Edge, FullTile

CHUNK: Final = 5000
MAX_FINDINGS: Final = 100  # the first is what matters; a ledger of which all is wrong must not fill the memory

_LEAVES: Final = """SELECT id, chain_id, seq, kind, at, data, hash FROM records_leaf WHERE id > %s ORDER BY id LIMIT %s"""
_PLACES: Final = """SELECT t."index", t.leaf_id, l.hash FROM records_treeentry t JOIN records_leaf l ON l.id = t.leaf_id
  WHERE t."index" >= %s ORDER BY t."index" LIMIT %s"""
_LOST: Final = """SELECT l.id, l.chain_id, l.seq, t.leaf_id IS NOT NULL FROM records_leaf l
  LEFT JOIN records_treeentry t ON t.leaf_id = l.id LEFT JOIN records_pendingleaf p ON p.leaf_id = l.id
  WHERE (t.leaf_id IS NULL) = (p.leaf_id IS NULL) ORDER BY l.id LIMIT %s"""


@dataclass(slots=True)
class Totals:
    """How much was checked, and how long it took. `unchecked`: contents that no app said where to find; `destroyed`: by right."""

    leaves: int = 0
    chains: int = 0
    contents: int = 0
    unchecked: int = 0
    destroyed: int = 0
    places: int = 0
    tiles: int = 0
    checkpoints: int = 0
    pending: int = 0
    chain_s: float = 0.0
    content_s: float = 0.0
    tree_s: float = 0.0
    findings: list[Finding] = field(default_factory=list)

    def note(self, *found: Finding) -> None:
        self.findings += found[: MAX_FINDINGS - len(self.findings)]


def check_all(*, with_contents: bool = True) -> Totals:
    """Check everything. The first finding is the first bad entry, in the order in which entries were written."""
    totals = Totals()
    with snapshot():
        _check_chains(totals, with_contents=with_contents)
        started = time.perf_counter()
        _check_places(totals)
        _check_lost(totals)
        totals.tree_s = time.perf_counter() - started
    totals.findings.sort(key=lambda found: (found.leaf is None, found.leaf or 0))
    return totals


@contextmanager
def snapshot() -> Iterator[None]:
    """One consistent view, without stopping writers: SQLite reads in a deferred transaction, PostgreSQL in a repeatable one."""
    if connection.in_atomic_block:
        yield
        return
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    with connection.cursor() as cursor:
        # Django's atomic() begins IMMEDIATE here, which would lock out every writer.
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _check_chains(totals: Totals, *, with_contents: bool) -> None:
    inspector, closed, began = Inspector(), _Closings(), time.perf_counter()
    for rows in _leaf_chunks():
        good = [row for row in rows if inspector.admit(row)]
        totals.leaves += len(rows)
        totals.note(*closed.watch(good))
        if with_contents:
            started = time.perf_counter()
            findings, compared, unknown, destroyed = audit.content_findings(good)
            totals.note(*findings)
            totals.contents, totals.unchecked = totals.contents + compared, totals.unchecked + unknown
            totals.destroyed += len(destroyed)
            totals.content_s += time.perf_counter() - started
    if with_contents:
        totals.note(*(Finding("content.extra", chain, seq) for chain, seq in contents.without_leaf(MAX_FINDINGS)))
    totals.note(*inspector.findings)
    _check_heads(totals, inspector)
    totals.chain_s = time.perf_counter() - began - totals.content_s


def _check_heads(totals: Totals, inspector: Inspector) -> None:
    """A chain's own row knows its last entry: a dropped tail shows here."""
    broken = {found.chain for found in inspector.findings}
    for chain_id, last_seq, head in Chain.objects.values_list("id", "last_seq", "head").iterator(CHUNK):
        totals.chains += 1
        seen = inspector.heads.get(chain_id.hex, (0, EMPTY_HEAD))
        if chain_id.hex not in broken and seen != (last_seq, bytes(head)):
            totals.note(Finding("chain.head", chain_id.hex, last_seq))


def _check_places(totals: Totals) -> None:
    """Build the tree again from the entries and hold it against every stored tile and checkpoint."""
    frontier, edge, tiles = Frontier(), Edge(), list[FullTile]()
    checkpoints = Checkpoint.objects.order_by("size").iterator(CHUNK)
    due = next(checkpoints, None)
    for rows in _place_chunks():
        for index, leaf_id, digest in rows:
            if index != frontier.size:
                totals.note(Finding("tree.gap", leaf=leaf_id, place=frontier.size))
                return
            frontier.append(bytes(digest))
            edge.append(bytes(digest), tiles)
            if due is not None and due.size == frontier.size:
                _check_checkpoint(totals, due, frontier.root())
                due = next(checkpoints, None)
        totals.places = frontier.size
        _check_tiles(totals, tiles)
        tiles.clear()
    newest = Checkpoint.objects.order_by("-size").first()
    if due is not None or (newest.size if newest else 0) != frontier.size:
        totals.note(Finding("checkpoint.size", place=frontier.size))


def _check_checkpoint(totals: Totals, checkpoint: Checkpoint, root: bytes) -> None:
    totals.checkpoints += 1
    unsigned = audit.signature_finding(checkpoint)
    if unsigned:
        totals.note(unsigned)
    if bytes(checkpoint.root) != root:
        totals.note(Finding("checkpoint.root", place=checkpoint.size))


def _check_tiles(totals: Totals, tiles: list[FullTile]) -> None:
    for level in {tile.level for tile in tiles}:
        wanted = {tile.number: tile for tile in tiles if tile.level == level}
        stored = Tile.objects.filter(level=level, index__gte=min(wanted), index__lte=max(wanted))
        found = {index: (bytes(hashes), bytes(root)) for index, hashes, root in stored.values_list("index", "hashes", "root")}
        totals.tiles += len(wanted)
        totals.note(
            *(
                Finding("tree.tile", place=number * 256 ** (level + 1))
                for number, tile in wanted.items()
                if found.get(number) != (tile.hashes, tile.root)
            )
        )


def _check_lost(totals: Totals) -> None:
    hexed = outbox().hex
    for leaf_id, chain, seq, placed in _fetch(_LOST, [MAX_FINDINGS]):
        totals.note(Finding("tree.twice" if placed else "tree.lost", hexed(chain), seq, leaf_id))
    totals.pending = _fetch("SELECT count(*) FROM records_pendingleaf", [])[0][0]


class _Closings:
    """`audit.closing_findings` over many chunks: remembers which chains are closed."""

    def __init__(self) -> None:
        self._kept: list[LeafRow] = []

    def watch(self, rows: list[LeafRow]) -> list[Finding]:
        ends = [row for row in rows if row.kind in {audit.CLOSED, audit.REOPENED}]
        findings = audit.closing_findings([*self._kept, *ends])
        last = {row.chain: row for row in [*self._kept, *ends]}
        self._kept = list(last.values())
        return findings


def _leaf_chunks() -> Iterator[list[LeafRow]]:
    last, hexed = 0, outbox().hex
    while rows := _fetch(_LEAVES, [last, CHUNK]):
        last = rows[-1][0]
        yield [LeafRow(row[0], hexed(row[1]), row[2], row[3], row[4], bytes(row[5]), bytes(row[6])) for row in rows]


def _place_chunks() -> Iterator[list[Any]]:
    first = 0
    while rows := _fetch(_PLACES, [first, CHUNK]):
        first = rows[-1][0] + 1
        yield rows


def _fetch(sql: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[Any] = cursor.fetchall()
    return rows
