"""Recordings and transcripts as the API shows them. Callers have checked that the person may read them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from ninja import Schema

from records.ledger.models import TreeEntry
from records.people import Person
from records.views import Bilingual, PatientBrief, PersonBrief, bilingual, brief, patient_brief
from transcription import failures, jobs, signoffs, transcripts
from transcription.models import Recording, Track, Transcript
from transcription.receiving import name_of

if TYPE_CHECKING:
    from records.errors import ErrorKind

State = Literal["queued", "running", "done", "failed", "needs_review"]


class RecordingBrief(Schema):
    id: UUID
    at: datetime
    state: State
    progress: float
    duration_s: float | None
    language: str
    lines: int | None


class Finding(Schema):
    """A failure or a warning. `retry`: the same recording may be tried again."""

    code: str
    message: Bilingual
    retry: bool


class Signed(Schema):
    """`doubts_left`: words that stayed doubtful, to the signer's knowledge."""

    person: PersonBrief
    at: datetime
    doubts_left: int


class Version(Schema):
    """`author` null: the machine. `signed`: who checked it; null while nobody has."""

    version: int
    author: PersonBrief | None
    model: str | None
    at: datetime
    signed: Signed | None


class Marker(Schema):
    """A moment of a call, in seconds, as its recorder set it: that the patient agreed, or something to come back to."""

    kind: Literal["consent", "mark"]
    at: float


class RecordingPage(RecordingBrief):
    """`official`: the version that counts: the newest that was signed, or, while none was, the newest.
    `ahead`: how many recordings are transcribed before it, while it waits. A call belongs to a follow-up, or to a consultation."""

    name: str
    media_type: str
    size: int
    channels: int | None
    ahead: int | None
    uploaded_by: PersonBrief
    followup: UUID | None
    consultation: UUID | None
    patient: PatientBrief
    failure: Finding | None
    warnings: list[Finding]
    transcripts: list[Version]
    official: int | None
    markers: list[Marker]
    integrity: Literal["sealed", "pending"]


class SpokenWord(Schema):
    """`term`: the name of a medicine that a doubtful word, or the words beside it together, may have been."""

    text: str
    start: float
    end: float
    confidence: float
    term: str | None = None


class Line(Schema):
    id: int
    start: float
    end: float
    speaker: str
    speaker_name: str | None
    text: str
    confidence: float
    words: list[SpokenWord]


class Coverage(Schema):
    """Seconds of speech that a detector hears, how many of them the text covers, and where it does not."""

    speech_s: float
    covered_s: float
    gaps: list[tuple[float, float]]


class TranscriptPage(Schema):
    version: int
    machine: bool
    label: Bilingual
    engine: str
    model: str
    model_version: str
    language: str
    rtf: float | None
    author: PersonBrief | None
    at: datetime
    segments: list[Line]
    coverage: Coverage


def with_lines(rows: QuerySet[Recording]) -> QuerySet[Recording]:
    """Everything that `recording_brief` reads, in one query."""
    newest = Transcript.objects.filter(recording=OuterRef("pk")).order_by("-version")
    return rows.select_related("job").annotate(line_count=Subquery(newest.values("lines")[:1]))


def recording_brief(recording: Recording) -> dict[str, Any]:
    """The fields of `RecordingBrief`, for a row of `with_lines`."""
    return {
        "id": recording.id,
        "at": recording.created_at,
        "state": recording.state,
        "progress": 1.0 if recording.state in FINISHED else recording.job.progress,
        "duration_s": recording.duration_s,
        "language": recording.detected or recording.language,
        "lines": getattr(recording, "line_count", None),
    }


FINISHED = frozenset({Recording.State.DONE, Recording.State.NEEDS_REVIEW, Recording.State.FAILED})


def recording_page(recording: Recording) -> dict[str, Any]:
    """The fields of `RecordingPage`. Raises SealBroken, KeyMissing (the sealed name)."""
    assert recording.seq is not None, "a voice note is shown once it was sent"
    versions = list(recording.transcripts.select_related("author", "signoff__person").order_by("version"))
    placed = TreeEntry.objects.filter(leaf__chain_id=recording.key.scope, leaf__seq=recording.seq).exists()
    return {
        **recording_brief(with_lines(Recording.objects.filter(id=recording.id)).get()),
        "name": name_of(recording),
        "media_type": recording.media_type,
        "size": recording.size,
        "channels": recording.channels,
        "ahead": None if recording.origin == Recording.Origin.TRACK else jobs.ahead_of(recording.job),
        "uploaded_by": brief(recording.uploaded_by),
        "followup": recording.follow_up_id,
        "consultation": recording.thread_id,
        "patient": patient_brief(recording.patient),
        "failure": finding(failures.FAILURES[recording.failure]) if recording.failure else None,
        "warnings": [finding(failures.WARNINGS[code]) for code in (*recording.warnings, *_of_tracks(recording))],
        "transcripts": [_version(row) for row in versions],
        "official": signoffs.official(versions),
        "markers": recording.markers or [],
        "integrity": "sealed" if placed else "pending",
    }


def _of_tracks(recording: Recording) -> list[str]:
    """What is to be known of the sides of a call that its words were taken from."""
    sides = Recording.objects.filter(track__capture__recording=recording)
    return sorted({code for codes in sides.values_list("warnings", flat=True) for code in codes})


def finding(kind: ErrorKind) -> dict[str, Any]:
    return {"code": kind.code, "message": bilingual(kind.zh, kind.en), "retry": kind.retry}


def transcript_page(transcript: Transcript) -> dict[str, Any]:
    """The fields of `TranscriptPage`. Raises SealBroken, KeyMissing."""
    body = transcripts.opened(transcript)
    machine, names = transcript.author is None, {**_speakers(transcript.recording), **body.get("speakers", {})}
    return {
        **_version(transcript),
        "machine": machine,
        "label": signoffs.label(transcript),
        "engine": transcript.engine,
        "model_version": transcript.model_version,
        "language": body["language"],
        "rtf": body["rtf"],
        "segments": [{**line, "speaker_name": names.get(line["speaker"])} for line in body["segments"]],
        "coverage": body["coverage"],
    }


def _speakers(recording: Recording) -> dict[str, str]:
    """Names of those who spoke in a call that each device recorded for itself, by what its lines call them."""
    rows = Person.objects.filter(id__in=Track.objects.filter(capture__recording=recording).values("person"))
    return {str(id_): name for id_, name in rows.values_list("id", "name")}


def _version(row: Transcript) -> dict[str, Any]:
    signed = signoffs.of(row)
    return {
        "version": row.version,
        "author": brief(row.author) if row.author else None,
        "model": row.model or None,
        "at": row.created_at,
        "signed": signed and {"person": brief(signed.person), "at": signed.at, "doubts_left": signed.doubts_left},
    }
