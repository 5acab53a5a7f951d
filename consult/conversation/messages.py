"""Messages that need more than the writer's checks before they are posted, and taking back or putting right what was posted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import transaction

from consult import audiences, protocol, timeline
from consult.attachments import uploads
from consult.consultations import licensed
from consult.conversation import sides, voice
from consult.errors import BLANK, CLOSED, NO_COLLEAGUE, NO_MENTIONS, NO_SUCH_MESSAGE, NOT_YOURS, TOO_LATE
from consult.models import Consultation, Event, Retraction
from consult.relations import Kind
from consult.writing.batch import MESSAGE_KIND
from records.access import Relation, can
from records.errors import Refused
from records.ledger.chains import now_ms

if TYPE_CHECKING:
    from uuid import UUID

    from consult.audiences import Thread
    from consult.timeline import Appended
    from records.people import Person

PATIENT_RETRACTS_MS: Final = 2 * 60_000


def needs_preparing(command: protocol.MessageSend) -> bool:
    """Whether the body has to be put together from the database first; plain text goes to the writer as it is."""
    return bool(command.attachments or command.voice or command.mentions)


@transaction.atomic
def prepare(person: Person, command: protocol.MessageSend) -> bytes:
    """The body of a message with files, a voice note or mentions, which belong to its client id from then on. Blocking.

    Access is checked here and again by the writer, which gives the message its place. Raises Refused, also for what would be a conflict.
    """
    thread = audiences.load(person, command.consultation, "message.send")
    if not (command.text.strip() or command.attachments or command.voice):
        raise Refused(BLANK)
    if command.mentions:
        _mention(person, thread, command)
    files = uploads.bind(person, thread.id, command.attachments, command.client_id) if command.attachments else []
    said = voice.bind(person, thread.id, command.voice, command.client_id) if command.voice else None
    body = protocol.Posted(command.text, command.reply_to, files, said, command.mentions)
    # Asked here already: a file must not come to belong to the other message that has this client id.
    timeline.repeated(thread.id, person, command.client_id, body)
    return protocol.encode(body)


def _mention(person: Person, thread: Thread, command: protocol.MessageSend) -> None:
    if thread.kind is not Kind.SIDE:
        raise Refused(NO_MENTIONS)
    strangers = [named for named in command.mentions if named not in thread.audience]
    if strangers and not can(person, "side.invite", thread):
        raise Refused(NO_COLLEAGUE)
    for named in strangers:
        sides.add(person, thread, named, f"{command.client_id[:40]}-{named.hex[:16]}")


@transaction.atomic
def retract(person: Person, command: protocol.MessageRetract) -> Appended:
    """Take back one's own message: patients for two minutes, clinicians while the case is open. The original stays in the record."""
    thread = _open_thread(person, command.consultation, "message.retract")
    body = protocol.Retracted(command.seq, command.reason)
    if done := timeline.repeated(thread.id, person, command.client_id, body):
        return done
    target = _own(person, thread, command.seq)
    patients_side = person.id == thread.patient or Relation.SPEAKS in thread.relations_of(person)
    if patients_side and now_ms() - target.at > PATIENT_RETRACTS_MS:
        raise Refused(TOO_LATE)
    appended = timeline.append(thread.id, "message.retracted", person, body, command.client_id)
    Retraction.objects.create(thread_id=thread.id, of=command.seq, seq=appended.seq)
    return appended


@transaction.atomic
def correct(person: Person, command: protocol.MessageCorrect) -> Appended:
    """Put right one's own text: both stay readable."""
    thread = _open_thread(person, command.consultation, "message.correct")
    if not command.text.strip():
        raise Refused(BLANK)
    body = protocol.MessageCorrected(command.seq, command.text)
    if done := timeline.repeated(thread.id, person, command.client_id, body):
        return done
    _own(person, thread, command.seq)
    licensed(person)
    return timeline.append(thread.id, "message.corrected", person, body, command.client_id)


def _open_thread(person: Person, thread_id: UUID, action: str) -> Thread:
    """A thread whose case is still open, locked so that of two acts on one message the second sees the first."""
    thread = audiences.load(person, thread_id, action)
    locked = Consultation.objects.select_for_update().filter(chain_id=thread.consultation.id) if thread.consultation else ()
    if any(case.state == Consultation.State.CLOSED for case in locked):
        raise Refused(CLOSED)
    return thread


def _own(person: Person, thread: Thread, seq: int) -> Event:
    target = Event.objects.filter(thread=thread.id, seq=seq, kind=MESSAGE_KIND).first()
    if target is None or timeline.retracted(thread.id, [seq]):
        raise Refused(NO_SUCH_MESSAGE)
    if target.sender_id != person.id:
        raise Refused(NOT_YOURS)
    return target
