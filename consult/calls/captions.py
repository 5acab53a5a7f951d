"""Whose voice is captioned in this call. Each person decides about their own: asking is saying yes for oneself alone, a yes may be taken
back at any moment, and whoever wants none at all turns them off for both.

A captioned call has one of so many places; the database gives each to one call. What is heard and what is shown is in `captioning`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from consult import timeline
from consult.calls.errors import CAPTIONS_FULL, CAPTIONS_NOT_ASKED, CAPTIONS_OF_TWO, NO_CAPTIONS
from consult.calls.seats import changed, done, talking
from consult.models import Call, CallSeat
from consult.protocol.captions import CaptionsAnswered, CaptionsAsked, CaptionsStopped
from records.errors import UNAVAILABLE, Refused

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from consult.calls.seats import Place
    from consult.protocol.captions import CaptionsConsent, CaptionsRequest, CaptionsStop
    from records.people import Person

State = CallSeat.Captions


def request(person: Person, command: CaptionsRequest, line: str) -> UUID:
    """Say yes for oneself and ask the other side; who was asked already says yes. Returns the consultation."""
    try:
        with transaction.atomic():
            return _request(person, command, line)
    except IntegrityError:  # another call took the place at the same moment
        raise Refused(UNAVAILABLE) from None


def _request(person: Person, command: CaptionsRequest, line: str) -> UUID:
    place = talking(person, command.call, line)
    body = CaptionsAsked(command.call, command.text_version)
    yes = CaptionsAnswered(command.call, granted=True, text_version=command.text_version)
    if done(place, person, command.client_id, body, yes):
        return place.case.id
    if place.call.room:
        raise Refused(CAPTIONS_OF_TWO)
    _take_slot(place.call)
    asked, others = place.seat.captions == State.ASKED, _seats(place.call).exclude(person=person)
    waiting = others.filter(Q(captions=None) | Q(captions=State.OFF)).update(captions=State.ASKED)
    if place.seat.captions == State.ON and not waiting:
        return place.case.id
    _turn(place.seat, State.ON)
    kind = "captions.answered" if asked else "captions.asked"
    timeline.append(place.case.id, kind, person, yes if asked else body, command.client_id)
    changed(place.call)
    return place.case.id


def _take_slot(call: Call) -> None:
    """The lowest free one; the unique index decides between two that take it at once."""
    if not settings.XINQIAO_CAPTIONED_CALLS:
        raise Refused(NO_CAPTIONS)
    if call.caption_slot is not None:
        return
    taken = set(Call.objects.filter(caption_slot__isnull=False).values_list("caption_slot", flat=True))
    free = set(range(settings.XINQIAO_CAPTIONED_CALLS)) - taken
    if not free:
        raise Refused(CAPTIONS_FULL)
    call.caption_slot = min(free)
    call.save(update_fields=["caption_slot"])


@transaction.atomic
def answer(person: Person, command: CaptionsConsent, line: str) -> UUID:
    """Say yes or no for one's own voice. Whoever talks may say no on any of their devices. Returns the consultation."""
    place = talking(person, command.call, line if command.granted else None)
    body = CaptionsAnswered(command.call, command.granted, command.text_version)
    if done(place, person, command.client_id, body):
        return place.case.id
    if place.call.caption_slot is None or place.seat.captions is None:
        raise Refused(CAPTIONS_NOT_ASKED)
    state = State.ON if command.granted else State.OFF
    if place.seat.captions == state:
        return place.case.id
    _turn(place.seat, state)
    timeline.append(place.case.id, "captions.answered", person, body, command.client_id)
    if not _seats(place.call).filter(captions=State.ON).exists():
        _leave_slot(place)
    changed(place.call)
    return place.case.id


@transaction.atomic
def stop(person: Person, command: CaptionsStop) -> UUID:
    """Turn them off for everybody. Returns the consultation."""
    place = talking(person, command.call, None)
    body = CaptionsStopped(command.call)
    if done(place, person, command.client_id, body) or place.call.caption_slot is None:
        return place.case.id
    timeline.append(place.case.id, "captions.stopped", person, body, command.client_id)
    _leave_slot(place)
    changed(place.call)
    return place.case.id


def _leave_slot(place: Place) -> None:
    """The next request begins anew."""
    CallSeat.objects.filter(call=place.call).update(captions=None)
    place.call.caption_slot = None
    place.call.save(update_fields=["caption_slot"])


def _seats(call: Call) -> QuerySet[CallSeat]:
    return CallSeat.objects.filter(call=call, live=True, state=CallSeat.State.BOUND)


def _turn(seat: CallSeat, state: CallSeat.Captions) -> None:
    seat.captions = state
    seat.save(update_fields=["captions"])
