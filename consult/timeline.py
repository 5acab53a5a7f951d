"""The timeline of a thread: append to it, read from it. The table is the truth; the doorbell only says look again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Exists, OuterRef, Subquery

from consult.audiences import audience
from consult.doorbell import Ring, ring
from consult.models import Event, Retraction
from consult.protocol import RETRACTED_ORIGINAL, Posted, encode
from consult.protocol import Event as EventFrame
from consult.writing.batch import CONTENT_TYPE, MESSAGE_KIND, event_context
from records.errors import CLIENT_ID_CONFLICT, Refused
from records.ledger.chains import extend, extend_each, now_ms
from records.ledger.models import Chain
from records.vault import data_key, open_key, seal, unseal
from records.vault.models import Retention

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from records.people import Person

PAGE: Final = 200  # events
PAGE_BYTES: Final = (
    256 * 1024
)  # sealed; far below what a socket may have waiting, so that catching up never looks like a slow reader
# Acts that tell the words of another, and what is left of them when that one was taken back.
WORDLESS: Final[dict[str, dict[str, Any]]] = {"message.corrected": {"text": ""}, "voice.transcribed": {"text": "", "low": []}}
RETELLING: Final = frozenset(WORDLESS)


class Page(NamedTuple):
    """Some events, ascending, as JSON; `upto` is the last of them (or where it stopped), `head` the last there is."""

    events: list[bytes]
    upto: int
    head: int
    audience: frozenset[UUID]


class Appended(NamedTuple):
    seq: int
    at: int


def append(thread: UUID, kind: str, sender: Person | None, body: msgspec.Struct, client_id: str | None = None) -> Appended:
    """Seal one act into a timeline, with its leaf, in the caller's transaction; the bell rings after commit."""
    key = data_key(thread, Retention.DIALOGUE)
    at, who = now_ms(), sender.id if sender else None
    with extend(thread) as tail:
        seq = tail.next_seq
        blob = seal(key, event_context(kind, thread, seq, who, client_id), encode(body))
        tail.add(kind, actor=who, content=blob, ids={"client": client_id} if client_id else None, at=at)
    Event.objects.create(
        thread_id=thread, seq=seq, kind=kind, at=at, sender=sender, client_id=client_id, key_id=key.id, body=blob
    )
    transaction.on_commit(partial(ring, Ring("timeline", thread, seq, tuple(audience(thread)))))
    return Appended(seq, at)


def append_each(
    threads: Mapping[UUID, Collection[UUID]], kind: str, sender: Person, body: msgspec.Struct, client_id: str
) -> dict[UUID, int]:
    """`append` the same act to many threads, with as few statements as to one: thread -> who hears of it. Returns thread -> sequence."""
    at, content, events = now_ms(), encode(body), []
    with extend_each(threads) as tails:
        for thread, tail in tails.items():
            key, seq = data_key(thread, Retention.DIALOGUE), tail.next_seq
            blob = seal(key, event_context(kind, thread, seq, sender.id, client_id), content)
            tail.add(kind, actor=sender.id, content=blob, ids={"client": client_id}, at=at)
            events.append(
                Event(thread_id=thread, seq=seq, kind=kind, at=at, sender=sender, client_id=client_id, key_id=key.id, body=blob)
            )
    Event.objects.bulk_create(events)
    rings = [Ring("timeline", event.thread_id, event.seq, tuple(threads[event.thread_id])) for event in events]
    transaction.on_commit(partial(ring, *rings))
    return {event.thread_id: event.seq for event in events}


def repeated(thread: UUID, person: Person, client_id: str, body: msgspec.Struct) -> Appended | None:
    """The first answer to the same act; another act under its client id is a conflict."""
    stored = Event.objects.filter(thread=thread, sender=person, client_id=client_id).first()
    if stored is None:
        return None
    if body_of(stored) != encode(body):
        raise Refused(CLIENT_ID_CONFLICT)
    return Appended(stored.seq, stored.at)


def since(thread: UUID, after: int, limit: int = PAGE) -> Page:
    """The first events after sequence `after`: at most `limit`, and about PAGE_BYTES. There are more while `upto < head`."""
    rows = Event.objects.filter(thread=thread, seq__gt=after).order_by("seq")[:limit]
    return _page(thread, lambda: _within_bytes(rows), after)


