"""The compliance console: asking to read cases, and what the second person says to it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Router, Schema
from ninja.responses import Status

from consult.api.compliance import Case, Content, GrantState, Purpose, shown_cases
from consult.api.grant_bodies import Decision, Emergency, Finding, Found, NewRequest, Remark, Said, Tell
from consult.models import Consultation
from consult.oversight import cases
from records import grants
from records.access import require
from records.api.auth import SignedInRequest, acts, signed_in
from records.grants import AccessGrant, Narrowing, Terms
from records.identity import require_fresh
from records.people import Person
from records.views import BRIEF, PersonBrief, brief

router = Router(tags=["compliance"], auth=signed_in)

PEOPLE = ("requester", "first_approver", "approver", "reviewer")  # of a grant


class Note(Schema):
    kind: Literal["returned", "answered", "commented"]
    author: PersonBrief
    at: datetime
    text: str


class Beside(Schema):
    """Another case of the same request."""

    grant: UUID
    number: str
    case: UUID
    state: GrantState


class Asked(Schema):
    """The terms as the requester signed for them, where the approver took something away since."""

    content: list[Content]
    hours: int
    since: date | None
    until: date | None
    tell: Tell


class Agreement(Schema):
    """The first of two who have to agree, and when and why they did."""

    approver: PersonBrief
    at: datetime
    reason: str


class Review(Schema):
    """What a second person found about a broken glass."""

    finding: Finding
    reviewer: PersonBrief
    at: datetime
    text: str


class Grant(Schema):
    """`content`, `since`, `until`, `hours` and `tell` are the terms as they hold now; `approvers`: how many have to agree;
    `annotations`: how many notes and bookmarks of one's own stand in the case, while it may be read."""

    id: UUID
    case: Case
    annotations: int
    together: list[Beside]
    requester: PersonBrief
    approvers: int
    first: Agreement | None
    approver: PersonBrief | None
    content: list[Content]
    since: date | None
    until: date | None
    tell: Tell
    asked: Asked | None
    purpose: Purpose | Literal["safety"]
    urgent: bool
    overdue: bool
    review: Review | None
    case_number: str
    reason: str
    notes: list[Note]
    decision_reason: str | None
    revocation_reason: str | None
    hours: int
    state: GrantState
    requested_at: datetime
    decided_at: datetime | None
    expires_at: datetime | None


@router.post("/requests", response={201: Grant})
@acts("grant.request")
def ask(request: SignedInRequest, body: NewRequest) -> Status[dict[str, Any]]:
    """Ask to read cases; answers with the grant for the first, which names the others. Somebody else has to agree."""
    terms = Terms(**body.model_dump(exclude={"cases", "reason"}))
    return Status(201, _one(request.auth, grants.request_each(request.auth, body.cases, body.reason, terms)[0]))


@router.get("/requests", response=list[Grant])
@acts("grant.list")
def list_requests(request: SignedInRequest, role: Literal["mine", "approve"] = "mine") -> list[dict[str, Any]]:
    """My own requests, or those of others that I may decide."""
    return shown_grants(request.auth, grants.listed(request.auth, to_approve=role == "approve")[:200])


@router.get("/requests/{uuid:grant_id}", response=Grant)
@acts("grant.see")
def see_request(request: SignedInRequest, grant_id: UUID) -> dict[str, Any]:
    """One request or grant, with its terms and what was said about it."""
    return _one(request.auth, grants.load(request.auth, "grant.see", grant_id))


@router.post("/requests/{uuid:grant_id}/decision", response=Grant)
@acts("grant.decide")
def decide(request: SignedInRequest, grant_id: UUID, body: Decision) -> dict[str, Any]:
    """Approve what was asked together, or less of it; reject it; or return it for more detail. Never one's own request."""
    if body.decision == "return":
        return _one(request.auth, grants.give_back(request.auth, grant_id, reason=body.reason))
    narrowed = Narrowing(**body.model_dump(exclude={"decision", "reason"}))
    approve = body.decision == "approve"
    grants.load(request.auth, "grant.decide", grant_id)
    if approve:
        require_fresh(request)
    return _one(request.auth, grants.decide(request.auth, grant_id, approve=approve, reason=body.reason, narrowed=narrowed))


@router.post("/requests/{uuid:grant_id}/answer", response=Grant)
@acts("grant.answer")
def give_detail(request: SignedInRequest, grant_id: UUID, body: Remark) -> dict[str, Any]:
    """Give the detail that a returned request lacks; it waits again."""
    return _one(request.auth, grants.answer(request.auth, grant_id, body.text))


@router.post("/requests/{uuid:grant_id}/comments", response=Grant)
@acts("grant.comment")
def comment(request: SignedInRequest, grant_id: UUID, body: Remark) -> dict[str, Any]:
    """Say something about a request or a grant."""
    return _one(request.auth, grants.comment(request.auth, grant_id, body.text))


