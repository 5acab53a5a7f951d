"""Follow-ups: planning a call. transcription/api.py adds their list, which shows the calls' recordings."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Router, Schema
from ninja.responses import Status
from pydantic import AwareDatetime, StringConstraints

from records.api.auth import SignedInRequest, acts, signed_in
from records.api.people import PatientBrief, PersonBrief, brief, patient_brief
from records.api.schemas import Bilingual, Body, Words, bilingual
from records.plans import FollowUp, Title, plan

router = Router(tags=["follow-ups"], auth=signed_in)


class FollowUpBrief(Schema):
    """`origin`: the consultation that it follows. `assigned_to`: who is to call, and may add the recording."""

    id: UUID
    patient: PatientBrief
    title: Bilingual
    assigned_to: PersonBrief
    due_at: datetime
    state: Literal["due", "done", "no_answer"]
    origin: UUID | None


class NewFollowUp(Body):
    patient: UUID
    title: Annotated[Words, StringConstraints(min_length=1, max_length=120)]
    due_at: AwareDatetime


@router.post("/followups", response={201: FollowUpBrief})
@acts("follow_up.create")
def create(request: SignedInRequest, body: NewFollowUp) -> Status[dict[str, Any]]:
    """Plan a call that the asker is to make to a patient in their care."""
    return Status(201, follow_up_brief(plan(request.auth, body.patient, Title(body.title, body.title), body.due_at)))


def follow_up_brief(follow_up: FollowUp) -> dict[str, Any]:
    """The fields of `FollowUpBrief`."""
    words = follow_up.words
    return {
        "id": follow_up.id,
        "patient": patient_brief(follow_up.patient),
        "title": bilingual(words.zh, words.en),
        "assigned_to": brief(follow_up.assigned_to),
        "due_at": follow_up.due_at,
        "state": follow_up.state,
        "origin": follow_up.origin_id,
    }
