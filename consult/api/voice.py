"""Voice notes over REST: in, played, read, corrected, tried again."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from django.http import HttpResponseBase
from ninja import Field, File, Form, Router, Schema, UploadedFile
from ninja.responses import Status
from pydantic import StringConstraints

from consult.conversation import voice
from records.api.auth import SignedInRequest, acts, signed_in
from records.api.schemas import Body, ClientId, Words
from records.errors import BAD_INPUT, Refused
from records.people import Person
from transcription import failures, notes, playback, transcripts
from transcription.briefs import FINISHED, Finding, finding
from transcription.models import Recording, Transcript
from transcription.notes import NoteReceiver, Outline, Said
from transcription.uploads import SealedUpload, SignedInSender

router = Router(tags=["voice notes"], auth=signed_in)

State = Literal["unsent", "queued", "running", "done", "failed", "needs_review"]


class NoteForm(Schema):
    """`peaks`: a JSON list of at most 64 whole numbers from 0 to 100. `client_id` makes a repeated upload the same note."""

    client_id: str
    duration_s: float
    peaks: str = "[]"


class VoiceNote(Schema):
    """As it goes into a message. `sha256`: of its sealed manifest, hex."""

    id: UUID
    duration_s: float
    peaks: list[int]
    sha256: str
    state: State


class Heard(Schema):
    """One version of what was said. `low`: [start, end) of doubtful stretches of `text`, in characters (code points)."""

    version: int
    text: str
    machine: bool
    low: list[tuple[int, int]]
    engine: str
    model: str


class NoteState(Schema):
    """How far the transcription is. `failure` says why there is no machine text; the sound can be played all the same. `tries`: how often
    it was begun. `again`: whether the asker may have it tried once more."""

    id: UUID
    state: State
    progress: float
    failure: Finding | None
    transcript: Heard | None
    tries: int
    again: bool


class NoteRetry(Body):
    """`tries` as the asker saw it: a repeated request is the same try."""

    tries: Annotated[int, Field(ge=1, le=10_000)]


class NoteCorrection(Body):
    client_id: ClientId
    text: Annotated[Words, StringConstraints(min_length=1, max_length=transcripts.REWRITTEN_CHARACTERS)]


class NoteCorrected(Schema):
    version: int


@router.post("/consultations/{thread_id}/voice-notes", response={201: VoiceNote}, auth=SignedInSender(voice.admit))
@acts("message.send")
def upload(request: SignedInRequest, thread_id: UUID, form: Form[NoteForm], file: File[UploadedFile]) -> Status[dict[str, Any]]:
    """Add a voice note to a thread (multipart): at most 180 s and 10 MiB of webm, ogg, mp4 or wav. It is heard by nobody else before
    a message carries it."""
    assert isinstance(file, SealedUpload)
    assert isinstance(file.receiver, NoteReceiver)
    outline = Outline(form.duration_s, _peaks(form.peaks))
    note = file.receiver.finish(Said(file.name or "", outline), form.client_id)
    first = notes.outline_of(note)
    return Status(
        201, {**msgspec.structs.asdict(first), "id": note.id, "sha256": bytes(note.manifest).hex(), "state": note.state}
    )


def _peaks(text: str) -> list[int]:
    try:
        return msgspec.json.decode(text, type=list[int])
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Refused(BAD_INPUT, {"peaks": {"zh": "音量数据不对。", "en": "The loudness values are not valid."}}) from error


@router.get("/voice-notes/{uuid:note_id}", response=NoteState)
@acts("consultation.read")
def read(request: SignedInRequest, note_id: UUID) -> dict[str, Any]:
    """How far a voice note is, and its newest text."""
    return _state(request.auth, voice.note_for(request.auth, note_id))


def _state(person: Person, note: Recording) -> dict[str, Any]:
    newest = Transcript.objects.select_related("recording").filter(recording=note).order_by("-version").first()
    return {
        "id": note.id,
        "state": note.state,
        "progress": _progress(note),
        "failure": finding(failures.FAILURES[note.failure]) if note.failure else None,
        "transcript": msgspec.structs.asdict(voice.words(newest, 0)) if newest else None,
        "tries": 0 if note.state == Recording.State.UNSENT else note.job.tries,
        "again": voice.may_ask_again(person, note),
    }


def _progress(note: Recording) -> float:
    if note.state in FINISHED:
        return 1.0
    return 0.0 if note.state == Recording.State.UNSENT else note.job.progress


@router.get("/voice-notes/{uuid:note_id}/audio")
@acts("consultation.read")
def audio(request: SignedInRequest, note_id: UUID) -> HttpResponseBase:
    """The sound, with HTTP ranges, for everybody who may read the thread; not once its message was taken back."""
    return playback.answer(request, voice.note_for(request.auth, note_id))


@router.post("/voice-notes/{uuid:note_id}/retry", response=NoteState)
@acts(voice.TRANSCRIBE)
def retry(request: SignedInRequest, note_id: UUID, body: NoteRetry) -> dict[str, Any]:
    """Whoever said it, or a clinician of the thread, has a failed transcription tried again. Answers the state, also when there was
    nothing to begin."""
    return _state(request.auth, voice.transcribe_again(request.auth, note_id, body.tries))


@router.post("/voice-notes/{uuid:note_id}/correction", response=NoteCorrected)
@acts("message.send")
def correct(request: SignedInRequest, note_id: UUID, body: NoteCorrection) -> dict[str, Any]:
    """Whoever said it puts right what the machine wrote; both versions stay."""
    return {"version": voice.correct(request.auth, note_id, body.client_id, body.text).version}
