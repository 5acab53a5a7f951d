"""A chain with its proofs, and what others said of the ledger, read from the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Max

from records.ledger import cosignatures, merkle, tree
from records.ledger.models import Checkpoint, Cosignature, Leaf, Timestamp, TreeEntry
from records.pack.parts import Anchor, ChainPart, Entry
from records.retention.chain import RETENTION_CHAIN
from records.sampling import SampleItem, newest

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from django.db.models import QuerySet


def chain_part(
    chain_id: UUID, role: str, checkpoint: Checkpoint, last_seq: int | None = None, *, case: UUID | None = None
) -> ChainPart:
    """Return a chain (up to `last_seq`) with an inclusion proof for every leaf that is under `checkpoint`."""
    leaves = Leaf.objects.filter(chain_id=chain_id)
    shown = leaves if last_seq is None else leaves.filter(seq__lte=last_seq)
    return ChainPart(chain_id, role, _entries(shown, checkpoint), case)


def tombstones(numbers: Collection[int], checkpoint: Checkpoint) -> list[Entry]:
    """Those of the chain of retention, each with its own proof; the acts between them are other people's."""
    return _entries(Leaf.objects.filter(chain_id=RETENTION_CHAIN, seq__in=numbers), checkpoint)


def verdicts(cases: Collection[UUID], checkpoint: Checkpoint) -> list[Entry]:
    """What raters found in these cases, and how their differences were settled, from samples that are closed; each with its own proof:
    the acts between are about other cases."""
    items = SampleItem.objects.filter(grant__case_id__in=cases, sample__closed_at__isnull=False).select_related("sample")
    found: list[Entry] = []
    for item in items.order_by("sample", "position"):
        reviews = (newest(item.sample, rater).get(item.id) for rater in item.sample.raters)
        seqs = {row.seq for row in reviews if row} | set(item.resolutions.values_list("seq", flat=True))
        found += _entries(Leaf.objects.filter(chain_id=item.sample_id, seq__in=seqs), checkpoint)
    return found


def _entries(leaves: QuerySet[Leaf], checkpoint: Checkpoint) -> list[Entry]:
    places = TreeEntry.objects.filter(leaf__in=leaves, index__lt=checkpoint.size)
    index_of = dict(places.values_list("leaf_id", "index"))
    reader = tree.Reader(checkpoint.size)

    def entry(leaf_id: int, seq: int, data: bytes | memoryview) -> Entry:
        index = index_of.get(leaf_id)
        proof = None if index is None else merkle.inclusion_proof(index, checkpoint.size, reader.subtree)
        return Entry(seq, bytes(data), index, proof)

    return [entry(*leaf) for leaf in leaves.order_by("seq").values_list("id", "seq", "data")]


def anchors(checkpoint: Checkpoint, chains: Sequence[ChainPart]) -> list[Anchor]:
    """Older trees that somebody outside vouched for: the newest that each witness cosigned, and the earliest that was stamped when it
    held all of these chains already, or else the newest that was stamped."""
    sizes = _cosigned(checkpoint)
    last = max((entry.index or 0 for chain in chains for entry in chain.entries), default=0)
    stamps = Timestamp.objects.filter(checkpoint__size__lte=checkpoint.size)
    stamped = (
        stamps.filter(checkpoint__size__gt=last).order_by("checkpoint_id").first() or stamps.order_by("-checkpoint_id").first()
    )
    if stamped is not None:
        sizes.add(stamped.checkpoint_id)
    reader = tree.Reader(checkpoint.size)

    def anchor(older: Checkpoint) -> Anchor:
        proof = merkle.consistency_proof(older.size, checkpoint.size, reader.subtree) if older.size < checkpoint.size else []
        stamp = bytes(stamped.response) if stamped is not None and stamped.checkpoint_id == older.size else None
        return Anchor(older.size, cosignatures.cosigned_note(older), proof, stamp)

    return [anchor(older) for older in Checkpoint.objects.filter(size__in=sizes).order_by("size")]


def _cosigned(checkpoint: Checkpoint) -> set[int]:
    """The newest size below the checkpoint's for each witness that did not cosign the checkpoint itself."""
    rows = (
        Cosignature.objects.filter(checkpoint__size__lte=checkpoint.size)
        .values("witness")
        .annotate(newest=Max("checkpoint_id"))
    )
    return {row["newest"] for row in rows if row["newest"] != checkpoint.size}
