"""Searching one's own conversations: opened and looked through, newest first, a bounded piece at a time.

There is no index of what people said: it would say as much as the words do. A page ends after so many hits, events, bytes or
milliseconds, whichever comes first, and names the place to go on from. What was asked for is logged nowhere.
"""

from __future__ import annotations

import heapq
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

import msgspec
import structlog
from django.db.models import F, Q

from consult import audiences, timeline
from consult.models import Consultation, Event, NoticeThread, Retraction, SideMember, SideThread
from records.access import require
from records.at_once import AtOnce
from records.errors import ErrorKind, Refused
from records.ledger.models import Chain
from records.matching import Excerpt, excerpt, fold, matches, words_of
from records.people import Person

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from consult.audiences import Thread

log = structlog.get_logger(__name__)

ACTION: Final = "search"
HITS: Final = 20
EVENTS: Final = 5000
BYTES: Final = 4 * 1024 * 1024  # sealed
SECONDS: Final = 0.3
FIRST_CHUNK, LAST_CHUNK = 16, 256  # events read from one thread at once
LEAST_CHARS: Final = 2  # of Latin letters; one Chinese character is a word
QUERY_CHARS: Final = 100

searching: Final = AtOnce(3)  # a page costs SECONDS of a processor, whoever asks

TOO_SHORT: Final = ErrorKind(
    "search.too_short",
    422,
    "请多写一点：一个汉字，或至少两个字母。",
    "Please write a little more: at least two letters.",
)


class Content(msgspec.Struct, frozen=True):
    """What can be searched in a body of any kind."""

    class File(msgspec.Struct, frozen=True):
        name: str = ""

    text: str = ""
    title: str = ""
    complaint: str = ""
    summary: str = ""
    advice: str = ""
    attachments: list[File] = []
    of: int | None = None

    @property
    def words(self) -> str:
        parts = (self.title, self.text, self.complaint, self.summary, self.advice, *(file.name for file in self.attachments))
        return "\n".join(part for part in parts if part)


KINDS: Final = (
    "message.posted",
    "message.corrected",
    "voice.transcribed",
    "consultation.opened",
    "consultation.closed",
    "notice.posted",
)
_decode = msgspec.json.Decoder(Content).decode


def content_of(event: Event) -> Content:
    """What can be searched in an event. Raises SealBroken, KeyMissing."""
    return _decode(timeline.body_of(event))


def asked(query: str) -> list[str]:
    """The words to look for. Raises Refused(TOO_SHORT)."""
    words = words_of(query)
    if not words or (len(fold(query).strip()) < LEAST_CHARS and fold(query).isascii()):
        raise Refused(TOO_SHORT)
    return words


class Place(NamedTuple):
    """An event by which the next page goes on: `id` counts all events, `seq` those of its thread."""

    id: int
    thread: UUID
    seq: int

    def __str__(self) -> str:
        return f"{self.id}-{self.thread.hex}-{self.seq}"

    @classmethod
    def parse(cls, text: str) -> Place | None:
        found = re.fullmatch(r"(\d{1,18})-([0-9a-f]{32})-(\d{1,18})", text)
        return cls(int(found[1]), UUID(found[2]), int(found[3])) if found else None


@dataclass(frozen=True, slots=True)
class Hit:
    """`seq`: the message that says it, or said it before it was corrected, or whose voice did."""

    thread: Thread
    seq: int
    event: Event
    found: Excerpt


@dataclass(slots=True)
class Page:
    hits: list[Hit] = field(default_factory=list)
    next: Place | None = None
    scanned: int = 0
    size: int = 0  # sealed bytes opened


def search(person: Person, query: str, before: Place | None = None, thread_id: UUID | None = None) -> Page:
    """The next page of events with every word of `query`, in threads that `person` may read now.

    Raises Refused: TOO_SHORT, NOT_FOUND for a thread that is not theirs, TOO_MANY where others of this person are still looking.
    """
    require(person, ACTION)
    with searching.one(person.id):
        return _search(person, query, before, thread_id)


