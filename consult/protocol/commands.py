"""What a client may ask for."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from msgspec import Meta, Struct

from consult.protocol.values import (
    Advice,
    ClientId,
    Complaint,
    Consent,
    Duration,
    Reason,
    RedFlag,
    RequestId,
    Seq,
    Summary,
    Text,
)


class Command(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """Asks for one act; `id` comes back in the ack or the error."""

    id: RequestId


class ConsultationOpen(Command, frozen=True, tag="consultation.open"):
    """The intake, whole: what is wrong in the patient's words, since when, and whether it may be an emergency."""

    client_id: ClientId
    complaint: Complaint
    duration: Duration
    consents: Annotated[list[Consent], Meta(max_length=2)]
    red_flags: Annotated[list[RedFlag], Meta(max_length=6)] = []
    department: UUID | None = None


class TimelineFollow(Command, frozen=True, tag="timeline.follow"):
    """Send everything after `since`, then everything new."""

    consultation: UUID
    since: Seq


class TimelineUnfollow(Command, frozen=True, tag="timeline.unfollow"):
    consultation: UUID


class MessageSend(Command, frozen=True, tag="message.send"):
    consultation: UUID
    client_id: ClientId
    text: Text


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
    reason: Reason


class ConsultationClose(Command, frozen=True, tag="consultation.close"):
    consultation: UUID
    client_id: ClientId
    summary: Summary
    advice: Advice = ""


class ConsultationReopen(Command, frozen=True, tag="consultation.reopen"):
    consultation: UUID
    reason: Reason


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
    | Ping
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
        Ping,
    )
}
