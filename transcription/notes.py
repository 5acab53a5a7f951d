"""Voice notes: short recordings said in a thread. Received like every recording; in the ledger and the queue once their message is posted.

Who may add and hear one is decided by the thread, which is known to the app above this one.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import msgspec
from django.db import transaction
from django.utils import timezone

from records.errors import BAD_INPUT, NOT_FOUND, TOO_MANY, ErrorKind, Refused
from records.ledger import chains
from records.vault import Context, open_key, seal, shred, unseal
from transcription import jobs, receiving
from transcription.formats import MP4, OGG, WAV, WEBM, format_of
from transcription.models import Recording, Segment
from transcription.segments import media_directory

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from records.people import Person

MAX_BYTES: Final = 10 * 1024 * 1024
MAX_SECONDS: Final = 180
MOST_SECONDS: Final = MAX_SECONDS + 5  # recorders stop a little late
MAX_PEAKS: Final = 64
LOUDEST: Final = 100
FORMATS: Final = frozenset({WEBM, OGG, MP4, WAV})
UNSENT_FOR: Final = timedelta(hours=24)
SWEPT_AT_ONCE: Final = 100
# Of one person: an outbox sends each with its message before the next, so that more are only a way to fill a disk.
MOST_UNSENT: Final = 20

TOO_LARGE: Final = ErrorKind(
    "voice.too_large",
    413,
    "语音文件超过 10 MB，请分成几段说。",
    "The voice note is larger than 10 MB. Please record it in parts.",
)
TOO_LONG: Final = ErrorKind(
    "voice.too_long",
    422,
    "语音最长 3 分钟，请分成几段说。",
    "A voice note has at most three minutes. Please record it in parts.",
)
TYPE: Final = ErrorKind(
    "voice.type",
    422,
    "无法识别这段语音的格式，请重新录一次。",
    "The format of this voice note is not recognised. Please record it again.",
)
SENT_ALREADY: Final = ErrorKind("voice.sent_already", 409, "这段语音已经发送过了。", "This voice note was already sent.")


class Outline(msgspec.Struct, frozen=True):
    """A voice note as its recorder measured it: its length, and its loudness over time, 0 to 100, for drawing."""

    duration_s: float
    peaks: list[int]


@dataclass(frozen=True, slots=True)
class Said:
    """What came with the file."""

    name: str
    outline: Outline


class NoteReceiver(receiving.Receiver[Said]):
    """A voice note on its way in. `patient` is whom the thread is about. Raises Refused(TOO_MANY) for one who sends none of them."""

    most_bytes = MAX_BYTES
    too_large = TOO_LARGE

    def __init__(self, person: Person, patient: Person, thread: UUID) -> None:
        if Recording.objects.filter(uploaded_by=person, state=Recording.State.UNSENT).count() >= MOST_UNSENT:
            raise Refused(TOO_MANY)
        super().__init__(person, patient)
        self.thread = thread

    def check(self, act: Said) -> None:
        """Raises Refused: TYPE, TOO_LONG, BAD_INPUT."""
        if format_of(self.head) not in FORMATS:
            raise Refused(TYPE)
        outline = act.outline
        if not 0 < outline.duration_s <= MOST_SECONDS:
            raise Refused(TOO_LONG)
        if len(outline.peaks) > MAX_PEAKS or any(not 0 <= peak <= LOUDEST for peak in outline.peaks):
            raise Refused(BAD_INPUT, {"peaks": {"zh": "音量数据不对。", "en": "The loudness values are not valid."}})

    def keep(self, act: Said, client_id: str) -> Recording:
        return self.store(
            client_id,
            act.name,
            origin=Recording.Origin.VOICE,
            state=Recording.State.UNSENT,
            thread_id=self.thread,
            duration_s=act.outline.duration_s,
            outline=seal(self.key, _context(self.key.scope, self.id, self.person.id), msgspec.json.encode(act.outline)),
        )

    def belongs(self, first: Recording) -> bool:
        return first.thread_id == self.thread


@transaction.atomic
def bind(person: Person, thread: UUID, note_id: UUID, message: str) -> Recording:
    """Give a voice note to the message of this client id; doing it again changes nothing.

    Raises Refused: NOT_FOUND unless it is this person's and was recorded in this thread, SENT_ALREADY when another message has it.
    """
    notes = Recording.objects.select_for_update().filter(origin=Recording.Origin.VOICE, uploaded_by=person, thread=thread)
    note = notes.filter(id=note_id).first()
    if note is None:
        raise Refused(NOT_FOUND)
    if note.message not in {None, message}:
        raise Refused(SENT_ALREADY)
    note.message, note.message_at = message, timezone.now()
    note.save(update_fields=["message", "message_at"])
    return note


@transaction.atomic
def posted(note_id: UUID) -> bool:
    """The message of a voice note stands in its thread: the note enters the ledger, and its transcription is queued. Once."""
    note = Recording.objects.select_for_update().filter(id=note_id, state=Recording.State.UNSENT).first()
    if note is None:
        return False
    digest = bytes(note.manifest)
    ids = {"recording": str(note.id), "thread": str(note.thread_id), "manifest": digest.hex()}
    with chains.extend(note.key.scope) as tail:
        seq = tail.add("recording.sealed", actor=note.uploaded_by_id, content=digest, ids=ids).seq
    note.seq, note.state = seq, Recording.State.QUEUED
    note.save(update_fields=["seq", "state"])
    jobs.enqueue(note)
    return True


def waiting() -> list[Recording]:
    """Voice notes that were given to a message of which it is not known here whether it was posted."""
    given = Recording.objects.filter(state=Recording.State.UNSENT, message__isnull=False)
    return list(given.order_by("message_at")[:SWEPT_AT_ONCE])


def outline_of(note: Recording) -> Outline:
    """What the recorder measured; it never changes. Raises SealBroken, KeyMissing."""
    assert note.outline is not None, "every voice note has one"
    key = open_key(note.key_id)
    clear = unseal(key, _context(key.scope, note.id, note.uploaded_by_id), bytes(note.outline))
    return msgspec.json.decode(clear, type=Outline)


def clear_unsent() -> int:
    """Remove voice notes that no message took up in a day. They never entered the ledger. Return how many."""
    old = Recording.objects.filter(state=Recording.State.UNSENT, message=None, created_at__lt=timezone.now() - UNSENT_FOR)
    return sum(discard(note_id) for note_id in old.values_list("id", flat=True)[:SWEPT_AT_ONCE])


@transaction.atomic
def discard(note_id: UUID, message_at: datetime | None = None) -> bool:
    """Remove a voice note that is in no message, unless it was given to one since `message_at` (None: at all)."""
    rows = Recording.objects.select_for_update()
    note = rows.filter(id=note_id, state=Recording.State.UNSENT, message_at=message_at).first()
    if note is None:
        return False
    Segment.objects.filter(recording=note).delete()
    note.delete()
    if not Recording.objects.filter(key=note.key_id).exists():  # it has one of its own, unless it is as old as shared ones
        shred([note.key_id])
    transaction.on_commit(lambda: shutil.rmtree(media_directory() / str(note_id), ignore_errors=True))
    return True


def _context(chart: UUID, note: UUID, sender: UUID) -> Context:
    return Context("recording.outline", chart, 0, sender, str(note), "application/json")