def before(thread: UUID, seq: int, limit: int = PAGE) -> Page:
    """The last events before sequence `seq`, ascending: at most `limit`, and about PAGE_BYTES."""
    rows = Event.objects.filter(thread=thread, seq__lt=seq).order_by("-seq")[:limit]
    return _page(thread, lambda: reversed(list(_within_bytes(rows))), seq - 1)


def body_of(event: Event) -> bytes:
    """An event's JSON body, retracted or not. Raises SealBroken or KeyMissing."""
    context = event_context(event.kind, event.thread_id, event.seq, event.sender_id, event.client_id, CONTENT_TYPE)
    return unseal(open_key(event.key_id), context, bytes(event.body))


def sent(thread: UUID, sender: UUID, client_id: str | None) -> tuple[Event, Posted] | None:
    """The message that a person posted under a client id, and what it says; None while there is none. Raises SealBroken, KeyMissing."""
    if client_id is None:
        return None
    found = Event.objects.filter(thread=thread, sender=sender, client_id=client_id, kind=MESSAGE_KIND).first()
    return None if found is None else (found, posted(found))


def posted(event: Event) -> Posted:
    """What a message says. Raises SealBroken, KeyMissing."""
    return msgspec.json.decode(body_of(event), type=Posted)


def openings(threads: Sequence[UUID]) -> dict[UUID, bytes]:
    """The first event of each thread, opened: what a list row shows of a case."""
    return {row.thread_id: body_of(row) for row in Event.objects.filter(thread__in=threads, seq=1)}


def latest(threads: Sequence[UUID], kind: str) -> dict[UUID, Event]:
    """The last event of one kind of each thread that was not taken back.

    Walks each thread from its end, so that it costs the same in a long one, where the kind is near the end.
    """
    taken_back = Exists(Retraction.objects.filter(thread=OuterRef("thread"), of=OuterRef("seq")))
    last = Event.objects.filter(thread=OuterRef("id"), kind=kind).exclude(taken_back).order_by("-seq").values("id")[:1]
    found = Chain.objects.filter(id__in=threads).values_list(Subquery(last), flat=True)
    return {row.thread_id: row for row in Event.objects.filter(id__in=[id_ for id_ in found if id_ is not None])}


def retracted(thread: UUID, seqs: Sequence[int]) -> set[int]:
    """Which of these acts were taken back: participants are not shown them any more."""
    if not seqs:
        return set()
    return set(Retraction.objects.filter(thread=thread, of__in=seqs).values_list("of", flat=True))


def _within_bytes(rows: Iterable[Event]) -> Iterator[Event]:
    """At least one event, and no more once PAGE_BYTES are reached."""
    size = 0
    for event in rows:
        yield event
        size += len(event.body)
        if size >= PAGE_BYTES:
            return


def _page(thread: UUID, read: Callable[[], Iterable[Event]], upto: int) -> Page:
    # The head is read first: an event committed in between shows up in the page and is harmless, the other way round it would be a hole.
    head = Chain.objects.values_list("last_seq", flat=True).get(id=thread)
    events = list(read())
    # Both are read after the events: what was taken back, and who had lost the thread, before they were read.
    people = audience(thread)
    original = [_original(event) for event in events]
    gone = retracted(thread, original)
    frames = [_withheld(event) if seq in gone else _frame(event) for event, seq in zip(events, original, strict=True)]
    last = events[-1].seq if events else upto
    return Page(frames, last, max(head, last), people)


def _frame(event: Event) -> bytes:
    body = msgspec.Raw(body_of(event))
    return encode(EventFrame(event.seq, event.kind, event.at, event.sender_id, event.client_id, body))


def _original(event: Event) -> int:
    """Whose words an act tells: another act's when it corrects or transcribes that one, or its own."""
    of: int = msgspec.json.decode(body_of(event))["of"] if event.kind in RETELLING else event.seq
    return of


def _withheld(event: Event) -> bytes:
    """An act whose words were taken back, as participants are shown it."""
    kind, body = RETRACTED_ORIGINAL, b"{}"
    if event.kind in RETELLING:
        kind, body = event.kind, encode({**msgspec.json.decode(body_of(event)), **WORDLESS[event.kind]})
    return encode(EventFrame(event.seq, kind, event.at, event.sender_id, event.client_id, msgspec.Raw(body)))
