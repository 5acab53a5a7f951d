"""Legal holds at the retention desk (C-9): placed, reviewed, and let go by two people or not at all. No word of any case."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Router, Schema
from ninja.responses import Status
from pydantic import StringConstraints

from consult.api.compliance import Term as Number
from consult.api.retention import LISTED, Reason, masked_names, numbers_of
from consult.oversight import cases
from records.access import require
from records.api.auth import SignedInRequest, acts, signed_in
from records.api.schemas import Body
from records.errors import NOT_FOUND, Refused
from records.identity import require_fresh
from records.people import Person
from records.retention import holds
from records.retention.models import HoldRefusal, LegalHold
from records.views import BRIEF, PersonBrief, brief

router = Router(tags=["compliance"], auth=signed_in)


class Declined(Schema):
    """A release that was asked for and did not come: declined, or, where `by` is who asked, taken back."""

    asked_by: PersonBrief
    asked_at: datetime
    asked_why: str
    by: PersonBrief
    at: datetime
    why: str


class Hold(Schema):
    """`number`: of the held case; null: everything of the patient is held. Names of patients are masked.

    `declined`: releases that did not come, the newest first.
    `review_due`: the day has come on which somebody looks whether it is still needed.
    """

    id: UUID
    patient: str
    number: str | None
    reason: str
    placed_by: PersonBrief
    placed_at: datetime
    review_on: date | None
    review_due: bool
    asked_by: PersonBrief | None
    asked_at: datetime | None
    asked_why: str | None
    declined: list[Declined]
    released_by: PersonBrief | None
    released_at: datetime | None


class NewHold(Body):
    """`number`: a case number; `whole`: hold everything of that case's patient; `review_on`: half a year from now unless given."""

    number: Annotated[Number, StringConstraints(min_length=1)]
    whole: bool = False
    reason: Reason
    review_on: date | None = None


class Why(Body):
    reason: Reason


class NextReview(Body):
    review_on: date


@router.get("/holds", response=list[Hold])
@acts("hold.list")
def list_holds(request: SignedInRequest) -> list[dict[str, Any]]:
    """The legal holds."""
    return _holds(list(holds.listed(request.auth)[:LISTED]))


@router.post("/holds", response={201: Hold})
@acts("hold.place")
def place_hold(request: SignedInRequest, body: NewHold) -> Status[dict[str, Any]]:
    """Hold a case, or everything of its patient. From then on nothing of it is destroyed, whoever asks."""
    case = cases.by_number(body.number)
    if case is None:
        raise Refused(NOT_FOUND)
    about = {"patient": case.patient_id, "case": None} if body.whole else {"patient": None, "case": case.id}
    return Status(201, _holds([holds.place(request.auth, reason=body.reason, review_on=body.review_on, **about)])[0])


@router.post("/holds/{uuid:hold_id}/review", response=Hold)
@acts("hold.review")
def review(request: SignedInRequest, hold_id: UUID, body: NextReview) -> dict[str, Any]:
    """It is still needed; the next look is on that day."""
    return _holds([holds.review(request.auth, hold_id, review_on=body.review_on)])[0]


@router.post("/holds/{uuid:hold_id}/release-request", response=Hold)
@acts("hold.ask_release")
def ask_release(request: SignedInRequest, hold_id: UUID, body: Why) -> dict[str, Any]:
    """The first of the two people that a release takes."""
    return _holds([holds.ask_release(request.auth, hold_id, reason=body.reason)])[0]


@router.post("/holds/{uuid:hold_id}/release", response=Hold)
@acts("hold.release")
def release(request: SignedInRequest, hold_id: UUID) -> dict[str, Any]:
    """The second, who is another, with a second factor shown lately."""
    require(request.auth, "hold.list")
    require_fresh(request)
    return _holds([holds.release(request.auth, hold_id)])[0]


@router.post("/holds/{uuid:hold_id}/release-refusal", response=Hold)
@acts("hold.decline")
def decline_release(request: SignedInRequest, hold_id: UUID, body: Why) -> dict[str, Any]:
    """The release that was asked for does not come: taken back by whoever asked, or declined by somebody else."""
    return _holds([holds.decline(request.auth, hold_id, reason=body.reason)])[0]


def _holds(rows: list[LegalHold]) -> list[dict[str, Any]]:
    refusals = {row.id: sorted(row.refusals.all(), key=lambda one: -one.seq) for row in rows}
    people = {id_ for row in rows for id_ in (row.placed_by_id, row.asked_by_id, row.released_by_id) if id_}
    people |= {id_ for found in refusals.values() for one in found for id_ in (one.by_id, one.asked_by_id)}
    found = Person.objects.filter(id__in=people).prefetch_related(*BRIEF)
    briefs: dict[UUID | None, Any] = {person.id: brief(person) for person in found}
    numbers, names = numbers_of({row.case_id for row in rows}), masked_names({row.patient_id for row in rows})
    return [
        {
            "id": row.id,
            "patient": names[row.patient_id],
            "number": numbers.get(row.case_id),
            "reason": holds.words(row, holds.PLACED),
            "placed_by": briefs[row.placed_by_id],
            "placed_at": row.placed_at,
            "review_on": row.review_on,
            "review_due": holds.is_due(row),
            "asked_by": briefs.get(row.asked_by_id),
            "asked_at": row.asked_at,
            "asked_why": holds.words(row, holds.ASKED),
            "declined": [_declined(one, briefs) for one in refusals[row.id]],
            "released_by": briefs.get(row.released_by_id),
            "released_at": row.released_at,
        }
        for row in rows
    ]


def _declined(row: HoldRefusal, briefs: dict[UUID | None, Any]) -> dict[str, Any]:
    asked, why = holds.refusal_words(row)
    return {
        "asked_by": briefs[row.asked_by_id],
        "asked_at": row.asked_at,
        "asked_why": asked,
        "by": briefs[row.by_id],
        "at": row.at,
        "why": why,
    }
