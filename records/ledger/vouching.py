"""Who outside this server has vouched for a chain as it stands: the checkpoint that holds all of it, witnesses, the time stamp."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Max

from records.ledger import timestamps, witnessing
from records.ledger.models import Checkpoint, Cosignature, PendingLeaf, Timestamp, TreeEntry

if TYPE_CHECKING:
    from uuid import UUID


class Word(NamedTuple):
    """One who vouches. `size` and `at` (ms since epoch, by their clock) of the first tree of theirs that holds the chain; None: not yet."""

    name: str
    size: int | None = None
    at: int | None = None


class Vouched(NamedTuple):
    """`checkpoint`: the first that holds the whole chain; None while an entry waits. `stamp`: None where no authority is asked."""

    checkpoint: Word | None
    witnesses: list[Word]
    stamp: Word | None


def vouched_for(chain: UUID) -> Vouched:
    """Looks at rows alone: signatures are checked by `audit`, and by whoever gets a pack."""
    last = TreeEntry.objects.filter(leaf__chain=chain).aggregate(last=Max("index"))["last"]
    whole = last is not None and not PendingLeaf.objects.filter(leaf__chain=chain).exists()
    names = sorted({address.verifier.name for address in witnessing.configured()})
    if not whole:
        return Vouched(None, [Word(name) for name in names], _stamp(None))
    covering = Checkpoint.objects.filter(size__gt=last).order_by("size").first()
    checkpoint = None if covering is None else Word("", covering.size, covering.at)
    return Vouched(checkpoint, [_cosigned(name, last) for name in names], _stamp(last))


def _cosigned(witness: str, last: int) -> Word:
    found = Cosignature.objects.filter(witness=witness, checkpoint__size__gt=last).order_by("checkpoint_id").first()
    return Word(witness) if found is None else Word(witness, found.checkpoint_id, found.at)


def _stamp(last: int | None) -> Word | None:
    if timestamps.standing() is None:
        return None
    found = None if last is None else Timestamp.objects.filter(checkpoint__size__gt=last).order_by("checkpoint_id").first()
    return Word("") if found is None else Word("", found.checkpoint_id, found.at)
