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
from records.plans import FollowUp, Title, plan, take

router = Router(tags=["follow-ups"], auth=signed_in)


class FollowUpBrief(Schema):
    """`origin`: the consultation that it follows. `assigned_to`: who is to call, and may add the recording; null while it waits for
    somebody of the department, because whoever was to call has left."""

    id: UUID
    patient: PatientBrief
    title: Bilingual
    assigned_to: PersonBrief | None
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


@router.post("/followups/{uuid:follow_up_id}/take", response=FollowUpBrief)
@acts("follow_up.take")
def take_over(request: SignedInRequest, follow_up_id: UUID) -> dict[str, Any]:
    """Make a call that waits one's own, and care for its patient from now on. 409 when a colleague was faster."""
    return follow_up_brief(take(request.auth, follow_up_id))


def follow_up_brief(follow_up: FollowUp) -> dict[str, Any]:
    """The fields of `FollowUpBrief`."""
    words = follow_up.words
    return {
        "id": follow_up.id,
        "patient": patient_brief(follow_up.patient),
        "title": bilingual(words.zh, words.en),
        "assigned_to": brief(follow_up.assigned_to) if follow_up.assigned_to else None,
        "due_at": follow_up.due_at,
        "state": follow_up.state,
        "origin": follow_up.origin_id,
    }
