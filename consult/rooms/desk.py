"""What a page shows of rooms: whether one can be opened beside a conversation, who can be asked in, and who is who inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Q

from consult import audiences
from consult.calls.seats import may
from consult.models import Call, CallSeat, Consultation
from consult.models.calls import LIVE
from consult.relations import Kind, kin
from records.access import can
from records.errors import NOT_FOUND, Refused
from records.ledger.chains import now_ms
from records.people import Person
from records.views import BRIEF, brief

if TYPE_CHECKING:
    from uuid import UUID

    from consult.audiences import Thread


def beside(person: Person, thread_id: UUID) -> dict[str, Any]:
    """The room of a conversation, for whoever reads that. Raises Refused(NOT_FOUND)."""
    thread = audiences.load(person, thread_id)
    case = thread.consultation
    host = case is not None and can(person, "room.open", case) and case.state != Consultation.State.CLOSED
    room = _open(thread)
    return {
        "available": bool(settings.XINQIAO_JANUS_SOCKET),
        "may_open": host,
        "room": room.id if room is not None and may(person, room, room.consultation) else None,
        "guests": [brief(one) for one in _guests(thread)] if host else [],
    }


def inside(person: Person, room_id: UUID) -> dict[str, Any]:
    """Who is or was in a room, for those who may be in it. Raises Refused(NOT_FOUND)."""
    room = Call.objects.select_related("consultation").filter(id=room_id, room=True).first()
    seats = [] if room is None else list(CallSeat.objects.filter(call=room).exclude(state=CallSeat.State.OUT))
    if room is None or all(seat.person_id != person.id for seat in seats) or not may(person, room, room.consultation):
        raise Refused(NOT_FOUND)
    people = Person.objects.filter(id__in=[seat.person_id for seat in seats]).prefetch_related(*BRIEF).order_by("name")
    host = can(person, "room.host", room.consultation)
    return {
        "id": room.id,
        "consultation": room.thread,
        "about": room.consultation_id,
        "live": room.live,
        "host": host,
        "recordable": room.side_id is None,
        "people": [brief(one) for one in people],
    }


def _open(thread: Thread) -> Call | None:
    if thread.consultation is None:
        return None
    side = thread.id if thread.kind is Kind.SIDE else None
    rooms = Call.objects.select_related("consultation").filter(room=True, consultation=thread.consultation, side=side)
    return rooms.filter(state__in=LIVE).first()


def _guests(thread: Thread) -> list[Person]:
    """Colleagues of the discussion; in the case's own room the patient too, and who may speak for them in calls."""
    case = thread.consultation
    assert case is not None, "a host treats a case"
    wanted = Q(id__in=case.side.members.values("person")) if hasattr(case, "side") else Q(pk__in=[])
    if thread.kind is Kind.CONSULTATION:
        family = [one.person for one in kin(case.family, now_ms()) if one.calls]
        wanted |= Q(id__in=[case.patient_id, *family])
    else:
        wanted &= ~Q(id=case.patient_id)
    people = Person.objects.filter(wanted, is_active=True).prefetch_related(*BRIEF).order_by("name")
    return [one for one in people if one.id != case.assignee_id]
