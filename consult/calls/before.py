"""What whoever treats a patient should know before ringing them: what they need, and how the last call went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from consult.models import Call

if TYPE_CHECKING:
    from consult.models import Consultation
    from records.people import Person


def known(person: Person, case: Consultation) -> dict[str, Any] | None:
    """Of the patient of a case that this person has; None for everybody else."""
    if case.assignee_id != person.id:
        return None
    return {"needs": case.patient.needs, "language": case.patient.language, "last_call": _last(person, case)}


def _last(person: Person, case: Consultation) -> dict[str, Any] | None:
    """Of the calls in cases of this patient that this person has, the newest that is over."""
    mine = Call.objects.filter(consultation__patient=case.patient_id, consultation__assignee=person, consultation__kept="")
    call = mine.filter(room=False, ended_at__isnull=False).order_by("-at").first()
    if call is None:
        return None
    seconds = None if call.answered_at is None else ((call.ended_at or call.answered_at) - call.answered_at) // 1000
    return {
        "at": call.at,
        "mine": call.caller_id == person.id,
        "media": call.media,
        "state": call.state,
        "reason": call.reason,
        "duration_s": seconds,
        "poor_s": call.poor_ms // 1000,
    }
