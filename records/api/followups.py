"""Follow-ups: planning a call. transcription/api.py adds their list, which shows the calls' recordings."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Router, Schema
from ninja.responses import Status
from pydantic import AwareDatetime, StringConstraints

from records.api.auth import SignedInRequest, acts, signed_in
from records.api.schemas import Body, ClientId, Words
from records.outcomes import NOTE_CHARACTERS, CallOutcome, Consent, Outcome, Report, report
from records.plans import FollowUp, Title, device_key_of, follow_up_to_record, plan, take
from records.views import Bilingual, PatientBrief, PersonBrief, bilingual, brief, patient_brief

router = Router(tags=["follow-ups"], auth=signed_in)


State = Literal["due", "done", "no_answer", "refused", "needs_doctor", "wrong_number"]


class FollowUpBrief(Schema):
    """`origin`: the consultation that it follows. `assigned_to`: who is to call, and may add the recording; null while it waits for
    somebody of the department, because whoever was to call has left."""

    id: UUID
    patient: PatientBrief
    title: Bilingual
    assigned_to: PersonBrief | None
    due_at: datetime
    state: State
    origin: UUID | None


class OutcomeBrief(Schema):
    """How one call ended. `consent`: to being recorded. `next_at`: when to call again, as decided then."""

    at: datetime
    by: PersonBrief
    outcome: Outcome
    consent: Consent
    note: str
    next_at: datetime | None


class NewOutcome(Body):
    """A `note` is needed when a doctor must act, and when recording was refused; a `next_at` when nobody answered."""

    client_id: ClientId
    outcome: Outcome
    consent: Consent
    note: Annotated[Words, StringConstraints(max_length=NOTE_CHARACTERS)] = ""
    next_at: AwareDatetime | None = None


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


class DeviceKey(Schema):
    """Base64. It is not to be kept on the device."""

    key: str


@router.get("/followups/{uuid:follow_up_id}/device-key", response=DeviceKey)
@acts("follow_up.record")
def key_for_device(request: SignedInRequest, follow_up_id: UUID) -> dict[str, str]:
    """The key under which the caller's device keeps what it records of this call and has not sent."""
    return {"key": base64.b64encode(device_key_of(follow_up_to_record(request.auth, follow_up_id))).decode()}


@router.post("/followups/{uuid:follow_up_id}/outcomes", response=FollowUpBrief)
@acts("follow_up.record")
def tell_outcome(request: SignedInRequest, follow_up_id: UUID, body: NewOutcome) -> dict[str, Any]:
    """Say how a call ended, and when to call again."""
    said = Report(body.outcome, body.consent, body.note, body.next_at)
    return follow_up_brief(report(request.auth, follow_up_id, body.client_id, said))


def outcome_brief(row: CallOutcome) -> dict[str, Any]:
    """The fields of `OutcomeBrief`."""
    told = {name: getattr(row, name) for name in ("at", "outcome", "consent", "note", "next_at")}
    return {**told, "by": brief(row.by)}


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
