"""Reviewing a transcript over REST: its waveform, corrections, what is begun but not yet a version, and the sign-off."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from ninja import Field, Router, Schema
from pydantic import StringConstraints

from records.api.auth import SignedInRequest, acts, signed_in
from records.api.schemas import Body, ClientId, Words
from transcription import finding, peaks, review_drafts, signoffs, transcripts
from transcription.briefs import RecordingPage, recording_page
from transcription.recordings import recording_for
from transcription.revisions import MOST_EDITS, MOST_SPEAKERS, Edit, Revision

if TYPE_CHECKING:
    from transcription.finding import Hit

router = Router(tags=["recordings"], auth=signed_in)

SpeakerKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
SpeakerName = Annotated[Words, StringConstraints(min_length=1, max_length=80)]


class PeaksPage(Schema):
    """For each channel the loudest sample of every stretch, 0 to 100; all stretches are equally long. None while it is not measured.

    `speakers`: whom each channel lets hear, as the lines of the transcript name them.
    """

    channels: list[list[int]]
    speakers: list[str]


class LineEdit(Body):
    """What changes in one line. `accepted`: places of doubtful words, in the version corrected, that were heard and found right."""

    segment: int
    text: Annotated[Words, StringConstraints(min_length=1, max_length=transcripts.CORRECTED_CHARACTERS)] | None = None
    speaker: SpeakerKey | None = None
    accepted: list[int] = Field([], max_length=1000)


class Correction(Body):
    """`speakers`: what all speakers are called, by key; left out, their names stay."""

    client_id: ClientId
    based_on: int
    edits: list[LineEdit] = Field([], max_length=MOST_EDITS)
    speakers: dict[SpeakerKey, SpeakerName] | None = Field(None, max_length=MOST_SPEAKERS)


class Corrected(Schema):
    version: int


class DraftPage(Schema):
    """`version` 0: there never was one."""

    text: str
    version: int


class DraftChange(Body):
    """The page's own JSON. `version`: the one that the device showed while this was typed."""

    text: Annotated[str, StringConstraints(max_length=review_drafts.MOST_CHARACTERS, pattern=r"^[^\x00]*$")]
    version: int = Field(ge=0, le=2**53)


class Query(Body):
    """`after`: `next` of the page before."""

    query: Annotated[Words, StringConstraints(min_length=1, max_length=finding.QUERY_CHARS)]
    after: UUID | None = None


class SpokenHit(Schema):
    """One sentence. `marks`: [start, end) of the matches in `excerpt`, as JavaScript counts."""

    recording: UUID
    at: datetime
    version: int
    segment: int
    start: float
    speaker: str
    speaker_name: str | None
    excerpt: str
    marks: list[tuple[int, int]]


class SpokenPage(Schema):
    """Newest call first. A page may be short, or empty, and not the last."""

    hits: list[SpokenHit]
    next: UUID | None


class SignOffForm(Body):
    """`doubts_left`: how many words stay doubtful, which whoever signs must know."""

    version: int
    doubts_left: int
    speakers_confirmed: bool


@router.get("/recordings/{uuid:recording_id}/peaks", response=PeaksPage)
@acts("recording.read")
def waveform(request: SignedInRequest, recording_id: UUID) -> dict[str, Any]:
    """Loudness over time, for drawing; one row a channel."""
    found = peaks.of(recording_for(request.auth, "recording.read", recording_id))
    return {"channels": found.channels, "speakers": found.speakers}


@router.post("/recordings/{uuid:recording_id}/transcript/corrections", response=Corrected)
@acts("transcript.correct")
def correct(request: SignedInRequest, recording_id: UUID, body: Correction) -> dict[str, Any]:
    """Put lines, speakers and doubts right: a new version beside the others. 409 when `based_on` is not the newest version."""
    recording = recording_for(request.auth, "transcript.correct", recording_id)
    edits = tuple(Edit(one.segment, one.text, one.speaker, tuple(one.accepted)) for one in body.edits)
    made = transcripts.revise(request.auth, recording, body.client_id, body.based_on, Revision(edits, body.speakers))
    return {"version": made.version}


@router.get("/recordings/{uuid:recording_id}/transcript/draft", response=DraftPage)
@acts("transcript.correct")
def draft(request: SignedInRequest, recording_id: UUID) -> dict[str, Any]:
    """What one has begun to correct, on whatever device; empty, with version 0, where nothing ever was."""
    recording = recording_for(request.auth, "transcript.correct", recording_id)
    return review_drafts.read(request.auth, recording)._asdict()


@router.put("/recordings/{uuid:recording_id}/transcript/draft", response=DraftPage)
@acts("transcript.correct")
def keep_draft(request: SignedInRequest, recording_id: UUID, body: DraftChange) -> dict[str, Any]:
    """Keep it; an empty text ends it. 409 when another device stored something meanwhile."""
    recording = recording_for(request.auth, "transcript.correct", recording_id)
    return review_drafts.write(request.auth, recording, body.text, body.version)._asdict()


@router.post("/recordings/{uuid:recording_id}/transcript/sign-off", response=RecordingPage)
@acts("transcript.sign")
def sign_off(request: SignedInRequest, recording_id: UUID, body: SignOffForm) -> dict[str, Any]:
    """Say of the newest version that it was checked: it is the one that counts from now on. 409 while something is not checked."""
    recording = recording_for(request.auth, "transcript.sign", recording_id)
    signoffs.sign(request.auth, recording, body.version, body.doubts_left, speakers_confirmed=body.speakers_confirmed)
    return recording_page(recording_for(request.auth, "transcript.sign", recording_id))


@router.post("/charts/{uuid:patient_id}/transcripts/search", response=SpokenPage)
@acts("recording.read")
def search(request: SignedInRequest, patient_id: UUID, body: Query) -> dict[str, Any]:
    """Sentences with every one of the words, in the version of each recorded call of this patient that counts."""
    page = finding.find(request.auth, patient_id, body.query, body.after)
    return {"hits": [_hit(hit) for hit in page.hits], "next": page.next}


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        "recording": hit.recording.id,
        "at": hit.recording.created_at,
        "version": hit.version,
        "segment": hit.line["id"],
        "start": hit.line["start"],
        "speaker": hit.line["speaker"],
        "speaker_name": hit.name,
        "excerpt": hit.found.text,
        "marks": hit.found.marks,
    }
