"""Recordings of follow-up calls over REST: in, played, read, corrected, tried again."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Prefetch
from django.http import HttpResponseBase
from ninja import Field, File, Form, Router, Schema, UploadedFile
from ninja.responses import Status

from records.api import followups
from records.api.auth import SignedInRequest, acts, signed_in
from records.api.followups import FollowUpBrief, OutcomeBrief, follow_up_brief, outcome_brief
from records.charts import chart_of, note_opening
from records.errors import ErrorKind, Refused
from records.plans import follow_ups_for
from records.views import BRIEF
from transcription import jobs, playback, transcripts
from transcription.briefs import (
    RecordingBrief,
    RecordingPage,
    TranscriptPage,
    recording_brief,
    recording_page,
    transcript_page,
    with_lines,
)
from transcription.known import known_to
from transcription.models import Job, Recording
from transcription.recordings import Act, CallReceiver, admit, markers_of, recording_for
from transcription.uploads import SealedUpload, SignedInSender

router = Router(tags=["recordings"], auth=signed_in)

NOT_FAILED = ErrorKind(
    "recording.not_failed", 409, "这段录音没有失败，不需要重试。", "This recording did not fail; there is nothing to try again."
)
FINISHED = ErrorKind(
    "recording.finished",
    409,
    "这段录音已经转写结束，没有在等待的任务。",
    "This recording is transcribed already; there is nothing to wait for.",
)
MOST_LISTED = 200


class FollowUpPage(FollowUpBrief):
    """`outcomes`: how each call ended, oldest first."""

    recordings: list[RecordingBrief]
    outcomes: list[OutcomeBrief]


class UploadForm(Schema):
    """`consent`: spoken. `markers`: JSON, [{"kind": "consent" | "mark", "at": seconds}].

    `client_id` makes a repeated upload the same act; without one every upload is a new recording.
    """

    language: str = "auto"
    consent: str
    client_id: str = ""
    markers: str = "[]"


@followups.router.get("/followups", response=list[FollowUpPage])  # one address, one router: planning a call stands there
@acts("follow_up.list")
def list_follow_ups(request: SignedInRequest) -> list[dict[str, Any]]:
    """The calls that this person is to make, whose patient is in their care, or that wait in their departments, the earliest due first.
    What was recorded is shown to those who care for the patient or make the call."""
    recordings = Prefetch("recordings", queryset=with_lines(known_to(request.auth, Recording.objects.order_by("created_at"))))
    people = [f"{person}__{name}" for person in ("patient", "assigned_to", "outcomes__by") for name in BRIEF]
    rows = (
        follow_ups_for(request.auth)
        .select_related("patient", "assigned_to")
        .prefetch_related(recordings, *people)[:MOST_LISTED]
    )
    return [{**follow_up_brief(row), **_known(row)} for row in rows]


def _known(row: Any) -> dict[str, Any]:
    """What the calls brought, for those who may know. `row` comes from `follow_ups_for`."""
    if not row.assigned_to_id and not row.cared_for:
        return {"recordings": [], "outcomes": []}
    return {
        "recordings": [recording_brief(one) for one in row.recordings.all()],
        "outcomes": [outcome_brief(one) for one in sorted(row.outcomes.all(), key=lambda one: one.seq)],
    }


@router.post("/followups/{follow_up_id}/recordings", response={201: RecordingPage}, auth=SignedInSender(admit))
@acts("follow_up.record")
def upload(
    request: SignedInRequest, follow_up_id: UUID, form: Form[UploadForm], file: File[UploadedFile]
) -> Status[dict[str, Any]]:
    """Add the recording of a follow-up call (multipart). By the time this runs it is sealed; it is kept only from here on."""
    assert isinstance(file, SealedUpload)
    assert isinstance(file.receiver, CallReceiver)
    act = Act(file.name or "", form.language, form.consent, markers_of(form.markers))
    recording = file.receiver.finish(act, form.client_id or uuid4().hex)
    return Status(201, recording_page(recording))


@router.get("/recordings/{uuid:recording_id}", response=RecordingPage)
@acts("recording.read")
def read(request: SignedInRequest, recording_id: UUID) -> dict[str, Any]:
    """One recording: its state, its job, its transcript once there is one."""
    return recording_page(recording_for(request.auth, "recording.read", recording_id))


@router.get("/recordings/{uuid:recording_id}/audio")
@acts("recording.read")
def audio(request: SignedInRequest, recording_id: UUID) -> HttpResponseBase:
    """The recording itself, with HTTP ranges."""
    recording = recording_for(request.auth, "recording.read", recording_id)
    note_opening(chart_of(recording.patient), request.auth, "recording.played")
    return playback.answer(request, recording)


@router.get("/recordings/{uuid:recording_id}/transcript", response=TranscriptPage)
@acts("recording.read")
def transcript(
    request: SignedInRequest, recording_id: UUID, version: Annotated[int | None, Field(ge=1, le=10_000)] = None
) -> dict[str, Any]:
    """One version of what was said; without `version` the newest."""
    recording = recording_for(request.auth, "recording.read", recording_id)
    note_opening(chart_of(recording.patient), request.auth, "transcript.read")
    return transcript_page(transcripts.load(recording, version))


@router.post("/recordings/{uuid:recording_id}/retry", response=RecordingPage)
@acts("transcript.correct")
def retry(request: SignedInRequest, recording_id: UUID) -> dict[str, Any]:
    """Queue a failed transcription again."""
    recording = recording_for(request.auth, "transcript.correct", recording_id)
    with transaction.atomic():
        locked = Recording.objects.select_for_update().get(id=recording.id)
        if locked.state != Recording.State.FAILED:
            raise Refused(NOT_FAILED)
        jobs.enqueue(locked, Job.Priority.WAITED_FOR)
    return recording_page(recording_for(request.auth, "transcript.correct", recording_id))


@router.post("/recordings/{uuid:recording_id}/cancel", response=RecordingPage)
@acts("transcript.correct")
def cancel(request: SignedInRequest, recording_id: UUID) -> dict[str, Any]:
    """Stop a transcription that waits or runs; the recording stays, and `retry` queues it again. Cancelling twice is cancelling once."""
    recording = _unfinished(request, recording_id)
    jobs.cancel(recording.id)
    return recording_page(recording_for(request.auth, "transcript.correct", recording_id))


@router.post("/recordings/{uuid:recording_id}/first", response=RecordingPage)
@acts("transcript.correct")
def first(request: SignedInRequest, recording_id: UUID) -> dict[str, Any]:
    """Take this recording before those that nobody waits for."""
    recording = _unfinished(request, recording_id)
    jobs.expedite(recording.id)
    return recording_page(recording_for(request.auth, "transcript.correct", recording_id))


def _unfinished(request: SignedInRequest, recording_id: UUID) -> Recording:
    """Raises Refused: NOT_FOUND, FINISHED."""
    recording = recording_for(request.auth, "transcript.correct", recording_id)
    if recording.state in {Recording.State.DONE, Recording.State.NEEDS_REVIEW}:
        raise Refused(FINISHED)
    return recording
