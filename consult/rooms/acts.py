"""The life of a room: opened by who treats the case, joined by whom they invite, left, closed. Each act checks, writes, appends.

A room is a call, so that one person is in one of either kind, and what holds of a call's consent, grace and ending holds here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from consult import audiences, consultations, timeline
from consult.calls import consent
from consult.calls.ending import end, rise
from consult.calls.errors import IN_CALL, OVER
from consult.calls.seats import changed, may, take
from consult.errors import CLOSED
from consult.models import Call, CallSeat, Consultation, Event
from consult.models.calls import LIVE
from consult.protocol.rooms import RoomAsked, RoomJoined, RoomOpened
from consult.relations import Kind
from consult.rooms.errors import BUSY, FULL, OFF, STRANGER
from consult.rooms.media import MOST
from records.access import require
from records.errors import CLIENT_ID_CONFLICT, NOT_FOUND, UNAVAILABLE, Refused
from records.ledger.chains import now_ms
from records.people import Person

if TYPE_CHECKING:
    from uuid import UUID

    from consult.calls.seats import Place
    from consult.protocol import rooms
    from consult.protocol.calls import Medium

Seat = CallSeat.State
HOUR_MS: Final = 3_600_000


class Chair(NamedTuple):
    """What a device sits down with."""

    device: str
    line: str
    client_id: str


def open_room(person: Person, command: rooms.RoomOpen, line: str) -> UUID:
    """Open the room of a thread, or find the one that is open, and sit down in it. Returns the room."""
    try:
        with transaction.atomic():
            return _open(person, command, Chair(command.device, line, command.client_id))
    except IntegrityError:  # this person took a seat elsewhere at the same moment
        raise Refused(UNAVAILABLE) from None


def _open(person: Person, command: rooms.RoomOpen, chair: Chair) -> UUID:
    thread = audiences.find(command.consultation)
    if thread is None or thread.consultation is None:
        raise Refused(NOT_FOUND)
    case = consultations.load(person, thread.consultation.id, "room.open", lock=True)
    side = thread.id if thread.kind is Kind.SIDE else None
    if not settings.XINQIAO_JANUS_SOCKET:
        raise Refused(OFF)
    if case.state == Consultation.State.CLOSED:
        raise Refused(CLOSED)
    consultations.licensed(person)
    room = Call.objects.filter(consultation=case, room=True, side=side, state__in=LIVE).first()
    if room is None:
        room = _new(person, case, side, command)
    _sit(room, person, chair)
    return room.id


def _new(person: Person, case: Consultation, side: UUID | None, command: rooms.RoomOpen) -> Call:
    now, media = now_ms(), _ordered(command.media)
    thread = side or case.id
    if Event.objects.filter(thread=thread, sender=person, client_id=command.client_id).exists():
        raise Refused(CLIENT_ID_CONFLICT)
    until = now + settings.XINQIAO_ROOM_HOURS * HOUR_MS
    room = Call.objects.create(
        consultation=case,
        side_id=side,
        room=True,
        caller=person,
        media=media,
        state=Call.State.ACTIVE,
        at=now,
        answered_at=now,
        until=until,
    )
    CallSeat.objects.create(call=room, person=person, state=Seat.LEFT, live=False)
    timeline.append(thread, "room.opened", person, RoomOpened(room.id, media), command.client_id)
    if side is None:
        Consultation.objects.filter(chain_id=case.id).update(last_at=timezone.now())
    return room


def invite(person: Person, command: rooms.RoomInvite) -> None:
    """Ring somebody, who may come from now on. Repeating it rings again."""
    try:
        with transaction.atomic():
            _invite(person, command)
    except IntegrityError:  # somebody else rang them at the same moment
        raise Refused(BUSY) from None


def _invite(person: Person, command: rooms.RoomInvite) -> None:
    room, _, case = _hosted(person, command.call)
    guest = Person.objects.filter(id=command.person, is_active=True).first()
    if guest is None or not may(guest, room, case):
        raise Refused(STRANGER)
    seat, _ = CallSeat.objects.get_or_create(call=room, person=guest, defaults={"state": Seat.LEFT, "live": False})
    if seat.live:
        return
    if CallSeat.objects.filter(person=guest, live=True).exists():
        raise Refused(BUSY)
    if timeline.repeated(room.thread, person, command.client_id, RoomAsked(room.id, guest.id)) is None:
        timeline.append(room.thread, "room.invited", person, RoomAsked(room.id, guest.id), command.client_id)
    seat.state, seat.live = Seat.RUNG, True
    seat.rung_until = now_ms() + settings.XINQIAO_CALL_RING_SECONDS * 1000
    seat.save(update_fields=["state", "live", "rung_until"])
    changed(room)


def join(person: Person, command: rooms.RoomJoin, line: str) -> None:
    """Sit down, or go on with one's seat on another connection or device."""
    try:
        with transaction.atomic():
            _join(take(person, command.call), person, Chair(command.device, line, command.client_id))
    except IntegrityError:
        raise Refused(UNAVAILABLE) from None


def _join(place: Place, person: Person, chair: Chair) -> None:
    room, seat, case = place
    if not room.room or seat.state == Seat.OUT:
        raise Refused(NOT_FOUND)
    if not room.live:
        raise Refused(OVER)
    if person.id == case.assignee_id:
        consultations.licensed(person)
    _sit(room, person, chair)


def _sit(room: Call, person: Person, chair: Chair) -> None:
    seat = CallSeat.objects.filter(call=room, person=person).first() or CallSeat(
        call=room, person=person, state=Seat.LEFT, live=False
    )
    new = seat.state != Seat.BOUND or not seat.live
    if new:
        _may_sit(room, person, seat)
    seat.state, seat.live, seat.rung_until, seat.away_until = Seat.BOUND, True, None, None
    seat.device, seat.line, seat.client_id, seat.seen_at = chair.device, chair.line, chair.client_id, now_ms()
    seat.save()
    if new:
        client_id = None if person.id == room.caller_id else chair.client_id  # a host's opening is the act
        timeline.append(room.thread, "room.joined", person, RoomJoined(room.id), client_id)
        consent.joined(room, person)
    changed(room)


def _may_sit(room: Call, person: Person, seat: CallSeat) -> None:
    sitting = CallSeat.objects.filter(live=True, state=Seat.BOUND)
    if sitting.filter(call=room).count() >= MOST:
        raise Refused(FULL)
    if CallSeat.objects.filter(person=person, live=True).exclude(pk=seat.pk).exists():
        raise Refused(IN_CALL)


@transaction.atomic
def remove(person: Person, command: rooms.RoomRemove) -> None:
    """Put somebody out."""
    room, _, _ = _hosted(person, command.call)
    seats = CallSeat.objects.filter(call=room, person=command.person).exclude(state=Seat.OUT).exclude(person=person)
    rise(room, list(seats), "removed", person, out=True)


@transaction.atomic
def close(person: Person, command: rooms.RoomClose) -> None:
    """End the room for everybody. What is over stays as it ended."""
    room, _, _ = _hosted(person, command.call, over=True)
    if room.live:
        end(room, "ended", "closed", person)


def _hosted(person: Person, room_id: UUID, *, over: bool = False) -> Place:
    """The room, for who treats the case. Raises Refused(NOT_FOUND), or OVER unless `over` will do."""
    place = take(person, room_id)
    require(person, "room.host", place.case)
    if not place.call.room:
        raise Refused(NOT_FOUND)
    if not place.call.live and not over:
        raise Refused(OVER)
    return place


def _ordered(media: list[Medium]) -> list[Medium]:
    return sorted(set(media))
