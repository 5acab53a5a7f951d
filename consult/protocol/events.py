"""What a timeline holds."""

from __future__ import annotations

from typing import Final, Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from consult.protocol.call_events import CALL_BODIES
from consult.protocol.captions import CAPTION_BODIES
from consult.protocol.rooms import ROOM_BODIES
from consult.protocol.values import Duration, RedFlag


class Opened(Struct, frozen=True):
    complaint: str
    duration: Duration
    red_flags: list[RedFlag]
    department: UUID


class Attachment(Struct, frozen=True, omit_defaults=True):
    """A picture or a document. `sha256` (hex) is that of its sealed manifest; `size` in bytes, `width` and `height` in pixels."""

    id: UUID
    kind: Literal["image", "pdf"]
    name: str
    media_type: str
    size: int
    sha256: str
    width: int | None = None
    height: int | None = None
    pages: int | None = None


class Voice(Struct, frozen=True):
    """A voice note. `peaks`: its loudness over time, 0 to 100, for drawing; `sha256` (hex) is that of its sealed manifest."""

    id: UUID
    duration_s: float
    peaks: list[int]
    sha256: str


class Posted(Struct, frozen=True, omit_defaults=True):
    text: str
    reply_to: int | None = None
    attachments: list[Attachment] = []
    voice: Voice | None = None
    mentions: list[UUID] = []


class Retracted(Struct, frozen=True):
    of: int
    reason: str


class MessageCorrected(Struct, frozen=True):
    of: int
    text: str


class Transcribed(Struct, frozen=True):
    """The words of the voice note at `of`. `machine`: by a model, not corrected by a person. `low`: [start, end) of doubtful words
    in `text`, in characters."""

    of: int
    version: int
    text: str
    machine: bool
    low: list[tuple[int, int]]
    engine: str
    model: str


class Extended(Struct, frozen=True):
    rounds: int
    hours: int


class SideOpened(Struct, frozen=True):
    about: UUID


class SideJoined(Struct, frozen=True):
    person: UUID


class Notice(Struct, frozen=True):
    broadcast: UUID
    title: str
    text: str


class NoticeChosen(Struct, frozen=True):
    """The patient turned notices that go to many off, or on again."""

    opted_out: bool


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
    "consultation.extended": Extended,
    "message.retracted": Retracted,
    "message.retracted_original": Nothing,
    "message.corrected": MessageCorrected,
    "voice.transcribed": Transcribed,
    "side.opened": SideOpened,
    "side.joined": SideJoined,
    "notice.posted": Notice,
    "notice.chosen": NoticeChosen,
    **CALL_BODIES,
    **CAPTION_BODIES,
    **ROOM_BODIES,
}
# How participants are shown a message that was taken back; it is stored as what it was.
RETRACTED_ORIGINAL: Final = "message.retracted_original"


class Event(Struct, frozen=True):
    """One act of a consultation. `seq` counts from 1 without gaps; `body` is one of `BODIES`, by `kind`."""

    seq: int
    kind: str
    at: int
    sender: UUID | None
    client_id: str | None
    body: msgspec.Raw
