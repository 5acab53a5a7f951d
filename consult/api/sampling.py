"""Quality sampling (C-11): a draw, its approval, what was found in each case, and two signatures. No word of any case is here."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from django.http import HttpResponse
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field, StringConstraints, model_validator

from consult.api.compliance import Day, GrantState
from consult.api.consultations import Kept
from consult.api.grant_bodies import Reason, ShortReason
from consult.oversight import sampling as desk
from records import sampling
from records.access import require
from records.api.auth import SignedInRequest, acts, signed_in
from records.api.schemas import Body, Words
from records.csvfile import TYPE
from records.identity import require_fresh
from records.sampling import MAX_HOURS, MAX_SIZE, Wish
from records.views import BRIEF, Bilingual, PersonBrief, brief

router = Router(tags=["compliance"], auth=signed_in)

Kind = Literal["safety", "clarity", "completeness", "empathy", "timeliness", "privacy"]
Severity = Literal["minor", "major", "critical"]
Verdict = Literal["clean", "found", "unreadable"]


class SampleFinding(Body):
    kind: Kind
    severity: Severity
    note: Annotated[Words, StringConstraints(max_length=1000)] = ""


class SampleBrief(Schema):
    """`population`: how many cases it was drawn from; `seed_given`: the seed was the person's own. Reading ends at `expires_at`.

    With a second `rater`: `joined` once they take part; `blind` until both have signed, and until then each sees their own word alone.
    `reviewed`: by whoever asks, or else by the first rater."""

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
    rater: PersonBrief | None
    joined: bool
    rater_reviewed: int | None
    rater_signed_at: datetime | None
    blind: bool
    closed_by: PersonBrief | None
    closed_at: datetime | None


class Rating(Schema):
    by: PersonBrief
    verdict: Verdict
    at: datetime
    findings: list[SampleFinding]


class Resolution(Rating):
    """What was said to settle a case that two raters graded differently. `stands`: a third person decided, or both agreed."""

    how: Literal["talk", "third"]
    confirmed_by: PersonBrief | None
    stands: bool


class RaterAgreement(Schema):
    """Over the `cases` that both raters could read: to how many they gave the same grade, to how many they would have by chance, and
    Cohen's kappa; null: undefined, for both gave one grade throughout."""

    kind: Kind
    cases: int
    agreed: int
    expected: float
    kappa: float | None


class SampledCase(Schema):
    """`opened`: it was read under its grant; without that there is no verdict but `unreadable`. `verdict`, `at` and `findings`: one's own
    while raters work apart, afterwards what holds in the end, null while that is open. `differs`: the criteria that two raters
    graded differently, `verdict` where one could not read it. `annotations`: one's own notes and bookmarks in the case."""

    position: int
    grant: UUID
    grant_state: GrantState
    number: str
    department: Bilingual
    doctor: PersonBrief | None
    messages: int
    flags: int
    held: bool
    kept: Kept
    annotations: int
    opened: bool
    verdict: Verdict | None
    at: datetime | None
    findings: list[SampleFinding]
    ratings: list[Rating]
    differs: list[Kind | Literal["verdict"]]
    resolution: Resolution | None


class SampleDetail(SampleBrief):
    """`redrawn`: the draw, done again, gives these cases, and is the one in the ledger."""

    reason: str | None
    decision_reason: str | None
    redrawn: bool
    agreement: list[RaterAgreement]
    unresolved: int
    items: list[SampledCase]


class Draw(Schema):
    """The smallest SHA-256 of "SEED:CASE" over the population are drawn, the smallest first."""

    seed: str
    size: int
    population: list[UUID]
    drawn: list[UUID]


class NewSample(Body):
    """Cases closed on these days. Without a `seed` the server makes one. `rater`: who grades every case independently."""

    since: Day
    until: Day
    department: UUID | None = None
    size: Annotated[int, Field(ge=1, le=MAX_SIZE)]
    seed: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,64}$")] | None = None
    hours: Annotated[int, Field(ge=1, le=MAX_HOURS)]
    rater: UUID | None = None
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
    return desk.shown(sampling.visible(request.auth)[:100], request.auth)


