"""Reading a case under a grant: the conversation with its proofs, and the calls that followed.

Nothing is opened before the reading itself is in the ledger.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpResponseBase
from ninja import Router, Schema
from pydantic import Field

from consult.api.attachments import answer
from consult.api.compliance import Case, shown_cases
from consult.models import Consultation
from consult.oversight import attachments as attachment_review
from consult.oversight import cases, review
from records.api.auth import SignedInRequest, acts, signed_in
from records.ledger import vouching
from records.ledger.chains import moment
from records.views import Bilingual, PersonBrief
from transcription import playback, transcripts
from transcription.briefs import Marker, RecordingBrief, TranscriptPage, Version, recording_page, transcript_page

router = Router(tags=["compliance"], auth=signed_in)


class Check(Schema):
    """`ok` is null where it could not be checked (yet)."""

    name: str
    ok: bool | None
    zh: str
    en: str


class CheckpointBrief(Schema):
    size: int
    at: datetime
    root: str


class Integrity(Schema):
    state: review.State
    sentence: Bilingual
    checked: list[Check]
    entries: int
    since: datetime | None = Field(alias="from")
    until: datetime | None = Field(alias="to")
    checkpoint: CheckpointBrief | None


class TombstoneBrief(Schema):
    """By which tombstone something was destroyed, when (ms since epoch), and why."""

    number: int
    at: int
    why: Literal["maximum", "replay", "request"]


class ProvenEvent(Schema):
    """`body` is null when the words cannot be opened any more, or are `withheld`: outside the days of the grant;
    `shredded`: by which tombstone. `hash` is the leaf's, hex."""

    seq: int
    kind: str
    at: int
    sender: UUID | None
    client_id: str | None
    body: dict[str, Any] | None
    hash: str
    sealed_at: datetime
    tree_index: int | None
    verified: bool
    withheld: bool
    shredded: TombstoneBrief | None


class GrantedRecording(RecordingBrief):
    """`integrity`: of its leaf; the sound itself is compared with it while it is played."""

    name: str
    uploaded_by: PersonBrief
    transcripts: list[Version]
    official: int | None
    markers: list[Marker]
    integrity: review.State


class ProvenThread(Schema):
    """What clinicians said beside the case."""

    events: list[ProvenEvent]
    upto: int
    integrity: Integrity


class Vouching(Schema):
    """A tree that holds the whole case: its size and when, null while there is none. `name`: of a witness; else empty."""

    name: str
    size: int | None
    at: datetime | None


class Vouched(Schema):
    """Who has vouched for the case as it stands. `time_stamp` is null where no authority is asked."""

    checkpoint: Vouching | None
    witnesses: list[Vouching]
    time_stamp: Vouching | None


class ReadConversation(Schema):
    """`upto`: the number of the last act, by the chain's own count: where `events` ends before it, the end is missing."""

    case: Case
    events: list[ProvenEvent]
    upto: int
    people: list[PersonBrief]
    integrity: Integrity
    side: ProvenThread | None
    vouched: Vouched


@router.get("/grants/{uuid:grant_id}/conversation", response=ReadConversation, by_alias=True)
@acts("grant.read")
def conversation(request: SignedInRequest, grant_id: UUID) -> dict[str, Any]:
    """What was said in a case, as far as the grant goes: a reading, and a leaf of the grant's chain."""
    read = review.conversation(request.auth, grant_id)
    found = cases.described(Consultation.objects.filter(chain_id=read.grant.case_id))
    return {
        "case": shown_cases(request.auth, list(found))[0],
        "events": read.talk.events,
        "upto": read.talk.upto,
        "people": read.people,
        "integrity": read.talk.report.payload(),
        "side": {"events": read.side.events, "upto": read.side.upto, "integrity": read.side.report.payload()}
        if read.side
        else None,
        "vouched": {
            "checkpoint": read.vouched.checkpoint and _vouching(read.vouched.checkpoint),
            "witnesses": [_vouching(word) for word in read.vouched.witnesses],
            "time_stamp": read.vouched.stamp and _vouching(read.vouched.stamp),
        },
    }


def _vouching(word: vouching.Word) -> dict[str, Any]:
    return {"name": word.name, "size": word.size, "at": None if word.at is None else moment(word.at)}


@router.get("/grants/{uuid:grant_id}/attachments/{uuid:attachment_id}/file")
@acts("grant.read")
def attachment(
    request: SignedInRequest, grant_id: UUID, attachment_id: UUID, size: Literal["full", "thumb"] = "full"
) -> HttpResponseBase:
    """A photo or document that a message of the case carries, also a message that was taken back; each request is a reading."""
    return answer(request, attachment_review.opened(request.auth, grant_id, attachment_id), size)


@router.get("/grants/{uuid:grant_id}/recordings", response=list[GrantedRecording])
@acts("grant.read")
def recordings(request: SignedInRequest, grant_id: UUID) -> list[dict[str, Any]]:
    """The voice notes of the case, and the recorded calls that followed it."""
    found = review.recordings(request.auth, grant_id)
    states = review.recording_states(found)
    return [{**recording_page(row), "integrity": state} for row, state in zip(found, states, strict=True)]


@router.get("/grants/{uuid:grant_id}/recordings/{uuid:recording_id}/audio")
@acts("grant.read")
def audio(request: SignedInRequest, grant_id: UUID, recording_id: UUID) -> HttpResponseBase:
    """The sound, with HTTP ranges; each request is a reading."""
    found = review.recording(request.auth, grant_id, recording_id, "recordings", review.PLAYED)
    return playback.answer(request, found)


@router.get("/grants/{uuid:grant_id}/recordings/{uuid:recording_id}/transcript", response=TranscriptPage)
@acts("grant.read")
def transcript(
    request: SignedInRequest, grant_id: UUID, recording_id: UUID, version: Annotated[int | None, Field(ge=1, le=10_000)] = None
) -> dict[str, Any]:
    """One version of what was said; without `version` the newest."""
    found = review.recording(request.auth, grant_id, recording_id, "transcripts", "transcript.read")
    return transcript_page(transcripts.load(found, version))
