"""Looking for words in what was said in one patient's recorded calls: as with conversations, it is opened and compared."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.db.models import Q

from records.charts import Chart, load, note_opening
from records.errors import BAD_INPUT, Refused
from records.matching import Excerpt, excerpt, matches, words_of
from transcription import signoffs, transcripts
from transcription.known import known_to
from transcription.models import Recording

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from uuid import UUID

    from django.db.models import QuerySet

    from records.people import Person
    from transcription.models import Transcript

QUERY_CHARS: Final = 100
SEARCHED: Final = "transcripts.searched"
# A page ends after whichever comes first, and always at the end of a recording.
PAGE_HITS: Final = 20
PAGE_SECONDS: Final = 0.3
RECORDING_HITS: Final = 50


class Hit(NamedTuple):
    """`line`: as the version has it (`transcripts.opened`)."""

    recording: Recording
    version: int
    line: dict[str, Any]
    name: str | None
    found: Excerpt


class Page(NamedTuple):
    """Newest call first. `next`: the recording to go on after, None at the end."""

    hits: list[Hit]
    next: UUID | None


def find(person: Person, patient_id: UUID, query: str, after: UUID | None) -> Page:
    """Lines with every word of the query, in the version of each call that counts. Raises Refused: NOT_FOUND, BAD_INPUT."""
    chart = load(person, "recording.read", patient_id)
    words = words_of(query)
    if not words:
        raise Refused(BAD_INPUT, {"query": {"zh": "请输入要找的词。", "en": "Enter what to look for."}})
    note_opening(chart, person, SEARCHED)
    hits: list[Hit] = []
    until = time.monotonic() + PAGE_SECONDS
    for recording in calls(person, chart, after).iterator(chunk_size=20):
        hits += _in(recording, words)
        if len(hits) >= PAGE_HITS or time.monotonic() > until:
            return Page(hits, recording.id)
    return Page(hits, None)


def calls(person: Person, chart: Chart, after: UUID | None) -> QuerySet[Recording]:
    """The recorded calls of a chart that this person may find, the newest first. Raises Refused(BAD_INPUT)."""
    of_calls = Recording.objects.filter(patient=chart.patient_id, origin__in=(Recording.Origin.CALL, Recording.Origin.TALK))
    rows = known_to(person, of_calls)
    last = rows.filter(id=after).first() if after else None
    if after and last is None:
        raise Refused(BAD_INPUT, {"after": {"zh": "没有这段录音。", "en": "There is no such recording."}})
    at_once = Q(created_at=last.created_at, id__lt=last.id) if last else Q()
    earlier = rows.filter(Q(created_at__lt=last.created_at) | at_once) if last else rows
    return earlier.order_by("-created_at", "-id").prefetch_related("transcripts__signoff")


def _in(recording: Recording, words: list[str]) -> Iterator[Hit]:
    counts = _that_counts(recording.transcripts.all())
    if counts is None or not counts.body:  # shredded: of that nothing is found
        return
    body, found = transcripts.opened(counts), 0
    for line in body["segments"]:
        if found < RECORDING_HITS and matches(line["text"], words):
            found += 1
            name = body.get("speakers", {}).get(line["speaker"])
            yield Hit(recording, counts.version, line, name, excerpt(line["text"], words))


def _that_counts(versions: Iterable[Transcript]) -> Transcript | None:
    rows = sorted(versions, key=lambda row: row.version)
    official = signoffs.official(rows)
    return next((row for row in rows if row.version == official), None)
