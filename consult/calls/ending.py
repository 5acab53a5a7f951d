"""How a call ends: once, with one act in its timeline, whoever or whatever ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db.models import Q
from django.utils import timezone

from consult import timeline
from consult.calls import consent
from consult.calls.seats import changed, may
from consult.models import Call, CallSeat, Consultation
from consult.models.calls import LIVE
from consult.protocol.call_events import CallFinished
from consult.protocol.rooms import RoomClosed, RoomLeft
from records.ledger.chains import now_ms
from records.people import Person

if TYPE_CHECKING:
    from consult.protocol.calls import Ending

NOT_ALLOWED: Final = "not_allowed"  # somebody in it may be in it no longer
UNANSWERED: Final = frozenset({Call.State.MISSED, Call.State.BUSY})


def end(call: Call, state: Ending, reason: str, by: Person | None = None) -> None:
    """End a live call, in the caller's transaction, which holds the case."""
    now = now_ms()
    consent.end_with(call)
    for seat in CallSeat.objects.filter(call=call, poor_since__isnull=False):
        call.poor_ms += now - (seat.poor_since or now)
    CallSeat.objects.filter(call=call).update(live=False, poor_since=None, away_until=None)
    call.state, call.reason, call.ended_by, call.ended_at = Call.State(state), reason, by, now
    call.caption_slot = None
    duration = None if call.answered_at is None else (now - call.answered_at) // 1000
    if call.room:
        timeline.append(call.thread, "room.closed", by, RoomClosed(call.id, reason, duration or 0))
    else:
        body = CallFinished(call.id, state, reason, duration, call.poor_ms // 1000)
        timeline.append(call.consultation_id, "call.ended", by, body)
    if call.state in UNANSWERED:
        _needs_reply(call)
    changed(call, "state", "reason", "ended_by", "ended_at", "poor_ms", "caption_slot")


def _needs_reply(call: Call) -> None:
    """Whom the patient's side could not reach owes an answer, as for a message."""
    case = Consultation.objects.filter(chain_id=call.consultation_id).exclude(assignee=call.caller_id)
    case.filter(needs_reply_since__isnull=True).update(needs_reply_since=timezone.now())


def settle(case: Consultation) -> None:
    """End the call of a case whose people may be in it no longer, and stop ringing those of them who have not answered.

    In the transaction that took the right away, which holds the case.
    """
    for call in Call.objects.filter(consultation=case, state__in=LIVE):
        seats = list(CallSeat.objects.select_related("person").filter(call=call, live=True))
        lost = [seat for seat in seats if not may(seat.person, call, case)]
        if call.room:
            rise(call, lost, NOT_ALLOWED)
        elif any(seat.state == CallSeat.State.BOUND for seat in lost):
            end(call, "ended" if call.answered_at else "cancelled", NOT_ALLOWED)
        elif lost and not leave(call, lost):
            end(call, "missed", NOT_ALLOWED)


def leave(call: Call, seats: list[CallSeat]) -> bool:
    """These people are rung no more; return whether somebody else still is."""
    for seat in seats:
        seat.state, seat.live = CallSeat.State.LEFT, False
        seat.save(update_fields=["state", "live", "line"])
    changed(call)
    return CallSeat.objects.filter(call=call, live=True, state=CallSeat.State.RUNG).exists()


def rise(call: Call, seats: list[CallSeat], reason: str, by: Person | None = None, *, out: bool = False) -> None:
    """These people leave a room, or will not come; with the last of them it ends. `out`: they may not come back by themselves."""
    for seat in seats:
        seat.state, seat.live = CallSeat.State.OUT if out else CallSeat.State.LEFT, False
        seat.away_until = seat.rung_until = None
        seat.save(update_fields=["state", "live", "away_until", "rung_until"])
        timeline.append(call.thread, "room.left", by, RoomLeft(call.id, seat.person_id, reason))
    if not seats:
        return
    if not CallSeat.objects.filter(call=call, live=True, state=CallSeat.State.BOUND).exists():
        end(call, "ended", "empty")
        return
    consent.without(call, seats)
    changed(call)


def close(case: Consultation, person: Person) -> None:
    """End the call of a case that this person is about to close, in the caller's transaction, which holds the case."""
    for call in Call.objects.filter(consultation=case, state__in=LIVE):
        end(call, "ended" if call.answered_at else "cancelled", "closed", person)


def leave_all(person: Person) -> None:
    """End the calls of somebody whose account is closed, in the caller's transaction."""
    mine = Q(seats__person=person, seats__live=True)
    for case_id in Call.objects.filter(mine).values_list("consultation", flat=True):
        settle(Consultation.objects.select_for_update(of=("self",)).get(chain_id=case_id))
