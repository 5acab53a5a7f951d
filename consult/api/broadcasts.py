"""Writing once to many patients: whom one may write to, the notice, and what became of it for each."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from ninja import Query, Router, Schema
from ninja.responses import Status
from pydantic import Field, StringConstraints, model_validator

from consult.broadcasts import cohorts, composing, sending
from consult.broadcasts.composing import Words as Notice
from records.api.auth import SignedInRequest, acts, signed_in
from records.api.schemas import Body, ClientId, Words
from records.views import Bilingual, PatientBrief, PersonBrief, bilingual, brief, patient_brief

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from consult.models import Broadcast, BroadcastRecipient

router = Router(tags=["broadcasts"], auth=signed_in)

RecipientState = Literal["waiting", "sent", "read", "opted_out", "failed"]


class CohortRow(Schema):
    """`size`: how many patients it has now. Some of them may have opted out."""

    id: str
    name: Bilingual
    size: int


class BroadcastCounts(Schema):
    """They add up to all recipients: who read it is no longer among `sent`."""

    waiting: int
    sent: int
    read: int
    opted_out: int
    failed: int


class BroadcastRow(Schema):
    id: UUID
    title: str
    text: str
    cohort: str
    at: datetime
    author: PersonBrief
    state: Literal["sending", "done", "stopped"]
    counts: BroadcastCounts


class NewBroadcast(Body):
    """To a cohort, or to named patients. `expected`: the number of patients that the author saw and confirmed."""

    client_id: ClientId
    title: Annotated[Words, StringConstraints(min_length=1, max_length=60)]
    text: Annotated[Words, StringConstraints(min_length=1, max_length=2000)]
    expected: int = Field(ge=1, le=composing.MAX_RECIPIENTS)
    cohort: str | None = Field(None, max_length=64)
    patients: list[UUID] = Field([], max_length=composing.MAX_NAMED)

    @model_validator(mode="after")
    def one_of_both(self) -> Self:
        if (self.cohort is None) == (not self.patients):
            raise ValueError("a cohort or patients, and not both")
        return self


class RecipientFailure(Schema):
    code: str
    message: Bilingual


class RecipientRow(Schema):
    """`at`: when it was sent, or found not to be wanted; None while it waits."""

    patient: PatientBrief
    state: RecipientState
    at: datetime | None
    failure: RecipientFailure | None


class RecipientPage(Schema):
    total: int
    pages: int
    recipients: list[RecipientRow]


class RecipientQuery(Schema):
    state: RecipientState | None = None
    page: int = Field(1, ge=1, le=10_000)


@router.get("/cohorts", response=list[CohortRow])
@acts("broadcast.list")
def groups(request: SignedInRequest) -> list[dict[str, Any]]:
    """The groups of patients that one may write to at once."""
    found = cohorts.offered(request.auth)
    return [{"id": one.id, "name": bilingual(one.zh, one.en), "size": one.patients.count()} for one in found]


@router.get("/broadcasts", response=list[BroadcastRow])
@acts("broadcast.list")
def own(request: SignedInRequest) -> list[dict[str, Any]]:
    """One's own, newest first."""
    return _rows(composing.written_by(request.auth))


@router.post("/broadcasts", response={201: BroadcastRow})
@acts(cohorts.SEND)
def compose(request: SignedInRequest, body: NewBroadcast) -> Status[dict[str, Any]]:
    """Begin to send it. Repeating the client id answers with the first."""
    notice = Notice(body.title, body.text)
    made = composing.compose(
        request.auth, body.client_id, notice, expected=body.expected, cohort=body.cohort, patients=body.patients
    )
    return Status(201, _rows([made])[0])


@router.get("/broadcasts/{uuid:broadcast_id}", response=BroadcastRow)
@acts("broadcast.see")
def see(request: SignedInRequest, broadcast_id: UUID) -> dict[str, Any]:
    """One notice to many, and how far its sending has come."""
    return _rows([composing.load(request.auth, "broadcast.see", broadcast_id)])[0]


@router.get("/broadcasts/{uuid:broadcast_id}/recipients", response=RecipientPage)
@acts("broadcast.see")
def recipients(request: SignedInRequest, broadcast_id: UUID, query: Query[RecipientQuery]) -> dict[str, Any]:
    """What became of it for each patient, in order of their names."""
    found = composing.load(request.auth, "broadcast.see", broadcast_id)
    total, rows = composing.recipients(found, query.state, query.page)
    read = composing.read_by(rows)
    pages = max(1, -(-total // composing.PAGE))
    return {"total": total, "pages": pages, "recipients": [_recipient(row, read) for row in rows]}


@router.post("/broadcasts/{uuid:broadcast_id}/stop", response=BroadcastRow)
@acts("broadcast.stop")
def stop(request: SignedInRequest, broadcast_id: UUID) -> dict[str, Any]:
    """Send it to nobody else."""
    return _rows([composing.stop(request.auth, broadcast_id)])[0]


def _rows(found: Sequence[Broadcast]) -> list[dict[str, Any]]:
    counted = composing.counts([row.id for row in found])
    return [_row(row, counted[row.id]) for row in found]


def _row(row: Broadcast, counted: dict[str, int]) -> dict[str, Any]:
    words = composing.words_of(row)
    return {
        "id": row.id,
        "title": words.title,
        "text": words.text,
        "cohort": row.cohort,
        "at": row.at,
        "author": brief(row.author),
        "state": row.state,
        "counts": counted,
    }


def _recipient(row: BroadcastRecipient, read: set[int]) -> dict[str, Any]:
    kind = sending.FAILURES.get(row.failure)
    return {
        "patient": patient_brief(row.patient),
        "state": "read" if row.id in read else row.state,
        "at": row.at,
        "failure": {"code": kind.code, "message": bilingual(kind.zh, kind.en)} if kind else None,
    }
