"""Looking for words in one case, under a grant: opened and looked through from its beginning, a bounded piece at a time.

Nothing outside the grant is looked at: not another case, not another day, not a kind of content that was not agreed to. What was taken
back is found, because reviewers read it. A page says how much of how much was looked through, and what could not be opened.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import structlog

from consult.conversation import search
from consult.models import Event
from consult.oversight import cases, notes
from records import grants
from records.ledger.chains import moment
from records.ledger.models import Leaf
from records.matching import Excerpt, excerpt, matches
from records.vault import KeyMissing, SealBroken
from transcription import transcripts
from transcription.models import Recording, Transcript

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from records.grants import AccessGrant
    from records.people import Person

log = structlog.get_logger(__name__)

PARTS: Final = ("conversation", "discussion", "transcripts")
CHUNK: Final = 64  # events read at once


class Place(NamedTuple):
    """Something that can be looked through: an act by its number in its thread, or a transcript by its number among those of the case."""

    part: str
    number: int

    def __str__(self) -> str:
        return f"{self.part}-{self.number}"

    @classmethod
    def parse(cls, text: str) -> Place | None:
        found = re.fullmatch(rf"({'|'.join(PARTS)})-(\d{{1,18}})", text)
        return cls(found[1], int(found[2])) if found else None


class Passage(NamedTuple):
    """A piece of text and where it stands: act `place.number` of a thread, or second `start` of a recording."""

    place: Place
    at: int  # ms since epoch
    sender: UUID | None
    text: str
    recording: UUID | None = None
    start: float | None = None


class Hit(NamedTuple):
    passage: Passage
    found: Excerpt


@dataclass(slots=True)
class Page:
    """`searched` of `total` places were looked through, this page and those before it together; `unreadable`: of this page."""

    total: int = 0
    searched: int = 0
    unreadable: int = 0
    opened: int = 0
    size: int = 0  # bytes of text
    hits: list[Hit] = field(default_factory=list)
    next: Place | None = None


def find(person: Person, grant_id: UUID, query: str, after: Place | None = None) -> Page:
    """The next page of what has every word of `query`, in the order of the case.

    Two leaves of the grant: what was looked for (sealed), before anything is opened; how much was opened and found, after it.
    Raises Refused: TOO_SHORT; NOT_FOUND without a grant in force over words; TOO_MANY where others of this person are still looking.
    """
    words = search.asked(query)
    with search.searching.one(person.id):
        began = time.monotonic()
        grant, act = grants.open_for_search(person, grant_id, query)
        page = _look(_Scope(grant), words, after, began + search.SECONDS)
        grants.searched(person, grant, act, opened=page.opened, found=len(page.hits))
    spent = round((time.monotonic() - began) * 1000)
    log.info("case_search.page", grant=str(grant.id), opened=page.opened, hits=len(page.hits), ms=spent, more=bool(page.next))
    return page


def _look(scope: _Scope, words: list[str], after: Place | None, ends: float) -> Page:
    places = scope.places
    page = Page(len(places), places.index(after) + 1 if after in places else 0)
    for place, passages in scope.passages(places[page.searched :]):
        full = len(page.hits) >= search.HITS or page.opened >= search.EVENTS or page.size >= search.BYTES
        if page.next and (full or time.monotonic() > ends):
            return page
        page.next, page.searched = place, page.searched + 1
        page.opened += passages is not None
        page.unreadable += passages is None
        for passage in passages or ():
            page.size += len(passage.text)
            if matches(passage.text, words):
                page.hits.append(Hit(passage, excerpt(passage.text, words)))
    page.next = None
    return page


class _Scope:
    """What the words of one grant stand in. Holds no clear text."""

    def __init__(self, grant: AccessGrant) -> None:
        self.threads = notes.threads(grant)
        self.recordings = _recordings(grant) if "transcripts" in grant.content else []
        self.places = [Place(part, seq) for part, thread in self.threads.items() for seq in _acts(grant, thread)]
        self.places += [Place("transcripts", number) for number in range(1, len(self.recordings) + 1)]

    def passages(self, places: Sequence[Place]) -> Iterator[tuple[Place, Sequence[Passage] | None]]:
        """Each place with its text; None where it cannot be opened."""
        for start in range(0, len(places), CHUNK):
            chunk = places[start : start + CHUNK]
            rows = self._events(chunk)
            for place in chunk:
                yield place, self._opened(place, rows.get(place))

    def _events(self, places: Sequence[Place]) -> dict[Place, Event]:
        found: dict[Place, Event] = {}
        for part, thread in self.threads.items():
            numbers = [place.number for place in places if place.part == part]
            found |= {Place(part, row.seq): row for row in Event.objects.filter(thread=thread, seq__in=numbers)}
        return found

    def _opened(self, place: Place, row: Event | None) -> Sequence[Passage] | None:
        try:
            if place.part == "transcripts":
                return _spoken(place, self.recordings[place.number - 1])
            return None if row is None else [Passage(place, row.at, row.sender_id, search.content_of(row).words)]
        except (SealBroken, KeyMissing):
            log.warning("case_search.unreadable", place=str(place))
            return None


def _acts(grant: AccessGrant, thread: UUID) -> list[int]:
    """The acts with words, by the ledger: one whose row is gone is missed and not passed over."""
    leaves = Leaf.objects.filter(chain=thread, kind__in=search.KINDS).order_by("seq").values_list("seq", "at")
    return [seq for seq, at in leaves if grant.covers(moment(at))]


def _recordings(grant: AccessGrant) -> list[Recording]:
    """Those with a transcript. What was said in a voice note also stands in its thread, and is looked for there where that is granted."""
    written = Transcript.objects.values("recording")
    rows = cases.recordings_of(grant.case_id).filter(id__in=written).order_by("created_at", "id")
    found = cases.granted_recordings(grant, rows)
    return [row for row in found if row.origin != Recording.Origin.VOICE or "conversation" not in grant.content]


def _spoken(place: Place, recording: Recording) -> list[Passage]:
    """The sentences of the newest version."""
    at = int(recording.created_at.timestamp() * 1000)
    lines = transcripts.opened(transcripts.load(recording, None))["segments"]
    return [Passage(place, at, None, line["text"], recording.id, line["start"]) for line in lines]
