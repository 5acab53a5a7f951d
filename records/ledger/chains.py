"""Appending to a chain inside the caller's transaction."""

from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from django.db import connection

from records.ledger.leaves import Linked, Tail
from records.ledger.models import Chain, Leaf, PendingLeaf

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from uuid import UUID

# Called with leaves just stored, in the transaction that stores them, for whoever keeps an index of some of their kinds. The message
# writer stores its own leaves, and they are in no index.
on_stored: list[Callable[[Sequence[Leaf]], None]] = []


class Extension:
    """A locked chain and the leaves added to it so far."""

    def __init__(self, chain: Chain) -> None:
        self._tail = Tail(chain.id, chain.last_seq, bytes(chain.head))
        self.added: list[Linked] = []

    @property
    def next_seq(self) -> int:
        """The sequence number the next leaf will get; bind it into what you seal."""
        return self._tail.next_seq

    def add(
        self,
        kind: str,
        *,
        actor: UUID | None,
        content: bytes | None = None,
        ids: Mapping[str, str] | None = None,
        at: int | None = None,
    ) -> Linked:
        linked = self._tail.add(kind, at=at or now_ms(), actor=actor, content=content, ids=ids)
        self.added.append(linked)
        return linked


def now_ms() -> int:
    """Wall clock, ms since epoch: the unit of every `at`."""
    return time.time_ns() // 1_000_000


def moment(ms: int) -> datetime:
    """ms since epoch as a time."""
    return datetime.fromtimestamp(ms / 1000, UTC)


@contextmanager
def extend(chain_id: UUID) -> Iterator[Extension]:
    """Lock a chain, let the caller add leaves, store them with their outbox rows.

    Must run inside `transaction.atomic()`; the lock is the chain's row (SQLite: the IMMEDIATE transaction itself).
    Raises `Chain.DoesNotExist`.
    """
    assert connection.in_atomic_block, "a leaf commits together with its act"
    extension = Extension(Chain.objects.select_for_update().get(id=chain_id))
    yield extension
    _store({chain_id: extension})


@contextmanager
def extend_each(chain_ids: Collection[UUID]) -> Iterator[dict[UUID, Extension]]:
    """`extend` for many chains with as few statements as for one. They are locked in the order of their ids.

    Raises `Chain.DoesNotExist` when one of them is missing.
    """
    assert connection.in_atomic_block, "a leaf commits together with its act"
    chains = list(Chain.objects.select_for_update().filter(id__in=chain_ids).order_by("id"))
    if len(chains) != len(set(chain_ids)):
        raise Chain.DoesNotExist
    extensions = {chain.id: Extension(chain) for chain in chains}
    yield extensions
    _store(extensions)


def _store(extensions: Mapping[UUID, Extension]) -> None:
    added = [(chain_id, leaf) for chain_id, extension in extensions.items() for leaf in extension.added]
    leaves = Leaf.objects.bulk_create(
        Leaf(chain_id=chain_id, seq=x.seq, kind=x.kind, at=x.at, data=x.data, hash=x.hash) for chain_id, x in added
    )
    PendingLeaf.objects.bulk_create(PendingLeaf(leaf=leaf) for leaf in leaves)
    for heard in on_stored:
        heard(leaves)
    for chain_id, last in dict(added).items():
        Chain.objects.filter(id=chain_id).update(last_seq=last.seq, head=last.hash)
