"""Service terms of a case: how often the patient may ask on after an answer, and until when. Clinicians may always write."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from consult import timeline
from consult.errors import CLOSED, NOTHING_GIVEN
from consult.models import Consultation
from consult.protocol import ConsultationExtend, Extended
from records.errors import Refused

if TYPE_CHECKING:
    from consult.timeline import Appended
    from records.people import Person

FIELDS = ("rounds", "rounds_used", "until")
State = Consultation.State


def over(case: Consultation) -> str | None:
    """Why the patient cannot write on: `rounds`, `time`, or None where they can. A question under way may be added to."""
    if case.state != State.ACTIVE:
        return None
    if case.until is not None and case.until < timezone.now():
        return "time"
    used_up = case.rounds is not None and case.rounds_used >= case.rounds
    return "rounds" if used_up and case.needs_reply_since is None else None


def shown(case: Consultation) -> dict[str, Any]:
    return {"rounds": case.rounds, "rounds_used": case.rounds_used, "until": case.until, "over": over(case)}


def begin(case: Consultation) -> None:
    """Give the terms of the case's department anew; the caller saves `FIELDS`."""
    case.rounds, case.rounds_used, case.until = case.department.rounds, 0, None
    start_clock(case)


def start_clock(case: Consultation) -> None:
    """The hours run from when a doctor has the case; waiting in the queue costs the patient none of them."""
    hours = case.department.hours
    if hours is not None and case.until is None and case.state == State.ACTIVE:
        case.until = timezone.now() + timedelta(hours=hours)


@transaction.atomic
def extend(case: Consultation, person: Person, command: ConsultationExtend) -> Appended:
    """Give more than the terms allow; what has no bound keeps none. `case` is locked and the caller may extend it."""
    body = Extended(command.rounds, command.hours)
    if done := timeline.repeated(case.id, person, command.client_id, body):
        return done
    if case.state == State.CLOSED:
        raise Refused(CLOSED)
    if not (command.rounds or command.hours):
        raise Refused(NOTHING_GIVEN)
    if case.rounds is not None:
        case.rounds += command.rounds
    if case.until is not None:
        case.until = max(case.until, timezone.now()) + timedelta(hours=command.hours)
    case.save(update_fields=["rounds", "until"])
    return timeline.append(case.id, "consultation.extended", person, body, command.client_id)
