"""Recording calls over REST: each device sends its own track by tus 1.0 (https://tus.io/protocols/resumable-upload), core, creation with
or without its length, and checksums; and what a case shows of its recordings.

Beside what tus says: `Upload-Metadata` of a creation holds `client_id`, `generation` (of `recording.state`) and `age_ms` (of the first
sample); `Upload-Captured` of a piece says how many milliseconds of its own time the device has sent with it; `Upload-Length` with the
last piece completes the track, `Upload-Interrupted: 1` beside it says that the page which recorded it died.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from ninja import Router, Schema

from consult import audiences
from consult.calls import capturing
from records.api.auth import OWN, SignedInRequest, acts, signed_in
from records.api.errors import answer
from records.errors import BAD_INPUT, ErrorKind, Refused
from records.ledger.chains import moment
from records.views import PersonBrief, brief
from transcription.briefs import Finding, RecordingBrief, finding, recording_brief
from transcription.failures import ONE_SIDED, WARNINGS
from transcription.models import Capture, Track
from transcription.tracks import taking
from transcription.tracks.taking import MAX_BYTES, Sent
from transcription.uploads import reader, underway

if TYPE_CHECKING:
    from collections.abc import Callable

router = Router(tags=["recordings of calls"], auth=signed_in)

TUS: Final = "1.0.0"
EXTENSIONS: Final = "creation,creation-defer-length,checksum"
CONTENT_TYPE: Final = "application/offset+octet-stream"
VERSION: Final = ErrorKind(
    "tus.version", 412, "上传协议的版本不对。", "This version of the upload protocol is not spoken here."
)
MEDIA_TYPE: Final = ErrorKind("tus.type", 415, "上传的内容类型不对。", "This is not the content type of an upload.")


class TrackOpened(Schema):
    """`key`: with which the device seals what it has not sent yet (AES-256, base64). `offset`: how much the server has."""

    id: UUID
    key: str
    offset: int


class CaptureSide(Schema):
    """One person's part of a recording: `sent_s` of it are here, `missing_s` cannot be heard, whether they were lost or never recorded.
    `recordings`: this side alone."""

    person: PersonBrief
    state: Literal["none", "sending", "sent", "kept", "dropped"]
    sent_s: float
    missing_s: float
    recordings: list[UUID]


class CaptureState(Schema):
    """One recording of a call. `recording`: all sides joined, with its words once they are transcribed. `by_server`: not recorded by the
    devices of those who spoke, but of what reached the server."""

    call: UUID
    generation: int
    state: Literal["on", "waiting", "joining", "done", "empty", "dropped", "failed"]
    asked_by: PersonBrief
    on_at: datetime
    off_at: datetime | None
    sides: list[CaptureSide]
    warnings: list[Finding]
    recording: RecordingBrief | None
    by_server: bool


@router.post("/calls/{uuid:call_id}/tracks", response={201: TrackOpened})
@acts(OWN)
def create(request: SignedInRequest, call_id: UUID) -> HttpResponse:
    """Begin one's own track (tus: creation). Repeating a `client_id` answers the first track again."""
    capturing.in_call(request.auth, call_id)

    def act() -> HttpResponse:
        said = _metadata(request.headers.get("Upload-Metadata", ""))
        asked = _whole(said, "generation"), said.get("client_id", ""), _whole(said, "age_ms")
        track = capturing.open_track(request.auth, call_id, *asked, length=_length(request))
        body = {"id": str(track.id), "key": _key(track), "offset": track.size}
        return JsonResponse(body, status=201, headers={"Location": f"/api/tracks/{track.id}", "Cache-Control": "no-store"})

    return _spoken(request, act)


@router.api_operation(["OPTIONS"], "/tracks", response={204: None})
@acts(OWN)
def options(request: SignedInRequest) -> HttpResponse:
    """What of tus is spoken here."""
    said = {"Tus-Version": TUS, "Tus-Extension": EXTENSIONS, "Tus-Checksum-Algorithm": "sha256", "Tus-Max-Size": str(MAX_BYTES)}
    return HttpResponse(status=204, headers={"Tus-Resumable": TUS, **said})


