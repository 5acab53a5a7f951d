"""A photo that the doctor asks for while they talk: the patient gets one button, and what they send is a message like any other."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec
from django.db import transaction

from consult import timeline
from consult.audiences import audience
from consult.calls.seats import done, talking
from consult.doorbell import Ring, ring
from consult.models import Call, Event
from consult.protocol.call_events import CallPhotoAsked
from records.errors import NOT_FOUND, Refused

if TYPE_CHECKING:
    from uuid import UUID

    from consult.models import Consultation
    from consult.protocol.calls import CallAskPhoto
    from records.people import Person

KIND: Final = "call.photo_asked"
LOOKED_AT: Final = 50  # messages since: whoever wrote so many without a photo is asked again by another request


@transaction.atomic
def ask(person: Person, command: CallAskPhoto, line: str) -> UUID:
    """Returns the consultation. `Refused(NOT_FOUND)` for everybody but the doctor who has the case, and in rooms."""
    place = talking(person, command.call, line)
    if place.call.room or place.case.assignee_id != person.id:
        raise Refused(NOT_FOUND)
    body = CallPhotoAsked(command.call, command.what.strip())
    if not done(place, person, command.client_id, body):
        timeline.append(place.case.id, KIND, person, body, command.client_id)
        transaction.on_commit(partial(ring, Ring("changed", place.case.id, 0, tuple(audience(place.case.id)))))
    return place.case.id


def asked(case: Consultation) -> dict[str, Any] | None:
    """What the doctor asked to see in the call that is going on, unless a photo came since."""
    call = Call.objects.filter(consultation=case, state=Call.State.ACTIVE, room=False).first()
    event = Event.objects.filter(thread=case.id, kind=KIND).order_by("seq").last() if call else None
    if call is None or event is None:
        return None
    body = msgspec.json.decode(timeline.body_of(event), type=CallPhotoAsked)
    since = Event.objects.filter(thread=case.id, kind="message.posted", seq__gt=event.seq).exclude(sender=case.assignee_id)
    came = any(timeline.posted(message).attachments for message in since.order_by("seq")[:LOOKED_AT])
    return None if came or body.call != call.id else {"seq": event.seq, "what": body.what}