@router.post("/requests/{uuid:grant_id}/revoke", response=Grant)
@acts("grant.revoke")
def revoke(request: SignedInRequest, grant_id: UUID, body: Said) -> dict[str, Any]:
    """End a grant at once, with a reason."""
    return _one(request.auth, grants.revoke(request.auth, grant_id, reason=body.reason))


@router.post("/emergencies", response={201: Grant})
@acts("grant.break_glass")
def break_glass(request: SignedInRequest, body: Emergency) -> Status[dict[str, Any]]:
    """Open one case at once, for an hour, without anybody's agreement: an alarm until somebody else has reviewed it. Needs a second
    factor shown lately."""
    require(request.auth, "grant.break_glass")
    require_fresh(request)
    return Status(201, _one(request.auth, grants.break_glass(request.auth, body.case, reason=body.reason)))


@router.get("/emergencies", response=list[Grant])
@acts("grant.list")
def emergencies(request: SignedInRequest) -> list[dict[str, Any]]:
    """Every one that nobody has reviewed: one's own, and for an approver everybody's."""
    return shown_grants(request.auth, grants.alarms(request.auth)[:200])


@router.post("/requests/{uuid:grant_id}/review", response=Grant)
@acts("grant.review")
def review(request: SignedInRequest, grant_id: UUID, body: Found) -> dict[str, Any]:
    """Say whether breaking the glass was justified. Never one's own."""
    return _one(request.auth, grants.review(request.auth, grant_id, finding=body.finding, text=body.text))


def _one(person: Person, grant: AccessGrant) -> dict[str, Any]:
    return shown_grants(person, AccessGrant.objects.filter(chain_id=grant.id))[0]


def shown_grants(person: Person, rows: Any) -> list[dict[str, Any]]:
    """The fields of `Grant`. The reason was written for these readers; the case in it is metadata alone."""
    people = [f"{who}__{what}" for who in PEOPLE for what in BRIEF]
    notes = ("notes__author__roles", "notes__author__departments")
    found = list(rows.select_related(*PEOPLE).prefetch_related(*people, *notes))
    bound = list(AccessGrant.objects.filter(request__in={grant.request for grant in found}))
    about = list(cases.described(Consultation.objects.filter(chain_id__in={grant.case_id for grant in bound})))
    shown = {case["id"]: case for case in shown_cases(person, about)}
    needed = grants.needed([grant for grant in found if grant.state == AccessGrant.State.WAITING])
    marks = grants.marks(person, [grant.id for grant in found])
    return [{**_grant(grant, shown, bound, needed), "annotations": marks.get(grant.id, 0)} for grant in found]


def _grant(
    grant: AccessGrant, shown: dict[UUID, dict[str, Any]], bound: list[AccessGrant], needed: dict[UUID, int]
) -> dict[str, Any]:
    others = [one for one in bound if one.request == grant.request and one.id != grant.id]
    return {
        "id": grant.id,
        "case": shown[grant.case_id],
        "together": [
            {"grant": one.id, "number": shown[one.case_id]["number"], "case": one.case_id, "state": one.shown_state}
            for one in others
        ],
        "requester": brief(grant.requester),
        "approvers": max(grant.approvers, needed.get(grant.id, 1)),
        "first": _first(grant),
        "approver": brief(grant.approver) if grant.approver else None,
        "content": grant.content,
        "since": grant.since,
        "until": grant.until,
        "tell": grant.tell,
        "asked": _asked(grant),
        "purpose": grant.purpose,
        "urgent": grant.urgent,
        "overdue": grants.overdue(grant),
        "review": _review(grant),
        "case_number": grant.case_number,
        "reason": grants.words(grant, "reason"),
        "notes": [_note(note) for note in sorted(grant.notes.all(), key=lambda note: note.seq)],
        "decision_reason": grants.words(grant, "decision"),
        "revocation_reason": grants.words(grant, "revocation"),
        "hours": grant.hours,
        "state": grant.shown_state,
        "requested_at": grant.requested_at,
        "decided_at": grant.decided_at,
        "expires_at": grant.expires_at,
    }


def _asked(grant: AccessGrant) -> dict[str, Any] | None:
    """What stands in the leaf, where it is not what holds now."""
    said = grant.asked
    if not said or said == grants.terms(grant):
        return None
    return {
        "content": said["content"].split(","),
        "hours": int(said["hours"]),
        "since": said["since"] or None,
        "until": said["until"] or None,
        "tell": said["tell"],
    }


def _first(grant: AccessGrant) -> dict[str, Any] | None:
    if grant.first_approver is None:
        return None
    reason = grants.words(grant, "first_decision")
    return {"approver": brief(grant.first_approver), "at": grant.first_decided_at, "reason": reason}


def _review(grant: AccessGrant) -> dict[str, Any] | None:
    if grant.reviewer is None:
        return None
    text = grants.words(grant, "review")
    return {"finding": grant.finding, "reviewer": brief(grant.reviewer), "at": grant.reviewed_at, "text": text}


def _note(note: grants.GrantNote) -> dict[str, Any]:
    return {"kind": note.kind, "author": brief(note.author), "at": note.at, "text": grants.note_words(note)}
