"""Calls: what devices ask for, and what they are told. SDP and candidates pass through and are not kept.

The server is the authority on a call's state: `ringing -> active -> ended`, or `declined`, `missed`, `busy`, `cancelled`, `failed`. A
device is one open page: it names itself once (`device`) and keeps that name when its socket opens anew, so that a call survives a
change of networks. What is said between devices (`rtc.*`, `call.media`, `call.quality`) reaches the other bound device and nobody else.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

from msgspec import Meta, Struct

from consult.protocol.base import Command, Frame
from consult.protocol.values import ClientId, Remark

MAX_SDP_BYTES: Final = 32 * 1024
MAX_CANDIDATE_CHARS: Final = 512
MAX_CANDIDATES: Final = 20  # in a batch; 100 an ICE generation
Medium = Literal["audio", "video"]
Media = Annotated[list[Medium], Meta(min_length=1, max_length=2)]
Ending = Literal["ended", "declined", "missed", "busy", "cancelled", "failed"]
Quality = Literal["good", "fair", "poor"]
TextVersion = Annotated[str, Meta(pattern=r"^[a-z0-9.-]{1,32}$")]


class CallInvite(Command, frozen=True, tag="call.invite"):
    """Ring the other side of the case on all its devices. The ack's `call` is the call, or the one that rings the other way."""

    consultation: UUID
    client_id: ClientId
    device: ClientId
    media: Media


class CallRinging(Command, frozen=True, tag="call.ringing"):
    """A device shows the call."""

    call: UUID


class CallAccept(Command, frozen=True, tag="call.accept"):
    """This device takes the call, for everybody else's `call.answered_elsewhere`. `media` may be less than what was asked for."""

    call: UUID
    device: ClientId
    media: Media


class CallDecline(Command, frozen=True, tag="call.decline"):
    call: UUID
    reason: Literal["not_now", "later", "busy"] = "not_now"
    note: Remark = ""


class CallHangup(Command, frozen=True, tag="call.hangup"):
    """End the call, or take the invitation back."""

    call: UUID
    reason: Literal["done", "no_answer", "no_device", "no_connection"] = "done"


class CallResume(Command, frozen=True, tag="call.resume"):
    """The same device on a new socket, within the grace. Answered by `call.accepted` after the ack."""

    call: UUID
    device: ClientId


class CallMedia(Command, frozen=True, tag="call.media"):
    """What this device sends now."""

    call: UUID
    audio: bool
    video: bool
    screen: bool = False


class CallAskPhoto(Command, frozen=True, tag="call.ask_photo"):
    """The doctor asks the patient for a photo while they talk; `what` may be empty."""

    call: UUID
    client_id: ClientId
    what: Remark = ""


class CallQuality(Command, frozen=True, tag="call.quality"):
    """How well this device hears and sees the other; said when it changes."""

    call: UUID
    quality: Quality


class RtcDescription(Command, frozen=True, tag="rtc.description"):
    """An SDP, after acceptance only. Perfect negotiation: the callee is the polite side."""

    call: UUID
    kind: Literal["offer", "answer", "rollback"]
    sdp: Annotated[str, Meta(max_length=MAX_SDP_BYTES)]


class Candidate(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename="camel"):
    """As RTCIceCandidateInit. An empty `candidate` ends a generation."""

    candidate: Annotated[str, Meta(max_length=MAX_CANDIDATE_CHARS)]
    sdp_mid: Annotated[str, Meta(max_length=64)] | None = None
    sdp_m_line_index: Annotated[int, Meta(ge=0, le=64)] | None = None
    username_fragment: Annotated[str, Meta(max_length=256)] | None = None


class RtcCandidates(Command, frozen=True, tag="rtc.candidates"):
    call: UUID
    candidates: Annotated[list[Candidate], Meta(min_length=1, max_length=MAX_CANDIDATES)]


class IceRefresh(Command, frozen=True, tag="ice.refresh"):
    """New relay credentials. Answered by `ice.servers` after the ack."""

    call: UUID


class RecordingRequest(Command, frozen=True, tag="recording.request"):
    """Ask everybody in this call whether it may be recorded; `text_version` is the sheet the asker saw. Asking is consenting oneself."""

    call: UUID
    client_id: ClientId
    text_version: TextVersion


