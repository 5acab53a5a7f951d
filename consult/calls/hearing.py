"""How a call was, asked of everybody who was in it, and kept with what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction

from consult import timeline
from consult.calls.errors import JUDGED, NOT_OVER
from consult.calls.seats import take
from consult.models import CallSeat
from consult.protocol.call_events import CallJudged
from records.errors import CLIENT_ID_CONFLICT, NOT_FOUND, Refused
from records.ledger.chains import now_ms

if TYPE_CHECKING:
    from uuid import UUID

    from consult.protocol.arrangements import CallJudge
    from consult.timeline import Appended
    from records.people import Person

UNTIL_MS: Final = 24 * 3600 * 1000  # after its end; as long as a browser keeps what it could not send


@transaction.atomic
def judge(person: Person, command: CallJudge) -> tuple[UUID, Appended]:
    """Once a person and call; the same answer again is the first one. Returns the case too.

    Raises Refused: NOT_FOUND, also of a call nobody answered and of one long over; NOT_OVER, JUDGED."""
    call, seat, case = take(person, command.call)
    was_in = seat.state == CallSeat.State.BOUND and call.answered_at is not None and not call.room
    if not was_in:
        raise Refused(NOT_FOUND)
    if call.live:
        raise Refused(NOT_OVER)
    if now_ms() - (call.ended_at or 0) > UNTIL_MS:
        raise Refused(NOT_FOUND)
    once = f"judged-{call.id.hex}"
    body = CallJudged(call.id, command.heard, call.poor_ms // 1000, command.rtt_ms, command.loss_permille)
    try:
        done = timeline.repeated(case.id, person, once, body)
    except Refused as refused:
        raise Refused(JUDGED) if refused.kind is CLIENT_ID_CONFLICT else refused from None
    return case.id, done or timeline.append(case.id, "call.judged", person, body, once)