@router.post("/samples", response={201: SampleDetail})
@acts("sample.plan")
def plan(request: SignedInRequest, body: NewSample) -> Status[dict[str, Any]]:
    """Draw, and ask to read exactly what was drawn. Somebody else has to agree."""
    require(request.auth, "sample.plan")
    wish = Wish(**body.model_dump(exclude={"reason"}))
    cases = desk.population(body.since, body.until, body.department)
    return Status(201, desk.opened(sampling.plan(request.auth, wish, cases, body.reason), request.auth))


@router.get("/samples/raters", response=list[PersonBrief])
@acts("sample.plan")
def raters(request: SignedInRequest) -> list[dict[str, Any]]:
    """Who may be asked to grade one's sample independently."""
    return [brief(person) for person in sampling.raters_for(request.auth).prefetch_related(*BRIEF)]


@router.get("/samples/{uuid:sample_id}", response=SampleDetail)
@acts("sample.see")
def see(request: SignedInRequest, sample_id: UUID) -> dict[str, Any]:
    """One sample: its cases, verdicts and signatures."""
    return desk.opened(sampling.load(request.auth, "sample.see", sample_id), request.auth)


@router.get("/samples/{uuid:sample_id}/draw", response=Draw)
@acts("sample.see")
def draw(request: SignedInRequest, sample_id: UUID) -> dict[str, Any]:
    """What somebody needs who wants to draw again."""
    return desk.drawn(sampling.load(request.auth, "sample.see", sample_id))


@router.post("/samples/{uuid:sample_id}/decision", response=SampleDetail)
@acts("sample.decide")
def decide(request: SignedInRequest, sample_id: UUID, body: SampleDecision) -> dict[str, Any]:
    """All of the sample or nothing. Approving needs a second factor shown lately."""
    sampling.load(request.auth, "sample.decide", sample_id)
    approve = body.decision == "approve"
    if approve:
        require_fresh(request)
    return desk.opened(sampling.decide(request.auth, sample_id, approve=approve, reason=body.reason), request.auth)


@router.post("/samples/{uuid:sample_id}/items/{int:position}/review", response=SampleDetail)
@acts("sample.review")
def review(request: SignedInRequest, sample_id: UUID, position: int, body: NewReview) -> dict[str, Any]:
    """What was found in one case. The newest counts, until the sample is signed."""
    done = sampling.review(request.auth, sample_id, position, body.verdict, _findings(body))
    return desk.opened(done.sample, request.auth)


@router.post("/samples/{uuid:sample_id}/participation", response=SampleDetail)
@acts("sample.join")
def join(request: SignedInRequest, sample_id: UUID) -> dict[str, Any]:
    """Take part as the second rater: asks, in one's own name, to read the same cases."""
    return desk.opened(sampling.join(request.auth, sample_id), request.auth)


@router.post("/samples/{uuid:sample_id}/items/{int:position}/resolution", response=SampleDetail)
@acts("sample.resolve")
def resolve(request: SignedInRequest, sample_id: UUID, position: int, body: NewReview) -> dict[str, Any]:
    """What holds of a case that two raters graded differently: a rater says what both agreed on, an approver decides."""
    return desk.opened(sampling.resolve(request.auth, sample_id, position, body.verdict, _findings(body)), request.auth)


@router.post("/samples/{uuid:sample_id}/items/{int:position}/confirmation", response=SampleDetail)
@acts("sample.review")
def confirm(request: SignedInRequest, sample_id: UUID, position: int) -> dict[str, Any]:
    """The other rater's word that this is what both agreed on."""
    return desk.opened(sampling.confirm(request.auth, sample_id, position), request.auth)


@router.post("/samples/{uuid:sample_id}/signature", response=SampleDetail)
@acts("sample.sign")
def sign(request: SignedInRequest, sample_id: UUID) -> dict[str, Any]:
    """The reviewer's: from now on nothing of it changes."""
    return desk.opened(sampling.sign(request.auth, sample_id), request.auth)


@router.post("/samples/{uuid:sample_id}/closing", response=SampleDetail)
@acts("sample.close")
def close(request: SignedInRequest, sample_id: UUID) -> dict[str, Any]:
    """The second person's signature. Needs a second factor shown lately."""
    sampling.load(request.auth, "sample.close", sample_id)
    require_fresh(request)
    return desk.opened(sampling.close(request.auth, sample_id), request.auth)


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


def _findings(body: NewReview) -> list[sampling.Finding]:
    return [sampling.Finding(one.kind, one.severity, one.note) for one in body.findings]