@router.api_operation(["HEAD"], "/tracks/{uuid:track_id}", response={200: None})
@acts(OWN)
def look(request: SignedInRequest, track_id: UUID) -> HttpResponse:
    """How much of one's own track the server has."""
    track = taking.track_of(request.auth, track_id)

    def act() -> HttpResponse:
        length = {"Upload-Defer-Length": "1"} if track.length is None else {"Upload-Length": str(track.length)}
        return HttpResponse(headers={"Upload-Offset": str(track.size), "Cache-Control": "no-store", **length})

    return _spoken(request, act)


@router.post("/tracks/{uuid:track_id}", response={204: None})
@acts(OWN)
def add_by_post(request: SignedInRequest, track_id: UUID) -> HttpResponse:
    """`add` for clients from which no PATCH comes through: `X-HTTP-Method-Override: PATCH`."""
    taking.track_of(request.auth, track_id)
    if request.headers.get("X-HTTP-Method-Override") != "PATCH":
        raise Refused(BAD_INPUT)
    answered: HttpResponse = add(request, track_id)
    return answered


@router.get("/tracks/{uuid:track_id}", response=TrackOpened)
@acts(OWN)
def again(request: SignedInRequest, track_id: UUID) -> HttpResponse:
    """For a page that was closed with something still to send: the key of what it kept."""
    track = taking.track_of(request.auth, track_id)
    if track.state == Track.State.DROPPED:
        raise Refused(taking.WITHDRAWN)
    body = {"id": str(track.id), "key": _key(track), "offset": track.size}
    return JsonResponse(body, headers={"Cache-Control": "no-store"})


@router.patch("/tracks/{uuid:track_id}", response={204: None})
@acts(OWN)
def add(request: SignedInRequest, track_id: UUID) -> HttpResponse:
    """Add bytes to one's own track, sealed as they arrive; consent is asked for again."""
    track = taking.track_of(request.auth, track_id)

    def act() -> HttpResponse:
        if request.content_type != CONTENT_TYPE:
            raise Refused(MEDIA_TYPE)
        with underway.one(request.auth.id):
            grown = capturing.take(track, _sent(request), _reader(request))
        return HttpResponse(status=204, headers={"Upload-Offset": str(grown.size)})

    return _spoken(request, act)


@router.get("/consultations/{uuid:consultation_id}/captures", response=list[CaptureState])
@acts("consultation.read")
def captures(request: SignedInRequest, consultation_id: UUID) -> list[dict[str, Any]]:
    """How far the recordings of a case's calls are."""
    audiences.load(request.auth, consultation_id)
    return [_capture(row) for row in capturing.of_case(consultation_id)]


def _spoken(request: HttpRequest, act: Callable[[], HttpResponse]) -> HttpResponse:
    """`act` in the version of tus that both speak; its refusals carry the version as well."""
    if request.headers.get("Tus-Resumable") != TUS:
        made: HttpResponse = answer(VERSION)
        made.headers["Tus-Version"] = TUS
    else:
        try:
            made = act()
        except Refused as refused:
            made = answer(refused.kind, refused.fields)
    made.headers["Tus-Resumable"] = TUS
    return made


def _key(track: Track) -> str:
    return base64.b64encode(taking.key_for(track)).decode()


def _metadata(header: str) -> dict[str, str]:
    """`key base64, key base64`. Raises Refused(BAD_INPUT)."""
    try:
        pairs = [part.strip().partition(" ") for part in header.split(",") if part.strip()]
        return {name: base64.b64decode(value, validate=True).decode() for name, _, value in pairs}
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Refused(BAD_INPUT) from error


