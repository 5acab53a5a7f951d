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

router = Router(tags=["family"], auth=signed_in)

Scope = Literal["see", "ask"]


class FamilyRow(Schema):
    """`name` is the other person's."""

    id: UUID
    name: str
    scope: Scope
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
    scope: Scope
    days: Annotated[int, Field(ge=1, le=family.MAX_DAYS)]


@router.get("/family", response=Family)
@acts("family.list")
def listed(request: SignedInRequest) -> dict[str, Any]:
    mine, of = family.listed(request.auth)
    return {"mine": [_row(row, row.relative.name) for row in mine], "of": [_row(row, row.patient.name) for row in of]}


@router.post("/family", response={201: FamilyRow})
@acts("family.let_in")
def let_in(request: SignedInRequest, body: NewFamily) -> Status[dict[str, Any]]:
    """Let a relative see my consultations, or also speak in them, until a day."""
    row = family.let_in(request.auth, **body.model_dump())
    return Status(201, _row(row, row.relative.name))


@router.delete("/family/{uuid:access_id}", response={204: None})
@acts("family.shut_out")
def shut_out(request: SignedInRequest, access_id: UUID) -> Status[None]:
    """End it at once, also on sockets that are open."""
    family.shut_out(request.auth, access_id)
    return Status(204, None)


def _row(row: family.FamilyAccess, name: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": name,
        "scope": row.scope,
        "since": row.since,
        "until": row.until,
        "state": row.state,
    }
