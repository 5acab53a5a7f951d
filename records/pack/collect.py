"""A chain with its proofs, read from the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from records.ledger import merkle, tree
from records.ledger.models import Checkpoint, Leaf, TreeEntry
from records.pack.parts import ChainPart, Entry

if TYPE_CHECKING:
    from uuid import UUID


def chain_part(
    chain_id: UUID, role: str, checkpoint: Checkpoint, last_seq: int | None = None, *, case: UUID | None = None
) -> ChainPart:
    """Return a chain (up to `last_seq`) with an inclusion proof for every leaf that is under `checkpoint`."""
    leaves = Leaf.objects.filter(chain_id=chain_id).order_by("seq").values_list("id", "seq", "data")
    places = TreeEntry.objects.filter(leaf__chain_id=chain_id, index__lt=checkpoint.size)
    index_of = dict(places.values_list("leaf_id", "index"))
    reader = tree.Reader(checkpoint.size)

    def entry(leaf_id: int, seq: int, data: bytes | memoryview) -> Entry:
        index = index_of.get(leaf_id)
        proof = None if index is None else merkle.inclusion_proof(index, checkpoint.size, reader.subtree)
        return Entry(seq, bytes(data), index, proof)

    shown = [entry(*leaf) for leaf in leaves if last_seq is None or leaf[1] <= last_seq]
    return ChainPart(chain_id, role, shown, case)
