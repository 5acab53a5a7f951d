"""The monthly review of the access log (C-10): hints, what was said of each, and the signature of whoever was named."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Router, Schema
from pydantic import StringConstraints

from consult.api.accesslog import LogEntry
from consult.api.grant_bodies import ShortReason
from consult.oversight import hints as desk
from records.accesslog import reviews
from records.api.auth import SignedInRequest, acts, signed_in
from records.api.schemas import Body, Words
from records.errors import NOT_FOUND, Refused
from records.identity import require_fresh
from records.views import PersonBrief

router = Router(tags=["compliance"], auth=signed_in)

Rule = Literal["patients", "exports", "off_duty", "own", "family", "colleague", "glass"]
Outcome = Literal["explained", "pursued"]
State = Literal["running", "due", "overdue", "signed"]
Note = Annotated[Words, StringConstraints(min_length=4, max_length=1000)]


class Month(Schema):
    """`month`: 2026-11. `running`: it is not over; `due_on`: the last day for the signature of `reviewer`; null: nobody is named yet."""

    month: str
    state: State
    due_on: date
    reviewer: PersonBrief | None
    signed_by: PersonBrief | None
    signed_at: datetime | None


class HintBounds(Schema):
    """From how many on something is a hint: patients within an hour, exports within an hour, acts in a night off duty. Days: Monday 1."""

    patients: int
    exports: int
    off_duty: int
    opens: str
    closes: str
    days: list[int]


class Settled(Schema):
    by: PersonBrief
    at: datetime
    outcome: Outcome
    note: str


class AccessHint(Schema):
    """`counted`: acts, for `patients` patients. `patient`: masked. `own`: about whoever asks. `waits`: on the review of an emergency."""

    key: str
    rule: Rule
    person: PersonBrief
    patient: str | None
    counted: int
    since: datetime
    until: datetime
    own: bool
    waits: bool
    settled: Settled | None


class MonthDetail(Month):
    """`acts`: readings and exports that the rules looked at, `whole`: all there are. `found`: hints, of which the first ones are listed.
    `open_glass`: emergencies that nobody has reviewed. `candidates`: who may be named."""

    note: str | None
    bounds: HintBounds
    acts: int
    whole: bool
    found: int
    unsettled: int
    open_glass: int
    candidates: list[PersonBrief]
    hints: list[AccessHint]


class HintActs(Schema):
    """Newest first, the last 100 of `total`."""

    entries: list[LogEntry]
    total: int


class Settling(Body):
    outcome: Outcome
    note: Note


class Naming(Body):
    person: UUID


class Signing(Body):
    note: ShortReason


@router.get("/reviews", response=list[Month])
@acts("access_review.see")
def list_months(request: SignedInRequest) -> list[dict[str, Any]]:
    """The newest two years. Months that came meanwhile are opened by whoever looks first."""
    rows = reviews.visible(request.auth)
    reviews.keep_up()
    return desk.shown(rows[: reviews.LISTED])


@router.get("/reviews/{month}", response=MonthDetail)
@acts("access_review.see")
def see(request: SignedInRequest, month: str) -> dict[str, Any]:
    """The hints of a month as they are now. An act in the log."""
    review = reviews.load(request.auth, "access_review.see", _first_of(month))
    looked = desk.look(review.month)
    reviews.looked(request.auth, review, len(looked.hints))
    return desk.opened(review, looked, request.auth)


@router.get("/reviews/{month}/hints/{key}", response=HintActs)
@acts("access_review.see")
def acts_of(request: SignedInRequest, month: str, key: str) -> dict[str, Any]:
    """What a hint rests on. An act in the log."""
    review = reviews.load(request.auth, "access_review.see", _first_of(month))
    hint = desk.hint_of(desk.look(review.month), key)
    reviews.looked(request.auth, review, len(hint.leaves), hint=key)
    return desk.acts_of(hint)


@router.post("/reviews/{month}/hints/{key}/note", response=MonthDetail)
@acts("access_review.settle")
def settle(request: SignedInRequest, month: str, key: str, body: Settling) -> dict[str, Any]:
    """Say what a hint was. Never of one's own."""
    first = reviews.load(request.auth, "access_review.settle", _first_of(month)).month
    looked = desk.look(first)
    review = reviews.settle(request.auth, first, desk.hint_of(looked, key), body.outcome, body.note)
    return desk.opened(review, looked, request.auth)


@router.post("/reviews/{month}/reviewer", response=MonthDetail)
@acts("access_review.name")
def name(request: SignedInRequest, month: str, body: Naming) -> dict[str, Any]:
    """Name somebody else for a month."""
    review = reviews.name(request.auth, _first_of(month), body.person)
    return desk.opened(review, desk.look(review.month), request.auth)


@router.post("/reviews/{month}/signature", response=MonthDetail)
@acts("access_review.sign")
def sign(request: SignedInRequest, month: str, body: Signing) -> dict[str, Any]:
    """The named person's, once the month is over and nothing of it is open. Needs a second factor shown lately."""
    first = reviews.load(request.auth, "access_review.sign", _first_of(month)).month
    require_fresh(request)
    looked = desk.look(first)
    review = reviews.sign(request.auth, first, looked.hints, looked.acts, body.note)
    return desk.opened(review, looked, request.auth)


def _first_of(month: str) -> date:
    """Raises Refused(NOT_FOUND) for what is no month."""
    try:
        return date.fromisoformat(f"{month}-01")
    except ValueError:
        raise Refused(NOT_FOUND) from None
