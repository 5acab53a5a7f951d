"""Loading a call for somebody who may be in it, and what every change of one has in common.

Whoever changes a call holds its consultation's row: it is the one lock, and the right to be in the call is asked of what it holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.db.models import F

from consult import timeline
from consult.calls.errors import NOT_ACTIVE, OVER
from consult.doorbell import Ring, ring
from consult.models import Call, CallSeat, Consultation, Event, SideMember
from consult.protocol import encode
from consult.relations import beside
from records.access import can
from records.errors import CLIENT_ID_CONFLICT, NOT_FOUND, Refused

if TYPE_CHECKING:
    from uuid import UUID

    import msgspec

    from records.access import Relation
    from records.people import Person


class Place(NamedTuple):
    """A call, this person's seat in it, and the case, whose row is locked."""

    call: Call
    seat: CallSeat
    case: Consultation


def take(person: Person, call_id: UUID) -> Place:
    """In the caller's transaction. `Refused(NOT_FOUND)` for whoever has no seat in this call, or may be in no call of this case now."""
    case = locked(call_id)
    seat = CallSeat.objects.select_related("call").filter(call=call_id, person=person).first()
    if case is None or seat is None or not may(person, seat.call, case):
        raise Refused(NOT_FOUND)
    return Place(seat.call, seat, case)


@dataclass(frozen=True, slots=True)
class Door:
    """Of a room: it lets in who may talk about the case, and, unless it belongs to its side thread, who may talk in the case."""

    case: Consultation
    side: bool
    members: frozenset[UUID]

    def relations_of(self, person: Person) -> frozenset[Relation]:
        found = beside(person.id, patient=self.case.patient_id, assignee=self.case.assignee_id, members=self.members)
        return found if self.side else found | self.case.relations_of(person)


def may(person: Person, call: Call, case: Consultation) -> bool:
    """Whether this person may be in this call now, invited or not."""
    if not call.room:
        return can(person, "call.join", case)
    members = SideMember.objects.filter(side__about=case).values_list("person", flat=True)
    return can(person, "room.join", Door(case, call.side_id is not None, frozenset(members)))


def talking(person: Person, call_id: UUID, line: str | None) -> Place:
    """`take`, for the device that talks in this call now; `line` None: for any device of somebody who talks in it."""
    place = take(person, call_id)
    if not place.call.live:
        raise Refused(OVER)
    if place.seat.state != CallSeat.State.BOUND or line not in {None, place.seat.line}:
        raise Refused(NOT_FOUND)
    if place.call.state != Call.State.ACTIVE:
        raise Refused(NOT_ACTIVE)
    return place


def locked(call_id: UUID) -> Consultation | None:
    """The case of a call, its row locked until the caller's transaction ends."""
    of = Call.objects.filter(id=call_id).values("consultation")
    return Consultation.objects.select_for_update(of=("self",)).filter(chain__in=of).first()


def changed(call: Call, *fields: str) -> None:
    """Store these fields as a new version of the call; every process looks at it after the commit."""
    if fields:
        call.save(update_fields=list(fields))
    Call.objects.filter(id=call.id).update(version=F("version") + 1)
    transaction.on_commit(partial(ring, Ring("call", call.id)))


def done(place: Place, person: Person, client_id: str, *bodies: msgspec.Struct) -> bool:
    """Whether one of these acts is in the timeline under this client id; another act there is a conflict."""
    stored = Event.objects.filter(thread=place.case.id, sender=person, client_id=client_id).first()
    if stored is None:
        return False
    if timeline.body_of(stored) not in map(encode, bodies):
        raise Refused(CLIENT_ID_CONFLICT)
    return True
