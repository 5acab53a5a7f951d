"""What a client may ask for."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from msgspec import Meta, field

from consult.protocol import arrangements, calls, captions, rooms
from consult.protocol.base import Command
from consult.protocol.values import (
    MAX_ATTACHMENTS,
    MAX_HOURS,
    MAX_MENTIONS,
    MAX_ROUNDS,
    Advice,
    Caption,
    ClientId,
    Complaint,
    Consent,
    Duration,
    Place,
    Reason,
    RedFlag,
    Remark,
    Seq,
    Summary,
    Text,
)


class ConsultationOpen(Command, frozen=True, tag="consultation.open"):
    """The intake, whole: what is wrong in the patient's words, since when, and whether it may be an emergency."""

    client_id: ClientId
    complaint: Complaint
    duration: Duration
    consents: Annotated[list[Consent], Meta(max_length=2)]
    red_flags: Annotated[list[RedFlag], Meta(max_length=6)] = field(default_factory=list)
    department: UUID | None = None


class TimelineFollow(Command, frozen=True, tag="timeline.follow"):
    """Send everything after `since`, then everything new."""

    consultation: UUID
    since: Seq


class TimelineUnfollow(Command, frozen=True, tag="timeline.unfollow"):
    consultation: UUID


class MessageSend(Command, frozen=True, tag="message.send"):
    """`text` may be empty only beside attachments or a voice note. Mentions are for side threads alone, and invite whom they name."""

    consultation: UUID
    client_id: ClientId
    text: Caption
    reply_to: Place | None = None
    attachments: Annotated[list[UUID], Meta(max_length=MAX_ATTACHMENTS)] = field(default_factory=list)
    voice: UUID | None = None
    mentions: Annotated[list[UUID], Meta(max_length=MAX_MENTIONS)] = field(default_factory=list)


class MessageRetract(Command, frozen=True, tag="message.retract"):
    """Take back one's own message: nobody but reviewers reads it from then on. The original stays in the record."""

    consultation: UUID
    client_id: ClientId
    seq: Place
    reason: Remark = ""


class MessageCorrect(Command, frozen=True, tag="message.correct"):
    """Put right one's own text, as a clinician: both stay readable, the old one struck through."""

    consultation: UUID
    client_id: ClientId
    seq: Place
    text: Text


class SideOpen(Command, frozen=True, tag="side.open"):
    """Open the case's side thread for colleagues, or find it: the ack's `consultation` is the side thread."""

    consultation: UUID
    client_id: ClientId


class SideInvite(Command, frozen=True, tag="side.invite"):
    consultation: UUID
    client_id: ClientId
    person: UUID


class TypingCommand(Command, frozen=True, tag="typing"):
    """Never acknowledged, never kept."""

    consultation: UUID
    on: bool


class CursorAdvance(Command, frozen=True, tag="cursor.advance"):
    """How far this person's devices have received and read. Never moves back."""

    consultation: UUID
    delivered: Seq | None = None
    read: Seq | None = None


class ConsultationClaim(Command, frozen=True, tag="consultation.claim"):
    consultation: UUID


class ConsultationReturn(Command, frozen=True, tag="consultation.return"):
    consultation: UUID
    client_id: ClientId
    reason: Reason


class ConsultationClose(Command, frozen=True, tag="consultation.close"):
    consultation: UUID
    client_id: ClientId
    summary: Summary
    advice: Advice = ""


class ConsultationReopen(Command, frozen=True, tag="consultation.reopen"):
    """Go on with a closed case, or, as the patient, with one whose service terms are over."""

    consultation: UUID
    client_id: ClientId
    reason: Reason


class ConsultationExtend(Command, frozen=True, tag="consultation.extend"):
    """Give more rounds or more hours than the terms allow."""

    consultation: UUID
    client_id: ClientId
    rounds: Annotated[int, Meta(ge=0, le=MAX_ROUNDS)] = 0
    hours: Annotated[int, Meta(ge=0, le=MAX_HOURS)] = 0


class Ping(Command, frozen=True, tag="ping"):
    pass


AnyCommand = (
    MessageSend
    | TypingCommand
    | CursorAdvance
    | TimelineFollow
    | TimelineUnfollow
    | ConsultationOpen
    | ConsultationClaim
    | ConsultationReturn
    | ConsultationClose
    | ConsultationReopen
    | ConsultationExtend
    | MessageRetract
    | MessageCorrect
    | SideOpen
    | SideInvite
    | Ping
    | arrangements.CallJudge
    | arrangements.CallPropose
    | arrangements.CallAgree
    | arrangements.CallUnplan
    | calls.CallInvite
    | calls.CallRinging
    | calls.CallAccept
    | calls.CallDecline
    | calls.CallHangup
    | calls.CallResume
    | calls.CallAskPhoto
    | calls.CallMedia
    | calls.CallQuality
    | calls.RtcDescription
    | calls.RtcCandidates
    | calls.IceRefresh
    | calls.RecordingRequest
    | calls.RecordingConsent
    | calls.RecordingStop
    | captions.CaptionsRequest
    | captions.CaptionsConsent
    | captions.CaptionsStop
    | captions.CaptionsSound
    | rooms.RoomOpen
    | rooms.RoomInvite
    | rooms.RoomJoin
    | rooms.RoomRemove
    | rooms.RoomClose
    | rooms.RoomOffer
    | rooms.RoomAnswer
    | rooms.RoomCandidates
)

COMMANDS: Final[dict[str, type[Command]]] = {
    str(command.__struct_config__.tag): command
    for command in (
        ConsultationOpen,
        TimelineFollow,
        TimelineUnfollow,
        MessageSend,
        TypingCommand,
        CursorAdvance,
        ConsultationClaim,
        ConsultationReturn,
        ConsultationClose,
        ConsultationReopen,
        ConsultationExtend,
        MessageRetract,
        MessageCorrect,
        SideOpen,
        SideInvite,
        Ping,
        *arrangements.ARRANGEMENT_COMMANDS,
        *calls.CALL_COMMANDS,
        *captions.CAPTION_COMMANDS,
        *rooms.ROOM_COMMANDS,
    )
}
