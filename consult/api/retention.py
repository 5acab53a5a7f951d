"""The retention desk (C-9): what patients asked for, the rules, and the preview of a run. Metadata alone: no word of any case."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field, StringConstraints

from consult.api.rights import ErasureRequest, shown
from consult.models import Consultation
from consult.oversight import cases
from records.access import require
from records.api.auth import SignedInRequest, acts, signed_in
from records.api.schemas import Body, Words
from records.identity import require_fresh
from records.ledger.chains import moment
from records.people import Person
from records.retention import holdings, requests, rules, runs
from records.retention.models import RetentionRun, RightsRequest
from records.retention.terms import Term
from records.views import BRIEF, Bilingual, PersonBrief, bilingual, brief, masked

router = Router(tags=["compliance"], auth=signed_in)

Class = Literal["dialogue", "record", "access"]
Reason = Annotated[Words, StringConstraints(min_length=4, max_length=1000)]
Months = Annotated[int, Field(ge=1, le=rules.LONGEST)]
LISTED: Final = 200


class RetentionRule(Schema):
    """Months. `legal`: the least that the law allows."""

    retention: Class
    minimum: int
    maximum: int
    legal: int


class NewTerm(Body):
    minimum: Months
    maximum: Months


class DueItem(Schema):
    """One data key that a run would destroy. `number`: of its case, where it is of one."""

    key: UUID
    retention: Class
    label: Bilingual
    number: str | None
    patient: str | None
    last_at: datetime
    due_from: datetime


class Preview(Schema):
    """What a run would destroy: `items` at most LISTED of `total`; whoever confirms `digest` confirms all of them and nothing else."""

    digest: str
    total: int
    items: list[DueItem]
    waiting: int


class Confirm(Body):
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Confirmed(Schema):
    keys: int


class DeskRequest(ErasureRequest):
    number: str
    patient: str
    decided_by: PersonBrief | None


class Verdict(Body):
    decision: Literal["grant", "refuse"]
    reason: Annotated[Words, StringConstraints(min_length=1, max_length=500)]


@router.get("/retention/rules", response=list[RetentionRule])
@acts("retention.see")
def list_rules(request: SignedInRequest) -> list[dict[str, Any]]:
    """How long each class of content is kept at least and at most."""
    return [_rule(row.retention, Term(row.minimum, row.maximum)) for row in rules.seen(request.auth)]


@router.put("/retention/rules/{retention}", response=RetentionRule)
@acts("retention.rule")
def set_rule(request: SignedInRequest, retention: Class, body: NewTerm) -> dict[str, Any]:
    """A minimum only ever grows."""
    row = rules.set_term(request.auth, retention, Term(body.minimum, body.maximum))
    return _rule(row.retention, Term(row.minimum, row.maximum))


@router.get("/retention/preview", response=Preview)
@acts("retention.see")
def preview(request: SignedInRequest) -> dict[str, Any]:
    """Exactly what a run confirmed now would destroy."""
    found = runs.preview_for(request.auth)
    waiting = RetentionRun.objects.filter(finished_at=None).count()
    return {"digest": found.digest, "total": len(found.fates), "items": _items(found.fates[:LISTED]), "waiting": waiting}


@router.post("/retention/runs", response={201: Confirmed})
@acts("retention.confirm")
def confirm(request: SignedInRequest, body: Confirm) -> Status[dict[str, int]]:
    """The next nightly run destroys what this preview named. Needs a second factor shown lately."""
    require(request.auth, "retention.confirm")
    require_fresh(request)
    return Status(201, {"keys": runs.confirm(request.auth, body.digest).items.count()})


@router.get("/erasures", response=list[DeskRequest])
@acts("retention.see")
def list_requests(request: SignedInRequest) -> list[dict[str, Any]]:
    """What patients asked to be erased."""
    return _requests(list(requests.listed(request.auth)[:LISTED]))


@router.post("/erasures/{uuid:request_id}/decision", response=DeskRequest)
@acts("rights.decide")
def decide(request: SignedInRequest, request_id: UUID, body: Verdict) -> dict[str, Any]:
    """Granted: destroyed now, or sealed until the law allows it. Needs a second factor shown lately."""
    require(request.auth, "rights.decide")
    require_fresh(request)
    made = requests.decide(request.auth, request_id, grant=body.decision == "grant", reason=body.reason)
    return _requests([made])[0]


def _rule(retention: str, term: Term) -> dict[str, Any]:
    return {"retention": retention, **term._asdict(), "legal": rules.legal()[retention].minimum}


def numbers_of(ids: set[UUID | None]) -> dict[UUID | None, str]:
    """The numbers of these cases."""
    rows = cases.described(Consultation.objects.filter(chain__in=[id_ for id_ in ids if id_]))
    return {row.id: cases.number_of(row) for row in rows}


def masked_names(ids: set[UUID | None]) -> dict[UUID | None, str]:
    """The masked names of these people."""
    return {row.id: masked(row.name) for row in Person.objects.filter(id__in=[id_ for id_ in ids if id_])}


def _items(fates: list[Any]) -> list[dict[str, Any]]:
    numbers = numbers_of({fate.holding.case for fate in fates})
    names = masked_names({fate.holding.patient for fate in fates})
    return [
        {
            "key": fate.holding.key,
            "retention": fate.holding.retention,
            "label": bilingual(*holdings.LABELS[fate.holding.label]),
            "number": numbers.get(fate.holding.case),
            "patient": names.get(fate.holding.patient),
            "last_at": moment(fate.holding.last_at),
            "due_from": moment(fate.due_from),
        }
        for fate in fates
    ]


def _requests(rows: list[RightsRequest]) -> list[dict[str, Any]]:
    numbers, names = numbers_of({row.case_id for row in rows}), masked_names({row.patient_id for row in rows})
    deciders = Person.objects.filter(id__in=[row.decided_by_id for row in rows if row.decided_by_id]).prefetch_related(*BRIEF)
    briefs: dict[UUID | None, Any] = {person.id: brief(person) for person in deciders}
    return [
        {
            **said,
            "number": numbers[row.case_id],
            "patient": names[row.patient_id],
            "decided_by": briefs.get(row.decided_by_id),
        }
        for row, said in zip(rows, shown(rows), strict=True)
    ]
