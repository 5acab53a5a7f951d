"""Every command and event of the socket, declared once. Imports no Django.

A frame is one JSON object in one text frame; `type` names its kind. Unknown fields, unknown types and values out of bounds are
errors. Times (`at`) are ms since epoch; ids are UUID strings; a `client_id` is made by the client, once for each durable act, and
makes it idempotent.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

MAX_FRAME_BYTES: Final = 64 * 1024

MAX_ID_CHARS: Final = 64
RequestId = Annotated[str, Meta(min_length=1, max_length=MAX_ID_CHARS)]
ClientId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
Seq = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Text = Annotated[str, Meta(min_length=1, max_length=8000)]
Complaint = Annotated[str, Meta(min_length=1, max_length=2000)]
Summary = Annotated[str, Meta(min_length=1, max_length=4000)]
Advice = Annotated[str, Meta(max_length=4000)]
Reason = Annotated[str, Meta(min_length=1, max_length=500)]
Duration = Literal["today", "days", "weeks", "months", "longer", "unknown"]
RedFlag = Literal["chest_pain", "one_sided_weakness", "breathless", "heavy_bleeding", "unconscious", "self_harm"]
Consent = Literal["consultation", "privacy"]


# --- commands: client to server -------------------------------------------------------------------------------------------------


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


# --- what a timeline holds ------------------------------------------------------------------------------------------------------


class Opened(Struct, frozen=True):
    complaint: str
    duration: Duration
    red_flags: list[RedFlag]
    department: UUID


class Posted(Struct, frozen=True):
    text: str


class ReadUpTo(Struct, frozen=True):
    upto: int


class Returned(Struct, frozen=True):
    reason: str


class Closed(Struct, frozen=True):
    summary: str
    advice: str


class Reopened(Struct, frozen=True):
    reason: str


class Nothing(Struct, frozen=True):
    """An event whose kind says it all."""


BODIES: Final[dict[str, type[Struct]]] = {
    "consultation.opened": Opened,
    "consultation.claimed": Nothing,
    "consultation.returned": Returned,
    "message.posted": Posted,
    "receipt.read": ReadUpTo,
    "consultation.closed": Closed,
    "consultation.reopened": Reopened,
}


class Event(Struct, frozen=True):
    """One act of a consultation. `seq` counts from 1 without gaps; `body` is one of `BODIES`, by `kind`."""

    seq: int
    kind: str
    at: int
    sender: UUID | None
    client_id: str | None
    body: msgspec.Raw


# --- events: server to client ---------------------------------------------------------------------------------------------------


class Frame(Struct, frozen=True, tag_field="type"):
    pass


class Welcome(Frame, frozen=True, tag="welcome"):
    person: UUID
    at: int


class Receipt(Struct, frozen=True):
    """Proof that the server took an act: one signature over the Merkle root of the commit that holds it.

    leaf: its hash; path: its inclusion in the commit's tree of `size` leaves at `index`; sig: Ed25519 by `key` (all base64).
    """

    leaf: str
    index: int
    size: int
    path: list[str]
    at: int
    sig: str
    key: str


class Ack(Frame, frozen=True, tag="ack", omit_defaults=True):
    id: str
    consultation: UUID | None = None
    seq: int | None = None
    at: int | None = None
    receipt: Any = None


class BilingualText(Struct, frozen=True):
    zh: str
    en: str


class ErrorFrame(Frame, frozen=True, tag="error"):
    id: str | None
    code: str
    message: BilingualText
    retry: bool
    fields: dict[str, BilingualText] | None = None


class Timeline(Frame, frozen=True, tag="timeline"):
    """Events after the follower's cursor, ascending and gapless. `head` is the last sequence there is."""

    consultation: UUID
    events: list[Event]
    upto: int
    head: int


class Typing(Frame, frozen=True, tag="typing"):
    consultation: UUID
    person: UUID
    on: bool


class CursorState(Struct, frozen=True):
    person: UUID
    delivered: int
    read: int


class Cursors(Frame, frozen=True, tag="cursors"):
    consultation: UUID
    cursors: list[CursorState]


class ConsultationChanged(Frame, frozen=True, tag="consultation.changed"):
    """State, assignee or place in the queue changed: read it again."""

    consultation: UUID


class QueueChanged(Frame, frozen=True, tag="queue.changed"):
    pass


class Pong(Frame, frozen=True, tag="pong"):
    id: str
    at: int


FRAMES: Final[tuple[type[Frame], ...]] = (
    Welcome, Ack, ErrorFrame, Timeline, Typing, Cursors, ConsultationChanged, QueueChanged, Pong,
)  # fmt: skip


class CloseCode:
    """Why the server closed a socket."""

    SIGNED_OUT: Final = 4401
    ORIGIN: Final = 4403
    SLOW_READER: Final = 4408
    FRAME_TOO_BIG: Final = 4413
    FLOOD: Final = 4429
    RESTART: Final = 1012


encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(AnyCommand).decode
_peek = msgspec.json.Decoder(dict[str, Any]).decode


class BadFrame(Exception):
    """The frame is not a command. `request` is its id where one could be read; `field` the member at fault, if any."""

    def __init__(self, code: str, request: str | None = None, field: str | None = None) -> None:
        super().__init__(code)
        self.code, self.request, self.field = code, request, field


def parse(text: str | bytes) -> AnyCommand:
    """One frame to one command, or `BadFrame` with code frame.malformed, frame.unknown_type or bad_input."""
    try:
        command: AnyCommand = _decode(text)
    except msgspec.ValidationError as error:
        raise _explain(text, str(error)) from None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise BadFrame("frame.malformed") from None
    return command


def _explain(text: str | bytes, problem: str) -> BadFrame:
    """Name the field and the request, so that the client can show which message was refused and why."""
    try:
        members = _peek(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return BadFrame("frame.malformed")
    request = members.get("id")
    request = request if isinstance(request, str) and len(request) <= MAX_ID_CHARS else None
    if members.get("type") not in COMMANDS:
        return BadFrame("frame.unknown_type", request)
    _, _, path = problem.partition(" - at `$.")
    field = path.rstrip("`").split("[")[0].split(".")[0]
    if not field and "unknown field" in problem:
        field = problem.rpartition("unknown field `")[2].split("`")[0][:64]
    return BadFrame("bad_input", request, field or None)