def _search(person: Person, query: str, before: Place | None, thread_id: UUID | None) -> Page:
    words = asked(query)
    if thread_id is not None:
        audiences.load(person, thread_id)
    began = time.monotonic()
    page = Page()
    _scan(page, _merged(person, _heads(person, thread_id), before), words, began + SECONDS)
    spent = round((time.monotonic() - began) * 1000)
    log.info("search.page", person=str(person.id), scanned=page.scanned, hits=len(page.hits), ms=spent, more=bool(page.next))
    return page


def _scan(page: Page, events: Iterator[tuple[Thread, Event]], words: list[str], ends: float) -> None:
    said: set[tuple[UUID, int]] = set()
    for thread, event in events:
        if page.scanned and (len(page.hits) >= HITS or page.scanned >= EVENTS or page.size >= BYTES or time.monotonic() > ends):
            return
        page.scanned, page.size = page.scanned + 1, page.size + len(event.body)
        page.next = Place(event.id, event.thread_id, event.seq)
        content = content_of(event)
        if not matches(content.words, words):
            continue
        seq = content.of or event.seq
        if (thread.id, seq) not in said and not Retraction.objects.filter(thread=thread.id, of=seq).exists():
            said.add((thread.id, seq))
            page.hits.append(Hit(thread, seq, event, excerpt(content.words, words)))
    page.next = None


def _heads(person: Person, thread_id: UUID | None) -> dict[UUID, int]:
    """The newest event of each thread to look through."""
    chains = _readable(person) if thread_id is None else Chain.objects.filter(id=thread_id)
    newest = Event.objects.filter(thread__in=chains, seq=F("thread__last_seq"))
    return dict(newest.values_list("thread_id", "id"))


def _readable(person: Person) -> QuerySet[Chain]:
    """A patient's own consultations and notices; those that a clinician treats, and the side threads they belong to.

    Each is asked again by the table of permissions before it is opened.
    """
    cases = Consultation.objects.filter(Q(patient=person) | Q(assignee=person))
    member = SideMember.objects.filter(person=person).values("side")
    sides = SideThread.objects.filter(Q(chain__in=member) | Q(about__assignee=person))
    notices = NoticeThread.objects.filter(patient=person)
    return Chain.objects.filter(
        Q(id__in=cases.values("chain")) | Q(id__in=sides.values("chain")) | Q(id__in=notices.values("chain"))
    )


def _merged(person: Person, heads: dict[UUID, int], before: Place | None) -> Iterator[tuple[Thread, Event]]:
    """The events of all threads after `before`, newest first. A thread is read only once nothing newer is left elsewhere."""
    limit = before.id if before else None
    waiting: list[tuple[int, UUID]] = [(-min(head, limit or head), thread) for thread, head in heads.items()]
    heapq.heapify(waiting)
    reading: dict[UUID, tuple[Thread, Event, Iterator[Event]]] = {}
    while waiting:
        _, id_ = heapq.heappop(waiting)
        if id_ in reading:
            thread, event, rest = reading.pop(id_)
            yield thread, event
        else:
            found = audiences.find(id_)
            if found is None or not found.may(person, "consultation.read"):
                continue
            thread, rest = found, _events(id_, before)
        if (following := next(rest, None)) is not None:
            reading[id_] = thread, following, rest
            heapq.heappush(waiting, (-following.id, id_))


def _events(thread: UUID, before: Place | None) -> Iterator[Event]:
    """The searchable events of one thread before a place, newest first, in growing chunks."""
    rows = Event.objects.filter(thread=thread, kind__in=KINDS).order_by("-seq")
    if before is not None:
        rows = rows.filter(seq__lt=before.seq) if before.thread == thread else rows.filter(id__lt=before.id)
    size = FIRST_CHUNK
    while True:
        chunk = list(rows[:size])
        yield from chunk
        if len(chunk) < size:
            return
        rows, size = rows.filter(seq__lt=chunk[-1].seq), min(2 * size, LAST_CHUNK)
