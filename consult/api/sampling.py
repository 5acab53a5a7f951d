"""Quality sampling (C-11): a draw, its approval, what was found in each case, and two signatures. No word of any case is here."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from django.http import HttpResponse
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field, StringConstraints, model_validator

from consult import sampling as desk
from consult.api.compliance import Day, GrantState
from consult.api.grant_bodies import Reason, ShortReason
from records import grants, sampling
from records.access import require
from records.api.auth import SignedInRequest, acts, signed_in
from records.api.people import PersonBrief
from records.api.schemas import Bilingual, Body, Words
from records.csvfile import TYPE
from records.identity import require_fresh
from records.sampling import MAX_HOURS, MAX_SIZE, Wish

router = Router(tags=["compliance"], auth=signed_in)

Kind = Literal["safety", "clarity", "completeness", "empathy", "timeliness", "privacy"]
Severity = Literal["minor", "major", "critical"]
Verdict = Literal["clean", "found", "unreadable"]


class SampleFinding(Body):
    kind: Kind
    severity: Severity
    note: Annotated[Words, StringConstraints(max_length=1000)] = ""


class SampleBrief(Schema):
    """`population`: how many cases it was drawn from; `seed_given`: the seed was the person's own. Reading ends at `expires_at`."""

    id: UUID
    state: GrantState | Literal["signed", "closed"]
    made_by: PersonBrief
    made_at: datetime
    department: Bilingual | None
    since: Day
    until: Day
    size: int
    population: int
    seed: str
    seed_given: bool
    hours: int
    approver: PersonBrief | None
    expires_at: datetime | None
    reviewed: int
    findings: int
    signed_at: datetime | None
    closed_by: PersonBrief | None
    closed_at: datetime | None


class SampledCase(Schema):
    """`opened`: it was read under its grant; without that there is no verdict but `unreadable`."""

    position: int
    grant: UUID
    grant_state: GrantState
    number: str
    department: Bilingual
    doctor: PersonBrief | None
    messages: int
    opened: bool
    verdict: Verdict | None
    at: datetime | None
    findings: list[SampleFinding]


class SampleDetail(SampleBrief):
    """`redrawn`: the draw, done again, gives these cases, and is the one in the ledger."""

    reason: str | None
    decision_reason: str | None
    redrawn: bool
    items: list[SampledCase]


class Draw(Schema):
    """The smallest SHA-256 of "SEED:CASE" over the population are drawn, the smallest first."""

    seed: str
    size: int
    population: list[UUID]
    drawn: list[UUID]


class NewSample(Body):
    """Cases closed on these days. Without a `seed` the server makes one."""

    since: Day
    until: Day
    department: UUID | None = None
    size: Annotated[int, Field(ge=1, le=MAX_SIZE)]
    seed: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,64}$")] | None = None
    hours: Annotated[int, Field(ge=1, le=MAX_HOURS)]
    reason: Reason

    @model_validator(mode="after")
    def in_order(self) -> Self:
        if self.since > self.until:
            raise ValueError("the first day cannot be after the last")
        return self


class SampleDecision(Body):
    decision: Literal["approve", "reject"]
    reason: ShortReason


class NewReview(Body):
    verdict: Verdict
    findings: list[SampleFinding] = Field(default=[], max_length=20)

    @model_validator(mode="after")
    def findings_with_that_verdict(self) -> Self:
        if (self.verdict == "found") != bool(self.findings):
            raise ValueError("findings, and the verdict that there are some, come together")
        return self


@router.get("/samples", response=list[SampleBrief])
@acts("sample.list")
def list_samples(request: SignedInRequest) -> list[dict[str, Any]]:
    """One's own, and for an approver everybody's; newest first."""
    return desk.shown(sampling.visible(request.auth)[:100])


@router.post("/samples", response={201: SampleDetail})
@acts("sample.plan")
def plan(request: SignedInRequest, body: NewSample) -> Status[dict[str, Any]]:
    """Draw, and ask to read exactly what was drawn. Somebody else has to agree."""
    require(request.auth, "sample.plan")
    wish = Wish(**body.model_dump(exclude={"reason"}))
    cases = desk.population(body.since, body.until, body.department)
    return Status(201, desk.opened(sampling.plan(request.auth, wish, cases, body.reason)))


@router.get("/samples/{uuid:sample_id}", response=SampleDetail)
@acts("sample.see")
def see(request: SignedInRequest, sample_id: UUID) -> dict[str, Any]:
    return desk.opened(sampling.load(request.auth, "sample.see", sample_id))


@router.get("/samples/{uuid:sample_id}/draw", response=Draw)
@acts("sample.see")
def draw(request: SignedInRequest, sample_id: UUID) -> dict[str, Any]:
    """What somebody needs who wants to draw again."""
    return desk.drawn(sampling.load(request.auth, "sample.see", sample_id))


@router.post("/samples/{uuid:sample_id}/decision", response=SampleDetail)
@acts("sample.decide")
def decide(request: SignedInRequest, sample_id: UUID, body: SampleDecision) -> dict[str, Any]:
    """All of the sample or nothing. Approving needs a second factor shown lately."""
    sample = sampling.load(request.auth, "sample.decide", sample_id)
    approve = body.decision == "approve"
    if approve:
        require_fresh(request)
    grants.decide(request.auth, sample.request, approve=approve, reason=body.reason)
    return desk.opened(sample)


@router.post("/samples/{uuid:sample_id}/items/{int:position}/review", response=SampleDetail)
@acts("sample.review")
def review(request: SignedInRequest, sample_id: UUID, position: int, body: NewReview) -> dict[str, Any]:
    """What was found in one case. The newest counts, until the sample is signed."""
    found = [sampling.Finding(one.kind, one.severity, one.note) for one in body.findings]
    return desk.opened(sampling.review(request.auth, sample_id, position, body.verdict, found).sample)


@router.post("/samples/{uuid:sample_id}/signature", response=SampleDetail)
@acts("sample.sign")
def sign(request: SignedInRequest, sample_id: UUID) -> dict[str, Any]:
    """The reviewer's: from now on nothing of it changes."""
    return desk.opened(sampling.sign(request.auth, sample_id))


@router.post("/samples/{uuid:sample_id}/closing", response=SampleDetail)
@acts("sample.close")
def close(request: SignedInRequest, sample_id: UUID) -> dict[str, Any]:
    """The second person's signature. Needs a second factor shown lately."""
    sampling.load(request.auth, "sample.close", sample_id)
    require_fresh(request)
    return desk.opened(sampling.close(request.auth, sample_id))


@router.get("/samples/{uuid:sample_id}/findings")
@acts("sample.export")
def findings(request: SignedInRequest, sample_id: UUID, language: Literal["zh", "en"] = "zh") -> HttpResponse:
    """The findings as a table for spreadsheet programs. An act in the log; needs a second factor shown lately."""
    sampling.load(request.auth, "sample.export", sample_id)
    require_fresh(request)
    answer = HttpResponse(desk.table(request.auth, sample_id, language), content_type=TYPE)
    answer["Content-Disposition"] = f'attachment; filename="sample-{sample_id}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer
