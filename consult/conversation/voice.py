"""Voice notes in a thread: recorded by who may write there, heard by who may read it, their words in the timeline.

A note is uploaded first, and given to a message by `bind`. Whether that message was posted is looked up, never assumed: a task asks
at once, the sweep asks again, and only then the note enters the ledger and is transcribed. The transcript comes back the same way.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import structlog
from celery import current_app
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from consult import audiences, protocol, timeline
from consult.consultations import licensed
from consult.errors import CLOSED
from consult.models import Consultation, Event
from records.access import Relation
from records.errors import CLIENT_ID_CONFLICT, NOT_FOUND, ErrorKind, Refused
from records.ledger.models import Chain
from records.people import Person
from records.vault import KeyMissing, SealBroken
from transcription import jobs, notes, retries, transcripts
from transcription.models import Recording, Transcript
from transcription.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

log = structlog.get_logger(__name__)

POSTED_TASK: Final = "consult.voice_posted"
TRANSCRIBED_TASK: Final = "consult.voice_transcribed"
TRANSCRIBED: Final = "voice.transcribed"
TRANSCRIBE: Final = "voice.transcribe"  # the rule of asking for another try
# The writer posts the message within milliseconds of `bind`; what takes longer is left to the sweep.
LOOKS: Final = 10
LOOK_SECONDS: Final = 0.1
SWEPT_AT_ONCE: Final = 100
State = Recording.State

NOT_YET: Final = ErrorKind(
    "voice.not_transcribed_yet",
    409,
    "还在转写，请稍后再改。",
    "This voice note is still being transcribed. Please correct it afterwards.",
    retry=True,
)


def register() -> None:
    """Ask for the transcripts of voice notes."""
    jobs.afterwards(Recording.Origin.VOICE, TRANSCRIBED_TASK)


def admit(person: Person, address: Mapping[str, Any]) -> notes.NoteReceiver:
    """Take a voice note for the thread of this address. Raises Refused: NOT_FOUND, CLOSED."""
    try:
        thread_id = UUID(str(address["thread_id"]))
    except ValueError as error:
        raise Refused(NOT_FOUND) from error
    thread = audiences.load(person, thread_id, "message.send")
    if thread.consultation is not None and thread.consultation.state == Consultation.State.CLOSED:
        raise Refused(CLOSED)
    return notes.NoteReceiver(person, Person.objects.get(id=thread.patient), thread.id)


def bind(person: Person, thread: UUID, voice: UUID, client_id: str) -> protocol.Voice:
    """Give a voice note to the message of this client id, in the caller's transaction; the same again gives the same.

    Raises Refused: NOT_FOUND unless it is theirs and was recorded in this thread, `voice.sent_already` when another message has it.
    """
    note = notes.bind(person, thread, voice, client_id)
    outline = notes.outline_of(note)
    transaction.on_commit(partial(_tell, POSTED_TASK, note.id))
    return protocol.Voice(note.id, outline.duration_s, outline.peaks, bytes(note.manifest).hex())


def _tell(task: str, note_id: UUID) -> None:
    try:
        current_app.send_task(task, args=[str(note_id)])
    except (OperationalError, OSError) as error:
        log.warning("voice.unsent", task=task, note=str(note_id), reason=type(error).__name__)


def message_of(note: Recording) -> int | None:
    """The sequence number of the message that carries a note; None while there is none. Raises SealBroken, KeyMissing."""
    assert note.thread_id is not None, "every voice note was said in a thread"
    event, said = timeline.sent(note.thread_id, note.uploaded_by_id, note.message) or (None, None)
    return event.seq if event and said and said.voice and said.voice.id == note.id else None


def await_message(note_id: UUID) -> bool:
    """Look for a note's message for a second; whether it was found."""
    note = Recording.objects.filter(id=note_id, origin=Recording.Origin.VOICE).first()
    for _ in range(LOOKS):
        if note is None or settle(note):
            break
        time.sleep(LOOK_SECONDS)
    return note is not None and message_of(note) is not None


def settle(note: Recording) -> bool:
    """Let a note whose message stands in its thread be transcribed; whether it does."""
    if message_of(note) is None:
        return False
    notes.posted(note.id)
    return True


def note_for(person: Person, note_id: UUID, action: str = "consultation.read") -> Recording:
    """A voice note, for somebody who may do `action` in its thread; one that is in no message yet, for whoever said it.

    Raises Refused(NOT_FOUND), also once its message was taken back.
    """
    note = Recording.objects.filter(id=note_id, origin=Recording.Origin.VOICE).first()
    if note is None or note.thread_id is None:
        raise Refused(NOT_FOUND)
    audiences.load(person, note.thread_id, action, *_authorship(person, note))
    seq = message_of(note)
    if seq is None and note.uploaded_by_id != person.id:
        raise Refused(NOT_FOUND)
    if seq is not None and timeline.retracted(note.thread_id, [seq]):
        raise Refused(NOT_FOUND)
    return note


def _authorship(person: Person, note: Recording) -> tuple[Relation, ...]:
    return (Relation.AUTHOR,) if note.uploaded_by_id == person.id else ()


def may_ask_again(person: Person, note: Recording) -> bool:
    """Whether another try at its transcription could help, and is this person's to ask for."""
    assert note.thread_id is not None, "every voice note was said in a thread"
    thread = audiences.find(note.thread_id) if retries.hopeful(note) else None
    return thread is not None and thread.may(person, TRANSCRIBE, *_authorship(person, note))


def transcribe_again(person: Person, note_id: UUID, tries: int) -> Recording:
    """Whoever said it, or a clinician of the thread, has a failed note transcribed once more (also in a closed case, where the words are
    shown with the note). `tries`: how many had failed when they asked.

    Raises Refused: NOT_FOUND, NO_USE, TOO_SOON.
    """
    retries.again(note_for(person, note_id, TRANSCRIBE).id, tries)
    return note_for(person, note_id)


def correct(person: Person, note_id: UUID, client_id: str, text: str) -> Transcript:
    """The author says what was really said: a version beside the others, told in the thread.

    Raises Refused: NOT_FOUND, NOT_YET, CLOSED, LICENCE, CLIENT_ID_CONFLICT.
    """
    note = note_for(person, note_id, "message.send")
    if note.uploaded_by_id != person.id:
        raise Refused(NOT_FOUND)
    licensed(person)
    assert note.thread_id is not None, "it was loaded through its thread"
    with transaction.atomic():
        case = Consultation.objects.select_for_update().filter(chain_id=note.thread_id).first()
        state = Recording.objects.select_for_update().values_list("state", flat=True).get(id=note.id)
        if state in {State.UNSENT, State.QUEUED, State.RUNNING}:
            raise Refused(NOT_YET)
        if case is not None and case.state == Consultation.State.CLOSED:
            raise Refused(CLOSED)
        acts = Event.objects.filter(thread=note.thread_id, sender=person, client_id=client_id)
        if acts.exclude(kind=TRANSCRIBED).exists():
            raise Refused(CLIENT_ID_CONFLICT)
        made = transcripts.rewrite(person, note, client_id, text)
        tell(made.id)
    return made


@transaction.atomic
def tell(transcript_id: int) -> bool:
    """Put a version's words into the thread of its note; once, not while the case is closed, and not when the message was taken back.
    Whether this call did."""
    rows = Transcript.objects.select_related("recording", "author").select_for_update(of=("self",))
    transcript = rows.filter(id=transcript_id, untold=True).first()
    if transcript is None:
        return False
    note = transcript.recording
    assert note.thread_id is not None, "only voice notes have something to tell"
    of = message_of(note)
    assert of is not None, "what was transcribed was posted"
    # Who retracts or closes locks the chain as well: either we see what they did, or they see our event.
    Chain.objects.select_for_update().get(id=note.thread_id)
    if Consultation.objects.filter(chain_id=note.thread_id, state=Consultation.State.CLOSED).exists():
        return False  # nothing may stand behind the act that closes a case; told when it is reopened
    Transcript.objects.filter(id=transcript.id).update(untold=False)
    if timeline.retracted(note.thread_id, [of]):
        return False
    timeline.append(note.thread_id, TRANSCRIBED, transcript.author, words(transcript, of), transcript.client_id)
    return True


def words(transcript: Transcript, of: int) -> protocol.Transcribed:
    """A version as the event says it. Raises SealBroken, KeyMissing."""
    text, low = plain(transcripts.opened(transcript)["segments"])
    by_machine = transcript.author_id is None
    return protocol.Transcribed(of, transcript.version, text, by_machine, low, transcript.engine, transcript.model)


def told(note_id: UUID) -> int:
    """Tell every version of one note that was not told yet. Return how many."""
    return _tell_all(Transcript.objects.filter(recording=note_id, untold=True))


def _tell_all(rows: Any) -> int:
    open_ = rows.exclude(recording__thread__consultation__state=Consultation.State.CLOSED)
    count = 0
    for id_ in open_.order_by("id").values_list("id", flat=True)[:SWEPT_AT_ONCE]:
        with _or_later(transcript=id_):
            count += tell(id_)
    return count


@contextmanager
def _or_later(**which: object) -> Iterator[None]:
    """What cannot be opened now must not hold up what stands behind it. It is tried again with the next sweep."""
    try:
        yield
    except (KeyMissing, SealBroken) as error:
        log.error("voice.unreadable", reason=type(error).__name__, **which)  # noqa: TRY400 - a traceback may hold what was said


def sweep() -> dict[str, int]:
    """What a lost message or a killed process left behind: notes whose message was posted, and words nobody was told. A note whose
    message was not posted in a day is removed."""
    too_old = timezone.now() - notes.UNSENT_FOR
    found = {"posted": 0, "removed": 0}
    for note in notes.waiting():
        with _or_later(note=str(note.id)):
            if settle(note):
                found["posted"] += 1
            elif note.message_at is not None and note.message_at < too_old:
                found["removed"] += notes.discard(note.id, note.message_at)
    return {**found, "told": _tell_all(Transcript.objects.filter(untold=True))}