class RecordingConsent(Command, frozen=True, tag="recording.consent"):
    """Answer, or take one's consent back: `granted` false while it runs stops it for both."""

    call: UUID
    client_id: ClientId
    granted: bool
    text_version: TextVersion


class RecordingStop(Command, frozen=True, tag="recording.stop"):
    """Stop recording; what was recorded stays, unlike after a withdrawal, where the sheet says what happens."""

    call: UUID
    client_id: ClientId


CALL_COMMANDS: Final = (
    CallInvite, CallRinging, CallAccept, CallDecline, CallHangup, CallResume, CallAskPhoto, CallMedia, CallQuality,
    RtcDescription, RtcCandidates, IceRefresh, RecordingRequest, RecordingConsent, RecordingStop,
)  # fmt: skip


class IceServer(Struct, frozen=True, omit_defaults=True):
    """As RTCIceServer."""

    urls: list[str]
    username: str | None = None
    credential: str | None = None


class CallIncoming(Frame, frozen=True, tag="call.incoming"):
    """Somebody rings, until `until` (ms since epoch). Sent again to a device that connects while it rings."""

    call: UUID
    consultation: UUID
    caller: UUID
    media: list[Medium]
    at: int
    until: int


class CallRings(Frame, frozen=True, tag="call.rings"):
    """To the caller: a device of the other side shows the call."""

    call: UUID


class CallAccepted(Frame, frozen=True, tag="call.accepted"):
    """To the two bound devices: negotiate now. `relay_only`: candidates of any other kind are not to be used."""

    call: UUID
    consultation: UUID
    peer: UUID
    media: list[Medium]
    polite: bool
    at: int  # when it was answered, ms since epoch
    ice: list[IceServer]
    ice_until: int  # ms since epoch
    relay_only: bool
    resumed: bool
    captions: bool  # may be asked for here


class CallAnsweredElsewhere(Frame, frozen=True, tag="call.answered_elsewhere"):
    """To the other devices of who answered or declined: stop ringing."""

    call: UUID


class CallAway(Frame, frozen=True, tag="call.away"):
    """The other device's socket is gone; unless it is back by `until` (ms since epoch) the call ends. `until` null: it is back."""

    call: UUID
    until: int | None


class CallEnded(Frame, frozen=True, tag="call.ended"):
    """To every device that rang or talked. `by` null: nobody did, a time ran out."""

    call: UUID
    consultation: UUID
    state: Ending
    reason: str
    by: UUID | None
    duration_s: int | None


class PeerMedia(Frame, frozen=True, tag="peer.media"):
    call: UUID
    audio: bool
    video: bool
    screen: bool


class PeerQuality(Frame, frozen=True, tag="peer.quality"):
    call: UUID
    quality: Quality


class PeerDescription(Frame, frozen=True, tag="peer.description"):
    call: UUID
    kind: Literal["offer", "answer", "rollback"]
    sdp: str


class PeerCandidates(Frame, frozen=True, tag="peer.candidates"):
    call: UUID
    candidates: list[Candidate]


class IceServers(Frame, frozen=True, tag="ice.servers"):
    call: UUID
    ice: list[IceServer]
    ice_until: int


class Answer(Struct, frozen=True):
    """One person's answer to one request. `granted` null: not answered yet."""

    person: UUID
    granted: bool | None


class RecordingState(Frame, frozen=True, tag="recording.state"):
    """All of it at every change, and at `call.accepted` of a call that has one. Capture while `state` is `on`, and at no other time."""

    call: UUID
    state: Literal["asked", "on", "refused", "withdrawn", "stopped"]
    asked_by: UUID
    answers: list[Answer]
    text_version: str
    generation: int  # counts requests within the call
    at: int  # of this change, ms since epoch


CALL_FRAMES: Final[tuple[type[Frame], ...]] = (
    CallIncoming, CallRings, CallAccepted, CallAnsweredElsewhere, CallAway, CallEnded, PeerMedia, PeerQuality,
    PeerDescription, PeerCandidates, IceServers, RecordingState,
)  # fmt: skip
