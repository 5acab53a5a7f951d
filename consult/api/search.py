"""Searching one's own conversations. A POST, because addresses end up in the logs of proxies and the words are about somebody's health."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from ninja import Router, Schema
from pydantic import Field, StringConstraints

from consult.conversation import search as engine
from records.api.auth import SignedInRequest, acts, signed_in
from records.api.schemas import Body, Words
from records.ledger.chains import moment
from records.people import Person
from records.views import BRIEF, Bilingual, PatientBrief, PersonBrief, bilingual, brief, patient_brief

if TYPE_CHECKING:
    from consult.conversation.search import Hit

router = Router(tags=["search"], auth=signed_in)


class Query(Body):
    """`before`: `next` of the page before. `consultation`: only this thread."""

    query: Annotated[Words, StringConstraints(min_length=1, max_length=engine.QUERY_CHARS)]
    before: str | None = Field(None, max_length=80)
    consultation: UUID | None = None


class HitDepartment(Schema):
    id: UUID
    name: Bilingual


class SearchHit(Schema):
    """Event `seq` of thread `consultation`. `case`: the consultation that it is about, None for a notice.

    `marks`: [start, end) of the matches in `excerpt`, as JavaScript counts.
    """

    consultation: UUID
    kind: Literal["consultation", "side", "notices"]
    case: UUID | None
    seq: int
    at: datetime
    sender: PersonBrief | None
    patient: PatientBrief
    department: HitDepartment | None
    excerpt: str
    marks: list[tuple[int, int]]


class SearchPage(Schema):
    """Newest first. `next`: where to go on, None at the end; a page may be short, or empty, and not the last. `scanned`: events."""

    hits: list[SearchHit]
    next: str | None
    scanned: int


@router.post("/search", response=SearchPage)
@acts("search")
def search(request: SignedInRequest, body: Query) -> dict[str, Any]:
    """Messages, complaints, summaries, notices, transcripts and file names with every one of the words, in one's own threads."""
    before = engine.Place.parse(body.before) if body.before else None
    page = engine.search(request.auth, body.query, before, body.consultation)
    asked = {id_ for hit in page.hits for id_ in (hit.event.sender_id, hit.thread.patient) if id_ is not None}
    people = {p.id: p for p in Person.objects.filter(id__in=asked).prefetch_related(*BRIEF)}
    return {
        "hits": [_hit(hit, people) for hit in page.hits],
        "next": str(page.next) if page.next else None,
        "scanned": page.scanned,
    }


def _hit(hit: Hit, people: dict[UUID, Person]) -> dict[str, Any]:
    case, sender = hit.thread.consultation, people.get(hit.event.sender_id or hit.thread.patient)
    department = case.department if case else None
    name = bilingual(department.name_zh, department.name_en) if department else None
    return {
        "consultation": hit.thread.id,
        "kind": hit.thread.kind,
        "case": case.id if case else None,
        "seq": hit.seq,
        "at": moment(hit.event.at),
        "sender": brief(sender) if sender else None,
        "patient": patient_brief(people[hit.thread.patient]),
        "department": {"id": department.id, "name": name} if department else None,
        "excerpt": hit.found.text,
        "marks": hit.found.marks,
    }
