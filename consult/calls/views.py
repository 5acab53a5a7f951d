"""A call as its devices are shown it: read once, and what is new in it for each device, given what that device was told before.

Frames are derived from the table, never from what happened: a lost ring, another process or a restart changes nothing of what is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from django.conf import settings

from consult.calls import turn
from consult.models.calls import Call, CallRecording, CallSeat
from consult.protocol.calls import (
    Answer,
    CallAccepted,
    CallAnsweredElsewhere,
    CallAway,
    CallEnded,
    CallIncoming,
    CallRings,
    RecordingState,
)
from consult.protocol.captions import Captioned, CaptionsState
from consult.rooms import views as rooms

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal
    from uuid import UUID

    from consult.protocol.base import Frame
    from consult.protocol.calls import Ending
    from consult.protocol.rooms import RoomState

BOUND: Final = CallSeat.State.BOUND


@dataclass(frozen=True, slots=True)
class Seat:
    person: UUID
    state: str
    device: str
    line: str
    resumes: int
    away_until: int | None
    rung_until: int | None = None
    captions: str | None = None


@dataclass(frozen=True, slots=True)
class View:
    """One version of a call. `seats` by person."""

    call: Call
    seats: dict[UUID, Seat]
    recording: RecordingState | None

    @property
    def live(self) -> bool:
        return self.call.live

    @property
    def active(self) -> bool:
        return self.call.state == Call.State.ACTIVE

    def talks(self, person: UUID, line: str | None) -> Seat | None:
        """The seat of the device that talks over this line."""
        seat = self.seats.get(person)
        return seat if seat is not None and seat.state == BOUND and seat.line == line and line else None

    def others(self, seat: Seat) -> list[Seat]:
        """Who talks with it."""
        return [one for one in self.seats.values() if one.state == BOUND and one.person != seat.person]


@dataclass(slots=True)
class Told:
    """What one connection knows of one call."""

    phase: str = ""  # incoming, rings, accepted, elsewhere
    away: int | None = None
    recording: RecordingState | None = None
    captions: CaptionsState | None = None
    room: RoomState | None = None


def read(call_id: UUID) -> View | None:
    call = Call.objects.filter(id=call_id).first()
    if call is None:
        return None
    rows = CallSeat.objects.filter(call=call).order_by("id")
    seats = {
        row.person_id: Seat(
            row.person_id, row.state, row.device, row.line, row.resumes, row.away_until, row.rung_until, row.captions
        )
        for row in rows
    }
    return View(call, seats, _recording(call) if call.answered_at else None)


def _recording(call: Call) -> RecordingState | None:
    row = CallRecording.objects.filter(call=call).order_by("generation").last()
    if row is None:
        return None
    answers = [Answer(*one) for one in row.consents.order_by("id").values_list("person_id", "granted")]
    return RecordingState(
        call.id,
        cast("Literal['asked', 'on', 'refused', 'withdrawn', 'stopped']", row.state),
        row.asked_by_id,
        answers,
        row.text_version,
        row.generation,
        row.changed_at,
    )


def news(view: View, person: UUID, line: str, told: Told, *, here: bool) -> Iterator[Frame]:
    """What this connection has to be told, in order; `told` is brought up to date.

    `here`: it is the one that talks, and its own command was acknowledged already.
    """
    seat = view.seats.get(person)
    if seat is None:
        return
    mine = seat.state == BOUND and seat.line == line
    if not view.live:
        yield from _ended(view, told, here=here)
    elif view.call.room:
        yield from rooms.news(view, seat, line, told, here=here)
    elif here:
        yield from _for_talker(view, seat, told)
    elif seat.state == CallSeat.State.RUNG and not told.phase:
        told.phase = "incoming"
        yield _incoming(view.call)
    elif seat.state != CallSeat.State.RUNG and told.phase == "incoming" and not mine and seat.line != line:
        told.phase = "elsewhere"
        yield CallAnsweredElsewhere(view.call.id)


def _incoming(call: Call) -> CallIncoming:
    return CallIncoming(call.id, call.consultation_id, call.caller_id, call.media, call.at, call.until)


def _ended(view: View, told: Told, *, here: bool) -> Iterator[Frame]:
    if told.phase in {"", "elsewhere"} and not here:
        return
    call = view.call
    told.phase = "elsewhere"
    duration = None if call.answered_at is None else ((call.ended_at or call.answered_at) - call.answered_at) // 1000
    yield CallEnded(call.id, call.consultation_id, cast("Ending", call.state), call.reason, call.ended_by_id, duration)


def _for_talker(view: View, seat: Seat, told: Told) -> Iterator[Frame]:
    other = next(iter(view.others(seat)), None)
    if not view.active:
        if view.call.shown and told.phase != "rings":
            told.phase = "rings"
            yield CallRings(view.call.id)
        return
    if other is None:
        return
    if told.phase != "accepted":
        told.phase = "accepted"
        yield _accepted(view.call, seat, other)
    if other.away_until != told.away:
        told.away = other.away_until
        yield CallAway(view.call.id, other.away_until)
    if view.recording is not None and view.recording != told.recording:
        told.recording = view.recording
        yield view.recording
    captions = _captions(view)
    if captions != (told.captions or CaptionsState(view.call.id, [])):
        told.captions = captions
        yield captions


def _captions(view: View) -> CaptionsState:
    people = [
        Captioned(one.person, cast("Literal['asked', 'on', 'off']", one.captions))
        for one in view.seats.values()
        if one.captions
    ]
    return CaptionsState(view.call.id, people)


def _accepted(call: Call, seat: Seat, other: Seat) -> CallAccepted:
    ice, until = turn.servers(call.id)
    return CallAccepted(
        call.id,
        call.consultation_id,
        other.person,
        call.media,
        polite=seat.person != call.caller_id,
        at=call.answered_at or 0,
        ice=ice,
        ice_until=until,
        relay_only=settings.XINQIAO_CALL_RELAY_ONLY,
        resumed=seat.resumes > 0,
        captions=settings.XINQIAO_CAPTIONED_CALLS > 0,
    )
