"""Merkle tree arithmetic of RFC 9162 section 2.1 (the same tree as RFC 6962). Pure.

A tree over n leaves is given by their leaf hashes (`leaves.leaf_hash`). Proofs are lists of 32-byte hashes, nearest first.
Proof makers ask a `subtree(start, end)` function for the hash over leaves start..end-1, so that a store can answer from
what it keeps. Checkers accept exactly the one proof that the RFC defines: no hash more or less, index below size.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()


class ProofError(ValueError):
    """The proof does not prove what it claims; the message says why."""


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 9162 section 2.1.1: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def levels(hashes: Sequence[bytes]) -> list[list[bytes]]:
    """Return the whole tree, leaves first: a node without a sibling moves up unchanged. At least one leaf."""
    tree = [list(hashes)]
    while len(tree[-1]) > 1:
        below = tree[-1]
        above = [node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)]
        tree.append(above + below[-1:] if len(below) % 2 else above)
    return tree


def root(hashes: Sequence[bytes]) -> bytes:
    """Return the tree head over all leaves; of no leaves, the hash of the empty string."""
    return levels(hashes)[-1][0] if hashes else EMPTY_ROOT


class Frontier:
    """The right edge of a growing tree: the roots of its perfect subtrees, largest first, one per set bit of the size."""

    def __init__(self, size: int = 0, nodes: Iterable[bytes] = ()) -> None:
        self.size = size
        self.nodes = list(nodes)
        if len(self.nodes) != size.bit_count():
            raise ValueError("one node per set bit of the size")

    def append(self, leaf_hash: bytes) -> None:
        carried, self.size = leaf_hash, self.size + 1
        for _ in range((self.size & -self.size).bit_length() - 1):
            carried = node_hash(self.nodes.pop(), carried)
        self.nodes.append(carried)

    def root(self) -> bytes:
        if not self.nodes:
            return EMPTY_ROOT
        head = self.nodes[-1]
        for node in reversed(self.nodes[:-1]):
            head = node_hash(node, head)
        return head

    def copy(self) -> Frontier:
        return Frontier(self.size, self.nodes)


def split(size: int) -> int:
    """Return the largest power of two below `size` (at least 2): where the tree over `size` leaves divides."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_proof(index: int, size: int, subtree: Callable[[int, int], bytes]) -> list[bytes]:
    """RFC 9162 section 2.1.3.1. Raises ValueError unless 0 <= index < size."""
    if not 0 <= index < size:
        raise ValueError("no such leaf")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, subtree: Callable[[int, int], bytes]) -> list[bytes]:
    """RFC 9162 section 2.1.4.1. Raises ValueError unless 0 < old <= new. Empty when the sizes are equal."""
    if not 0 < old <= new:
        raise ValueError("no such pair of trees")
    path, start, end, whole = [], 0, new, True
    while end != old:
        middle = start + split(end - start)
        if old <= middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start, whole = middle, False
    if not whole:
        path.append(subtree(start, end))
    return path[::-1]


def root_from_path(leaf_hash: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """RFC 9162 section 2.1.3.2: the tree head that `path` leads to. Raises ProofError for a path of the wrong form."""
    if not 0 <= index < size:
        raise ProofError("the index is not below the size")
    _require_hashes([leaf_hash, *path])
    # Below the point where index and the last leaf part, every level has a sibling; above it only where our bit is one.
    inner = (index ^ (size - 1)).bit_length()
    if len(path) != inner + (index >> inner).bit_count():
        raise ProofError("the proof has the wrong number of hashes")
    running = leaf_hash
    for level, sibling in enumerate(path):
        from_left = level >= inner or index >> level & 1
        running = node_hash(sibling, running) if from_left else node_hash(running, sibling)
    return running


def check_inclusion(leaf_hash: bytes, index: int, size: int, path: Sequence[bytes], head: bytes) -> None:
    """Raises ProofError unless `path` proves that the leaf is at `index` of the tree of `size` leaves with that head."""
    if root_from_path(leaf_hash, index, size, path) != head:
        raise ProofError("the proof leads to another tree head")


def check_consistency(old: int, new: int, path: Sequence[bytes], old_head: bytes, new_head: bytes) -> None:
    """RFC 9162 section 2.1.4.2. Raises ProofError unless the tree of `new` leaves begins with the tree of `old` leaves."""
    if not 0 < old <= new:
        raise ProofError("the sizes are not those of an older and a newer tree")
    _require_hashes([old_head, new_head, *path])
    if old == new:
        if path or old_head != new_head:
            raise ProofError("trees of one size are equal and need no proof")
        return
    older, newer = _heads_from_path(old, new, path, old_head)
    if older != old_head:
        raise ProofError("the proof leads to another old tree head")
    if newer != new_head:
        raise ProofError("the proof leads to another new tree head")


def _heads_from_path(old: int, new: int, path: Sequence[bytes], old_head: bytes) -> tuple[bytes, bytes]:
    """Return the two tree heads that a consistency proof of the right length leads to; 0 < old < new."""
    # The proof starts at the largest perfect subtree that ends the old tree; when that is the whole old tree, it is left out.
    shift = (old & -old).bit_length() - 1
    inner = ((old - 1) ^ (new - 1)).bit_length() - shift
    border = (old - 1 >> inner + shift).bit_count()
    seeded = old == 1 << shift
    if len(path) != inner + border + (not seeded):
        raise ProofError("the proof has the wrong number of hashes")
    older = newer = old_head if seeded else path[0]
    for level, sibling in enumerate(path if seeded else path[1:]):
        if level >= inner or old - 1 >> shift + level & 1:
            older, newer = node_hash(sibling, older), node_hash(sibling, newer)
        else:
            newer = node_hash(newer, sibling)
    return older, newer


def _require_hashes(hashes: Iterable[bytes]) -> None:
    if any(len(value) != HASH_BYTES for value in hashes):
        raise ProofError("a hash is not 32 bytes")
