"""Side threads over HTTP: for clinicians who belong to them, and to nobody else."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Router, Schema
from pydantic import Field

from consult.api.consultations import CursorRow
from consult.conversation import sides
from records.api.auth import SignedInRequest, acts, signed_in
from records.api.schemas import Words
from records.views import Bilingual, PatientBrief, PersonBrief, brief

router = Router(tags=["consultations"], auth=signed_in)


class About(Schema):
    consultation: UUID
    patient: PatientBrief
    department: Bilingual
    state: str


class Side(Schema):
    id: UUID
    about: About
    members: list[PersonBrief]
    unread: int
    last_at: datetime
    last_line: str | None


class SideDetail(Side):
    cursors: list[CursorRow]


@router.get("/sides", response=list[Side])
@acts("side.list")
def list_sides(request: SignedInRequest) -> list[dict[str, Any]]:
    """The discussions this clinician belongs to, the newest words first."""
    return sides.mine(request.auth)


@router.get("/consultations/{uuid:consultation_id}/side", response=SideDetail)
@acts("side.read")
def side(request: SignedInRequest, consultation_id: UUID) -> dict[str, Any]:
    """The discussion beside one case."""
    return sides.beside(request.auth, consultation_id)


@router.get("/colleagues", response=list[PersonBrief])
@acts("side.list")
def colleagues(request: SignedInRequest, q: Annotated[Words, Field(max_length=60)] = "") -> list[dict[str, Any]]:
    """Clinicians who can be asked into a discussion, by name."""
    return [brief(person) for person in sides.colleagues(request.auth, q)]
