"""A room as its devices are shown it: derived from the table, like every call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings

from consult.calls import turn
from consult.models.calls import CallSeat
from consult.protocol.calls import CallAnsweredElsewhere, CallEnded
from consult.protocol.rooms import RoomInvited, RoomReady, RoomState, Sitter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from consult.calls.views import Seat, Told, View
    from consult.protocol.base import Frame
    from consult.protocol.rooms import Sitting

STATES: Final[dict[str, Sitting]] = {
    CallSeat.State.RUNG: "invited",
    CallSeat.State.BOUND: "in",
    CallSeat.State.LEFT: "left",
}


def news(view: View, seat: Seat, line: str, told: Told, *, here: bool) -> Iterator[Frame]:
    """As `calls.views.news`, for a live room."""
    if here:
        yield from _for_sitter(view, told)
    elif seat.state == CallSeat.State.RUNG and not told.phase:
        told.phase = "incoming"
        call = view.call
        yield RoomInvited(call.id, call.thread, call.caller_id, call.media, seat.rung_until or call.until)
    elif told.phase == "incoming" and seat.state != CallSeat.State.RUNG and seat.line != line:
        told.phase = "" if seat.state == CallSeat.State.LEFT else "elsewhere"  # who did not come may be rung again
        yield CallAnsweredElsewhere(view.call.id)
    elif told.phase == "accepted":
        yield from _risen(view, seat, told)


def _for_sitter(view: View, told: Told) -> Iterator[Frame]:
    if told.phase != "accepted":
        told.phase = "accepted"
        yield ready(view.call.id)
    state = _state(view)
    if state != told.room:
        told.room = state
        yield state
    if view.recording is not None and view.recording != told.recording:
        told.recording = view.recording
        yield view.recording


def _risen(view: View, seat: Seat, told: Told) -> Iterator[Frame]:
    """This device is not in the room any more; its person may be, on another one."""
    told.phase, told.room, told.recording = "", None, None
    call = view.call
    if seat.state == CallSeat.State.BOUND:
        yield CallAnsweredElsewhere(call.id)
    else:
        yield CallEnded(
            call.id, call.consultation_id, "ended", "removed" if seat.state == CallSeat.State.OUT else "left", None, None
        )


def ready(room: UUID) -> RoomReady:
    """Offer now: with relays and credentials from now on."""
    ice, until = turn.servers(room)
    return RoomReady(room, ice, until, settings.XINQIAO_CALL_RELAY_ONLY)


def _state(view: View) -> RoomState:
    call = view.call
    shown = [seat for seat in view.seats.values() if seat.state in STATES]
    sitters = [Sitter(seat.person, "away" if seat.away_until is not None else STATES[seat.state]) for seat in shown]
    return RoomState(call.id, call.thread, call.caller_id, sitters, call.at, call.until)
