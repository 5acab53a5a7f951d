"""The stored Merkle tree: complete tiles of 256 hashes, and a ragged right edge read from the rows below.

A tree of n leaves has n // 256**(L+1) tiles at level L; what is left of each level (fewer than 256 hashes) is its edge.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

from django.db import connection

from records.ledger import merkle
from records.ledger.merkle import HASH_BYTES, Frontier
from records.ledger.models import Checkpoint, Tile

WIDTH: Final = 256
BITS: Final = 8  # WIDTH == 1 << BITS

_LEAVES: Final = """SELECT l.hash FROM records_treeentry t JOIN records_leaf l ON l.id = t.leaf_id
  WHERE t."index" >= %s AND t."index" < %s ORDER BY t."index" """


class TreeBroken(Exception):
    """The stored tree is not the one that was signed: nothing may be signed on top of it."""


class FullTile(NamedTuple):
    """A completed tile, to be stored."""

    level: int
    number: int  # from 0, within the level
    hashes: bytes
    root: bytes


@dataclass(slots=True)
class Edge:
    """The growing right edge of a tree: per level, the hashes not yet in a tile. Pure but for `load`."""

    size: int = 0
    levels: list[list[bytes]] = field(default_factory=lambda: [[]])

    def append(self, leaf_hash: bytes, tiles: list[FullTile]) -> None:
        """Add a leaf; tiles that it completes are appended to `tiles`."""
        self.size += 1
        carried = leaf_hash
        for level, hashes in enumerate(self.levels):
            hashes.append(carried)
            if len(hashes) < WIDTH:
                return
            carried = merkle.root(hashes)
            tiles.append(FullTile(level, (self.size >> BITS * (level + 1)) - 1, b"".join(hashes), carried))
            hashes.clear()
        self.levels.append([carried])

    def root(self) -> bytes:
        nodes = [node for hashes in reversed(self.levels) for node in _perfect(hashes)]
        return Frontier(self.size, nodes).root()

    def copy(self) -> Edge:
        return Edge(self.size, [list(hashes) for hashes in self.levels])


def load(size: int) -> Edge:
    """Read the edge of the tree of `size` leaves: at most 255 rows a level. Raises TreeBroken when some are missing."""
    levels, level = [], 0
    while level == 0 or size >> BITS * level:
        count = size >> BITS * level
        first = count // WIDTH * WIDTH
        levels.append(hashes_at(level, first, count))
        if len(levels[-1]) != count - first:
            raise TreeBroken(f"level {level} of the stored tree has a gap before {count}")
        level += 1
    return Edge(size, levels)


def latest() -> Checkpoint | None:
    """Return the newest checkpoint; its size is the size of the stored tree, since both are written in one transaction."""
    return Checkpoint.objects.order_by("-size").first()


def hashes_at(level: int, first: int, end: int) -> list[bytes]:
    """Hashes first..end-1 of a level, from the rows below it: leaves, or the roots of the tiles one level down."""
    if level == 0:
        with connection.cursor() as cursor:
            cursor.execute(_LEAVES, [first, end])
            return [bytes(row[0]) for row in cursor.fetchall()]
    below = Tile.objects.filter(level=level - 1, index__gte=first, index__lt=end).order_by("index")
    return [bytes(root) for root in below.values_list("root", flat=True)]


class Reader:
    """Subtree hashes of the stored tree, for proofs. Keeps what it has read and hashed; make one for the proofs of one case."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._tile = lru_cache(maxsize=512)(self._read)
        self._hashed = lru_cache(maxsize=16_384)(self._subtree)

    def subtree(self, start: int, end: int) -> bytes:
        """RFC 9162's MTH(D[start:end]) for a range that occurs in a proof. Proofs of one case share most of theirs."""
        return self._hashed(start, end)

    def _subtree(self, start: int, end: int) -> bytes:
        width = end - start
        if width & (width - 1):
            middle = start + merkle.split(width)
            return merkle.node_hash(self.subtree(start, middle), self.subtree(middle, end))
        level = (width.bit_length() - 1) // BITS
        first = start >> BITS * level
        tile, offset = self._tile(level, first // WIDTH), first % WIDTH
        return merkle.root(tile[offset : offset + (width >> BITS * level)])

    def _read(self, level: int, index: int) -> list[bytes]:
        """The hashes of a tile; of the rightmost one, those that exist."""
        stored = Tile.objects.filter(level=level, index=index).values_list("hashes", flat=True).first()
        if stored is not None:
            raw = bytes(stored)
            return [raw[at : at + HASH_BYTES] for at in range(0, len(raw), HASH_BYTES)]
        return hashes_at(level, index * WIDTH, min((index + 1) * WIDTH, self.size >> BITS * level))


def _perfect(hashes: list[bytes]) -> list[bytes]:
    """Return the roots of the perfect subtrees over `hashes`, largest first."""
    nodes, start = [], 0
    for bit in reversed(range(len(hashes).bit_length())):
        if len(hashes) >> bit & 1:
            nodes.append(merkle.root(hashes[start : start + (1 << bit)]))
            start += 1 << bit
    return nodes
