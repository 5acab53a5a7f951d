"""The tree against its recursive definition, and against people who bend proofs."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.ledger import merkle
from records.ledger.tree import Edge, FullTile

LEAVES = [hashlib.sha256(n.to_bytes(4, "big")).digest() for n in range(1100)]
sizes = st.integers(1, 300)


def mth(leaves: Sequence[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def subtree(start: int, end: int) -> bytes:
    return merkle.root(LEAVES[start:end])


@given(st.integers(0, 600))
def test_root_frontier_and_edge_are_the_recursive_definition(size: int) -> None:
    frontier, edge = merkle.Frontier(), Edge()
    for leaf in LEAVES[:size]:
        frontier.append(leaf)
        edge.append(leaf, [])
    assert merkle.root(LEAVES[:size]) == frontier.root() == edge.root() == mth(LEAVES[:size])


@pytest.mark.parametrize("size", [255, 256, 257, 511, 512, 513, 1024])
def test_the_edge_is_right_where_tiles_end(size: int) -> None:
    edge, tiles = Edge(), list[FullTile]()
    for leaf in LEAVES[:size]:
        edge.append(leaf, tiles)
    assert edge.root() == mth(LEAVES[:size])
    assert [(tile.level, tile.number) for tile in tiles] == [(0, n) for n in range(size // 256)]
    assert all(tile.root == mth(LEAVES[256 * tile.number : 256 * tile.number + 256]) for tile in tiles)


def test_a_tile_of_tiles_has_the_root_of_the_tree() -> None:
    edge, tiles, leaf = Edge(), list[FullTile](), bytes(32)
    for _ in range(256 * 256):
        edge.append(leaf, tiles)
    assert [(tile.level, tile.number) for tile in tiles[-2:]] == [(0, 255), (1, 0)]
    assert tiles[-1].root == edge.root()


@given(sizes, st.data())
def test_every_leaf_is_proven_to_be_in_the_tree(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = merkle.inclusion_proof(index, size, subtree)
    merkle.check_inclusion(LEAVES[index], index, size, path, mth(LEAVES[:size]))


@given(sizes, st.data())
def test_every_tree_is_proven_to_continue_the_older_ones(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    path = merkle.consistency_proof(old, size, subtree)
    merkle.check_consistency(old, size, path, mth(LEAVES[:old]), mth(LEAVES[:size]))


def bent(path: list[bytes]) -> list[list[bytes]]:
    """The same proof with a hash too many, too few, exchanged, cut, or altered."""
    extra = bytes(32)
    changed = [bytes([path[0][0] ^ 1]) + path[0][1:], *path[1:]] if path else [extra]
    short = [path[0][:31], *path[1:]] if path else [b""]
    return [
        [*path, extra],
        [extra, *path],
        [*path, *path[-1:]] if path else [extra],
        path[:-1] if path else [extra],
        changed,
        short,
    ]


@given(sizes, st.data())
def test_a_bent_inclusion_proof_is_refused(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path, head = merkle.inclusion_proof(index, size, subtree), mth(LEAVES[:size])
    for wrong in bent(path):
        with pytest.raises(merkle.ProofError):
            merkle.check_inclusion(LEAVES[index], index, size, wrong, head)
    places = [(-1, size), (size, size), (index, 0), (index, -size), (index ^ 1, size), (index, index)]
    for other, length in places:
        with pytest.raises(merkle.ProofError):
            merkle.check_inclusion(LEAVES[index], other, length, path, head)


def test_a_wrong_size_with_a_path_of_the_right_length_is_refused() -> None:
    path, head = merkle.inclusion_proof(2, 7, subtree), mth(LEAVES[:7])
    with pytest.raises(merkle.ProofError):
        merkle.check_inclusion(LEAVES[2], 3, 7, path, head)
    with pytest.raises(merkle.ProofError):
        merkle.check_inclusion(LEAVES[2], 2, 7, path, mth(LEAVES[:8]))


@given(sizes, st.data())
def test_a_bent_consistency_proof_is_refused(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    path, heads = merkle.consistency_proof(old, size, subtree), (mth(LEAVES[:old]), mth(LEAVES[:size]))
    for wrong in bent(path):
        with pytest.raises(merkle.ProofError):
            merkle.check_consistency(old, size, wrong, *heads)
    for other, new in ((0, size), (size + 1, size), (-old, size), (old, 0)):
        with pytest.raises(merkle.ProofError):
            merkle.check_consistency(other, new, path, *heads)


@given(st.integers(2, 300), st.data())
def test_a_log_that_changed_an_old_leaf_cannot_prove_consistency(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size - 1))
    altered = data.draw(st.integers(0, old - 1))
    forked = [*LEAVES[:altered], bytes(32), *LEAVES[altered + 1 : size]]
    path = merkle.consistency_proof(old, size, lambda start, end: merkle.root(forked[start:end]))
    with pytest.raises(merkle.ProofError):
        merkle.check_consistency(old, size, path, mth(LEAVES[:old]), mth(forked))
