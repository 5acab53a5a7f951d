"""The timeline of a consultation: append to it, read from it. The table is the truth; the doorbell only says look again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

import msgspec
from django.db import transaction

from consult.batch import CONTENT_TYPE, event_context
from consult.doorbell import Ring, ring
from consult.models import Consultation, Event
from consult.protocol import Event as EventFrame
from consult.protocol import encode
from records.ledger.chains import extend, now_ms
from records.vault import data_key, open_key, seal, unseal
from records.vault.models import Retention

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from records.people import Person

PAGE: Final = 200  # events
PAGE_BYTES: Final = (
    256 * 1024
)  # sealed; far below what a socket may have waiting, so that catching up never looks like a slow reader


class Page(NamedTuple):
    """Some events, ascending, as JSON; `upto` is the last of them (or where it stopped), `head` the last there is."""

    events: list[bytes]
    upto: int
    head: int
    audience: frozenset[UUID]


class Appended(NamedTuple):
    seq: int
    at: int


def append(
    consultation: Consultation, kind: str, sender: Person, body: msgspec.Struct, client_id: str | None = None
) -> Appended:
    """Seal one act into the timeline, with its leaf, in the caller's transaction; the bell rings after commit."""
    key = data_key(consultation.id, Retention.DIALOGUE)
    at = now_ms()
    with extend(consultation.id) as tail:
        seq = tail.next_seq
        blob = seal(key, event_context(kind, consultation.id, seq, sender.id, client_id), encode(body))
        tail.add(kind, actor=sender.id, content=blob, ids={"client": client_id} if client_id else None, at=at)
    Event.objects.create(
        consultation=consultation, seq=seq, kind=kind, at=at, sender=sender, client_id=client_id, key_id=key.id, body=blob
    )
    people = audience(consultation)
    transaction.on_commit(partial(ring, Ring("timeline", consultation.id, seq, tuple(people))))
    return Appended(seq, at)


def audience(consultation: Consultation) -> frozenset[UUID]:
    """Who hears of it: exactly those who may read it."""
    return frozenset(id_ for id_ in (consultation.patient_id, consultation.assignee_id) if id_ is not None)


def since(consultation_id: UUID, after: int, limit: int = PAGE) -> Page:
    """The first events after sequence `after`: at most `limit`, and about PAGE_BYTES. There are more while `upto < head`."""
    rows = Event.objects.filter(consultation_id=consultation_id, seq__gt=after).order_by("seq")[:limit]
    return _page(consultation_id, _within_bytes(rows), after)


def before(consultation_id: UUID, seq: int, limit: int = PAGE) -> Page:
    """The last events before sequence `seq`, ascending: at most `limit`, and about PAGE_BYTES."""
    rows = Event.objects.filter(consultation_id=consultation_id, seq__lt=seq).order_by("-seq")[:limit]
    return _page(consultation_id, reversed(list(_within_bytes(rows))), seq - 1)


def body_of(event: Event) -> bytes:
    """An event's JSON body. Raises SealBroken or KeyMissing."""
    context = event_context(event.kind, event.consultation_id, event.seq, event.sender_id, event.client_id, CONTENT_TYPE)
    return unseal(open_key(event.key_id), context, bytes(event.body))


def bodies(consultation_ids: Sequence[UUID], kind: str) -> dict[UUID, bytes]:
    """The last event of one kind of each consultation, opened: what a list row shows."""
    rows = Event.objects.filter(consultation_id__in=consultation_ids, kind=kind).order_by("consultation_id", "seq")
    latest = {row.consultation_id: row for row in rows}
    return {id_: body_of(row) for id_, row in latest.items()}


def _within_bytes(rows: Iterable[Event]) -> Iterator[Event]:
    """At least one event, and no more once PAGE_BYTES are reached."""
    size = 0
    for event in rows:
        yield event
        size += len(event.body)
        if size >= PAGE_BYTES:
            return


def _page(consultation_id: UUID, rows: Iterable[Event], upto: int) -> Page:
    # The head is read first: an event committed in between shows up in the page and is harmless, the other way round it would be a hole.
    consultation = Consultation.objects.select_related("chain").only("patient_id", "assignee_id", "chain__last_seq")
    row = consultation.get(chain_id=consultation_id)
    opened = [(event.seq, _frame(event)) for event in rows]
    last = opened[-1][0] if opened else upto
    return Page([frame for _, frame in opened], last, max(row.chain.last_seq, last), audience(row))


def _frame(event: Event) -> bytes:
    body = msgspec.Raw(body_of(event))
    return encode(EventFrame(event.seq, event.kind, event.at, event.sender_id, event.client_id, body))
