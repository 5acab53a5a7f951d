"""What the server says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import msgspec
from msgspec import Struct

from consult.protocol.base import Frame
from consult.protocol.calls import CALL_FRAMES
from consult.protocol.captions import CAPTION_FRAMES
from consult.protocol.events import Event
from consult.protocol.rooms import ROOM_FRAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

encode = msgspec.json.Encoder().encode


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
    call: UUID | None = None


class BilingualText(Struct, frozen=True):
    zh: str
    en: str


class ErrorFrame(Frame, frozen=True, tag="error"):
    id: str | None
    code: str
    message: BilingualText
    retry: bool
    fields: dict[str, BilingualText] | None = None
    retry_after: float | None = None  # seconds


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
    """How far one person's devices have received and read, and when each last moved (ms since epoch)."""

    person: UUID
    delivered: int
    read: int
    delivered_at: int | None
    read_at: int | None


class Cursors(Frame, frozen=True, tag="cursors"):
    consultation: UUID
    cursors: list[CursorState]


class ConsultationChanged(Frame, frozen=True, tag="consultation.changed"):
    """State, assignee or place in the queue changed: read it again."""

    consultation: UUID


class CallIsDue(Frame, frozen=True, tag="call.due"):
    """To all devices of both sides: the call agreed on for `at` (ms since epoch) is near."""

    consultation: UUID
    at: int


class QueueChanged(Frame, frozen=True, tag="queue.changed"):
    pass


class DraftChanged(Frame, frozen=True, tag="draft.changed"):
    """A device of this person stored or emptied a draft: read it again, unless it was this device and the version is known."""

    consultation: UUID
    version: int


class Pong(Frame, frozen=True, tag="pong"):
    id: str
    at: int


FRAMES: Final[tuple[type[Frame], ...]] = (
    Welcome, Ack, ErrorFrame, Timeline, Typing, Cursors, ConsultationChanged, CallIsDue, QueueChanged, DraftChanged,
    Pong,
    *CALL_FRAMES, *CAPTION_FRAMES, *ROOM_FRAMES,
)  # fmt: skip


class CloseCode:
    """Why the server closed a socket."""

    SIGNED_OUT: Final = 4401
    ORIGIN: Final = 4403
    SLOW_READER: Final = 4408
    TICKET: Final = 4410
    TOO_BIG: Final = 4413
    FLOOD: Final = 4429
    RESTART: Final = 1012
    UNAVAILABLE: Final = 1013


def timeline_frame(consultation: UUID, events: Sequence[bytes], upto: int, head: int) -> bytes:
    """A `Timeline` frame out of events that are JSON already: built once for all who stand at the same place."""
    return b'{"type":"timeline","consultation":"%s","events":[%s],"upto":%d,"head":%d}' % (
        str(consultation).encode(),
        b",".join(events),
        upto,
        max(upto, head),
    )