def _whole(said: Any, name: str) -> int:
    """A whole number that was sent as text. Raises Refused(BAD_INPUT)."""
    text = said.get(name) or ""
    if not (text.isascii() and text.isdigit() and len(text) <= 12):  # noqa: PLR2004 - more than any of them
        raise Refused(BAD_INPUT, {name: {"zh": "这里请填整数。", "en": "Please enter a whole number here."}})
    return int(text)


def _length(request: HttpRequest) -> int | None:
    """Bytes of a track that is begun; None for one whose length is told later. Raises Refused(BAD_INPUT): one of the two must be said."""
    length, later = request.headers.get("Upload-Length"), request.headers.get("Upload-Defer-Length")
    if (length is None) == (later is None) or later not in {None, "1"}:
        raise Refused(BAD_INPUT, {"length": {"zh": "请说明文件的长度。", "en": "Please say how long the file is."}})
    return None if length is None else _whole(request.headers, "Upload-Length")


def _sent(request: HttpRequest) -> Sent:
    said = request.headers
    return Sent(
        _whole(said, "Upload-Offset"),
        _whole(said, "Upload-Captured") if "Upload-Captured" in said else None,
        _whole(said, "Upload-Length") if "Upload-Length" in said else None,
        _digest(said["Upload-Checksum"]) if "Upload-Checksum" in said else None,
        said.get("Upload-Interrupted") == "1",
    )


def _digest(header: str) -> bytes:
    algorithm, _, value = header.partition(" ")
    try:
        if algorithm == "sha256":
            return base64.b64decode(value, validate=True)
    except binascii.Error:
        pass
    raise Refused(BAD_INPUT, {"checksum": {"zh": "校验和的格式不对。", "en": "This is not a checksum of a known kind."}})


def _reader(request: HttpRequest) -> Callable[[int], bytes]:
    """Reads the body; one whose sender is gone ends where it broke off, and what came before is the sender's to count on."""
    next_of = reader(request)

    def read(most: int) -> bytes:
        try:
            return next_of(most)
        except UnreadablePostError:
            return b""

    return read


def _capture(row: Capture) -> dict[str, Any]:
    tracks = list(row.tracks.all())
    codes = sorted({code for track in tracks if track.recording for code in track.recording.warnings})
    settled = row.state in {Capture.State.DONE, Capture.State.FAILED}
    lost = settled and {str(track.person_id) for track in tracks if track.recording_id} != set(row.people)
    return {
        "call": row.call,
        "generation": row.generation,
        "state": row.state,
        "asked_by": brief(row.asked_by),
        "on_at": moment(row.on_at),
        "off_at": None if row.off_at is None else moment(row.off_at),
        "sides": [_side(person, tracks, _asked_s(row) if settled else 0) for person in capturing.people_of(row)],
        "warnings": [*(finding(WARNINGS[code]) for code in codes), *([finding(ONE_SIDED)] if lost else [])],
        "recording": recording_brief(row.recording) if row.recording else None,
        "by_server": any(track.by_server for track in tracks),
    }


LATE_SECONDS: Final = 3.0  # a device hears of the beginning and of the end a little later
STATES: Final = {"open": "sending", "ended": "sent", "sealed": "kept", "dropped": "dropped"}


def _asked_s(row: Capture) -> float:
    """For how long everybody let it be recorded."""
    return 0 if row.off_at is None else (row.off_at - row.on_at) / 1000


def _side(person: Any, tracks: list[Track], asked_s: float) -> dict[str, Any]:
    mine = [track for track in tracks if track.person_id == person.id]
    states = [STATES[track.state] for track in mine]
    gap = asked_s - sum(track.recording.duration_s or 0 for track in mine if track.recording)
    return {
        "person": brief(person),
        "state": min(states, key=["sending", "sent", "kept", "dropped"].index, default="none"),
        "recordings": [track.recording_id for track in mine if track.recording_id],
        "sent_s": sum(track.captured_ms for track in mine) / 1000,
        "missing_s": gap if gap > LATE_SECONDS else sum(track.missing_ms for track in mine) / 1000,
    }
