"""The compliance console: cases by metadata, and what was read under grants."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from django.http import QueryDict
from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from consult.api.consultations import DepartmentBrief, Kept
from consult.models import Consultation
from consult.oversight import cases, review
from consult.oversight.filters import Filters
from consult.protocol import RedFlag
from consult.record import action_words
from records import grants
from records.api.auth import SignedInRequest, acts, signed_in
from records.api.schemas import Body, Words
from records.errors import BAD_INPUT, Refused
from records.grants import AccessGrant, sensitive
from records.ledger.chains import moment
from records.people import Person
from records.views import BRIEF, Bilingual, PersonBrief, bilingual, brief, masked

router = Router(tags=["compliance"], auth=signed_in)

Content = Literal["conversation", "attachments", "recordings", "transcripts", "discussion"]
GrantState = Literal["waiting", "returned", "approved", "rejected", "expired", "revoked"]
CaseState = Literal["queued", "active", "closed"]
Keeping = Literal["kept", "sealed", "shredded", "held"]
Flag = Literal["any"] | RedFlag
Purpose = Literal["complaint", "dispute", "judicial", "quality", "regulator", "patient"]
Yes = Literal["yes"]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2999, 12, 31))]
Term = Annotated[Words, StringConstraints(max_length=64)]
FILTER_NAMES: Final = {"since": "from", "until": "to"}


class GrantBrief(Schema):
    id: UUID
    state: GrantState
    expires_at: datetime | None


class Case(Schema):
    """Metadata alone: the patient's name is masked, and no word of what was said is here. `flags`: how many danger signs were ticked;
    `held`: under a legal hold; `kept`: what has become of its words; `approvers`: how many have to agree before it is
    read, two for a sensitive department; `integrity`: checked for a page of the search, else unknown."""

    id: UUID
    number: str
    patient: str
    doctor: PersonBrief | None
    department: DepartmentBrief
    opened_at: datetime
    closed_at: datetime | None
    state: CaseState
    messages: int
    recordings: int
    files: int
    flags: int
    held: bool
    kept: Kept
    integrity: review.State
    approvers: int
    grant: GrantBrief | None


class Filter(Schema):
    name: str
    value: str


class CasePage(Schema):
    """`total`: of the cases that were looked through, the newest ones; `through`: where that stopped, at 500 found or when it took too
    long; null: all were looked through."""

    total: int
    through: datetime | None
    page: int
    filters: list[Filter]
    cases: list[Case]


class CaseQuery(Body):
    patient: Term | None = None
    doctor: Term | None = None
    staff: Term | None = None
    department: Term | None = None
    since: Day | None = Field(None, alias="from")
    until: Day | None = Field(None, alias="to")
    state: CaseState | None = None
    flag: Flag | None = None
    photo: Yes | None = None
    paper: Yes | None = None
    voice: Yes | None = None
    call: Yes | None = None
    discussion: Yes | None = None
    keeping: Keeping | None = None
    asked: Purpose | None = None
    file: Term | None = None
    number: Term | None = None
    page: Annotated[int, Field(ge=1, le=10_000)] = 1


class Reading(Schema):
    at: datetime
    person: PersonBrief
    action: str
    says: Bilingual
    what: Content | Literal["whole"]
    grant: UUID


@router.get("/cases", response=CasePage)
@acts("case.search")
def search(request: SignedInRequest, query: Query[CaseQuery]) -> dict[str, Any]:
    """Cases by metadata; `filters` names every filter that was applied. One that is not known or given twice is refused."""
    every_filter_applies(request.GET, CaseQuery)
    filters = Filters(**query.model_dump(exclude={"page"}))
    found = cases.search(request.auth, filters, query.page)
    return {
        "total": found.total,
        "through": found.through,
        "page": query.page,
        "filters": [{"name": FILTER_NAMES.get(name, name), "value": value} for name, value in found.applied.items()],
        "cases": shown_cases(request.auth, found.cases, badges=True),
    }


@router.get("/readings", response=list[Reading])
@acts("grant.list")
def readings(request: SignedInRequest, grant: UUID | None = None) -> list[dict[str, Any]]:
    """What was read under grants, by whom and when; newest first."""
    found = grants.readings(request.auth, grant)
    people = Person.objects.filter(id__in={reading.person for reading in found}).prefetch_related(*BRIEF)
    names = {person.id: brief(person) for person in people}
    return [
        {
            "at": moment(reading.at),
            "person": names[reading.person],
            "action": reading.what,
            "says": action_words(reading.what),
            "what": reading.part,
            "grant": reading.grant,
        }
        for reading in found
    ]


def every_filter_applies(given: QueryDict, query: type[Body]) -> None:
    """ninja drops what it does not know and all but the last of a repeated name: here that would be a silent wider search."""
    known = {field.alias or name for name, field in query.model_fields.items()}
    wrong = [name for name, values in given.lists() if name not in known or len(values) > 1]
    if wrong:
        raise Refused(
            BAD_INPUT, {name[:64]: bilingual("这个条件无法使用。", "This filter cannot be applied.") for name in wrong[:10]}
        )


def shown_cases(person: Person, found: list[Consultation], *, badges: bool = False) -> list[dict[str, Any]]:
    """The fields of `Case`, with this person's newest grant for each. `badges`: check the chain of each, which reads all of it: for one
    page; without, `integrity` is unknown."""
    mine = AccessGrant.objects.filter(requester=person, case__in=[row.chain_id for row in found]).order_by("requested_at")
    newest = {grant.case_id: grant for grant in mine}
    ids = [row.chain_id for row in found]
    states, approvers = review.states(ids) if badges else {}, sensitive.approvers(ids)
    return [_case(row, newest.get(row.chain_id), states.get(row.chain_id, "unknown"), approvers[row.chain_id]) for row in found]


def _case(row: Any, grant: AccessGrant | None, integrity: str, approvers: int) -> dict[str, Any]:
    department = row.department
    return {
        "id": row.id,
        "number": cases.number_of(row),
        "patient": masked(row.patient.name),
        "doctor": brief(row.assignee) if row.assignee else None,
        "department": {"id": department.id, "name": bilingual(department.name_zh, department.name_en)},
        "opened_at": row.opened_at,
        "closed_at": row.closed_at,
        "state": row.state,
        "messages": row.messages,
        "recordings": row.recordings,
        "files": row.files,
        "flags": len(row.red_flags),
        "held": row.held,
        "kept": row.kept,
        "integrity": integrity,
        "approvers": approvers,
        "grant": {"id": grant.id, "state": grant.shown_state, "expires_at": grant.expires_at} if grant else None,
    }
