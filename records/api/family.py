"""A patient's family: who is let in, by whom, and the end of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field, StringConstraints

from records import family
from records.api.auth import SignedInRequest, acts, signed_in
from records.api.schemas import Body, Words
from records.people import Person
from records.relatives import FamilyAccess

router = Router(tags=["family"], auth=signed_in)

Messages = Literal["none", "see", "ask"]


class FamilyRow(Schema):
    """`person` is the other one. `messages`: what may be done in the consultations; `record`: all of it but `medication`; `calls`: those
    that were recorded."""

    id: UUID
    person: UUID
    name: str
    messages: Messages
    record: bool
    medication: bool
    calls: bool
    since: datetime
    until: datetime
    state: Literal["current", "expired", "ended"]


class Family(Schema):
    """`mine`: whom I let in; `of`: who lets me in now."""

    mine: list[FamilyRow]
    of: list[FamilyRow]


class NewFamily(Body):
    phone: Annotated[Words, StringConstraints(min_length=1, max_length=64)]
    name: Annotated[Words, StringConstraints(min_length=1, max_length=60)]
    messages: Messages
    record: bool = False
    medication: bool = False
    calls: bool = False
    days: Annotated[int, Field(ge=1, le=family.MAX_DAYS)]


@router.get("/family", response=Family)
@acts("family.list")
def listed(request: SignedInRequest) -> dict[str, Any]:
    """Whom this patient lets in, and who lets this person in."""
    mine, of = family.listed(request.auth)
    return {"mine": [_row(row, row.relative) for row in mine], "of": [_row(row, row.patient) for row in of]}


@router.post("/family", response={201: FamilyRow})
@acts("family.let_in")
def let_in(request: SignedInRequest, body: NewFamily) -> Status[dict[str, Any]]:
    """Let a relative see my consultations, or also speak in them, and see parts of my record, until a day."""
    scopes = family.Scopes(body.messages, record=body.record, medication=body.medication, calls=body.calls)
    row = family.let_in(request.auth, phone=body.phone, name=body.name, scopes=scopes, days=body.days)
    return Status(201, _row(row, row.relative))


@router.delete("/family/{uuid:access_id}", response={204: None})
@acts("family.shut_out")
def shut_out(request: SignedInRequest, access_id: UUID) -> Status[None]:
    """End it at once, also on sockets that are open."""
    family.shut_out(request.auth, access_id)
    return Status(204, None)


def _row(row: FamilyAccess, other: Person) -> dict[str, Any]:
    return {
        "id": row.id,
        "person": other.id,
        "name": other.name,
        "messages": row.messages,
        "record": row.record,
        "medication": row.medication,
        "calls": row.calls,
        "since": row.since,
        "until": row.until,
        "state": row.state,
    }
