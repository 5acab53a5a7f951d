"""Reading a case under a grant: the conversation with its proofs. Nothing is opened before the reading itself is in the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Router, Schema
from pydantic import Field

from consult import cases, review
from consult.api.compliance import Case, shown_cases
from consult.models import Consultation
from records.api.auth import SignedInRequest, acts, signed_in
from records.api.people import PersonBrief, brief
from records.api.schemas import Bilingual

router = Router(tags=["compliance"], auth=signed_in)


class Check(Schema):
    """`ok` is null where it could not be checked (yet)."""

    name: str
    ok: bool | None
    zh: str
    en: str


class CheckpointBrief(Schema):
    size: int
    at: datetime
    root: str


class Integrity(Schema):
    state: review.State
    sentence: Bilingual
    checked: list[Check]
    entries: int
    since: datetime | None = Field(alias="from")
    until: datetime | None = Field(alias="to")
    checkpoint: CheckpointBrief | None


class ProvenEvent(Schema):
    """`body` is null when the words cannot be opened any more; `hash` is the leaf's, hex."""

    seq: int
    kind: str
    at: int
    sender: UUID | None
    client_id: str | None
    body: dict[str, Any] | None
    hash: str
    sealed_at: datetime
    tree_index: int | None
    verified: bool


class ReadConversation(Schema):
    case: Case
    events: list[ProvenEvent]
    people: list[PersonBrief]
    integrity: Integrity


@router.get("/grants/{uuid:grant_id}/conversation", response=ReadConversation, by_alias=True)
@acts("grant.read")
def conversation(request: SignedInRequest, grant_id: UUID) -> dict[str, Any]:
    read = review.conversation(request.auth, grant_id)
    found = cases.described(Consultation.objects.filter(chain_id=read.grant.case_id))
    return {
        "case": shown_cases(request.auth, list(found))[0],
        "events": read.events,
        "people": [brief(person) for person in read.people],
        "integrity": read.report.payload(),
    }
