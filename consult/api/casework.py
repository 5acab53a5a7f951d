"""What a reader does in a case that a grant opens: look for words, note, bookmark. Words come in bodies, never in addresses."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field, StringConstraints, model_validator

from consult.conversation import search
from consult.oversight import notes
from consult.oversight import search as case_search
from records import grants
from records.api.auth import SignedInRequest, acts, signed_in
from records.api.schemas import Body, Words
from records.ledger.chains import moment
from records.people import Person
from records.views import BRIEF, PersonBrief, brief

router = Router(tags=["compliance"], auth=signed_in)

Part = Literal["conversation", "discussion", "transcripts"]
Thread = Literal["conversation", "discussion"]


class CaseSearch(Body):
    """`after`: `next` of the page before."""

    query: Annotated[Words, StringConstraints(min_length=1, max_length=search.QUERY_CHARS)]
    after: str | None = Field(None, max_length=40)


class CaseHit(Schema):
    """Act `seq` of the conversation or the discussion; or what was said `start` seconds into a recording, with `seq` null.

    `marks`: [start, end) of the matches in `excerpt`, as JavaScript counts.
    """

    part: Part
    seq: int | None
    recording: UUID | None
    start: float | None
    at: datetime
    sender: PersonBrief | None
    excerpt: str
    marks: list[tuple[int, int]]


class CaseSearchPage(Schema):
    """In the order of the case. `searched` of `total` places were looked through up to here; `unreadable`: of this page, those that could
    not be opened. `next`: where to go on, null at the end; a page may be short, or empty, and not the last."""

    hits: list[CaseHit]
    searched: int
    total: int
    unreadable: int
    next: str | None


class NewAnnotation(Body):
    """A bookmark may be without words; a note may not."""

    kind: Literal["noted", "bookmarked"]
    part: Thread
    seq: Annotated[int, Field(ge=1, le=2**53)]
    text: Annotated[Words, StringConstraints(max_length=1000)] = ""

    @model_validator(mode="after")
    def notes_have_words(self) -> Self:
        if self.kind == "noted" and not self.text:
            raise ValueError("a note needs words")
        return self


class Annotation(Schema):
    """The reader's own: nobody else sees it, and neither do they once the grant is over."""

    id: int
    kind: Literal["noted", "bookmarked"]
    part: Thread
    seq: int
    at: datetime
    text: str


@router.post("/grants/{uuid:grant_id}/search", response=CaseSearchPage)
@acts("grant.read")
def find(request: SignedInRequest, grant_id: UUID, body: CaseSearch) -> dict[str, Any]:
    """What has every one of the words, within the grant alone. The search is a reading: it stands in the ledger before it begins."""
    after = case_search.Place.parse(body.after) if body.after else None
    page = case_search.find(request.auth, grant_id, body.query, after)
    senders = {hit.passage.sender for hit in page.hits if hit.passage.sender is not None}
    people = {person.id: brief(person) for person in Person.objects.filter(id__in=senders).prefetch_related(*BRIEF)}
    return {
        "hits": [_hit(hit, people) for hit in page.hits],
        "searched": page.searched,
        "total": page.total,
        "unreadable": page.unreadable,
        "next": str(page.next) if page.next else None,
    }


@router.get("/grants/{uuid:grant_id}/annotations", response=list[Annotation])
@acts("grant.annotate")
def list_annotations(request: SignedInRequest, grant_id: UUID) -> list[dict[str, Any]]:
    """Notes and bookmarks that stand in a case under this grant."""
    return [one._asdict() for one in notes.standing(request.auth, grant_id)]


@router.post("/grants/{uuid:grant_id}/annotations", response={201: Annotation})
@acts("grant.annotate")
def annotate(request: SignedInRequest, grant_id: UUID, body: NewAnnotation) -> Status[dict[str, Any]]:
    """Note or bookmark one act of the case."""
    return Status(201, notes.add(request.auth, grant_id, **body.model_dump())._asdict())


@router.delete("/grants/{uuid:grant_id}/annotations/{int:annotation_id}", response={204: None})
@acts("grant.annotate")
def remove(request: SignedInRequest, grant_id: UUID, annotation_id: int) -> Status[None]:
    """It is no longer shown; that it was written stays in the ledger."""
    grants.remove(request.auth, grant_id, annotation_id)
    return Status(204, None)


def _hit(hit: case_search.Hit, people: dict[UUID, dict[str, Any]]) -> dict[str, Any]:
    said = hit.passage
    return {
        "part": said.place.part,
        "seq": said.place.number if said.recording is None else None,
        "recording": said.recording,
        "start": said.start,
        "at": moment(said.at),
        "sender": people.get(said.sender) if said.sender else None,
        "excerpt": hit.found.text,
        "marks": hit.found.marks,
    }
