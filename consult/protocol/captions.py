"""Live captions of a call: who is captioned, their sound on its way to the model, and the lines that come back.

Each person decides about their own voice. Sound and lines pass through; neither is kept. Acts are in the timeline.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

from msgspec import Meta, Struct

from consult.protocol.base import Command, Frame
from consult.protocol.calls import TextVersion
from consult.protocol.values import ClientId

RATE: Final = 16_000
MAX_SOUND_BYTES: Final = 2 * RATE * 4 // 10  # 0.4 s


class CaptionsRequest(Command, frozen=True, tag="captions.request"):
    """Let one's own voice be captioned in this call, and ask the other side to; `text_version` is the sheet the asker saw."""

    call: UUID
    client_id: ClientId
    text_version: TextVersion


class CaptionsConsent(Command, frozen=True, tag="captions.consent"):
    """Answer for one's own voice, or take one's yes back: `granted` false stops its captions at once, and nobody else's."""

    call: UUID
    client_id: ClientId
    granted: bool
    text_version: TextVersion


class CaptionsStop(Command, frozen=True, tag="captions.stop"):
    """No more captions, of anybody."""

    call: UUID
    client_id: ClientId


class CaptionsSound(Command, frozen=True, tag="captions.sound"):
    """What this device's own microphone heard next: 16 kHz mono, signed 16-bit little-endian, at most 0.4 s. Only while its person is
    `on`, and no faster than it was said."""

    call: UUID
    pcm: Annotated[bytes, Meta(min_length=2, max_length=MAX_SOUND_BYTES)]


CAPTION_COMMANDS: Final = (CaptionsRequest, CaptionsConsent, CaptionsStop, CaptionsSound)


class Captioned(Struct, frozen=True):
    """`asked`: may this person's voice be captioned? `on`: they said yes. `off`: they said no, or took their yes back."""

    person: UUID
    state: Literal["asked", "on", "off"]


class CaptionsState(Frame, frozen=True, tag="captions.state"):
    """All of it at every change, and at `call.accepted` of a call that has captions. Nobody in it: they were turned off."""

    call: UUID
    people: list[Captioned]


class CaptionsLine(Frame, frozen=True, tag="captions.line"):
    """What `person` says, as a machine heard it. A line that is not `final` comes again, whole, under the same number."""

    call: UUID
    person: UUID
    number: int
    text: str
    final: bool


Problem = Literal["starting", "overloaded", "unavailable"]


class CaptionsTrouble(Frame, frozen=True, tag="captions.trouble"):
    """Why `person` is captioned badly or not at all; null: all is well again. `starting`: the model is loaded. `overloaded`: sound was left
    out."""

    call: UUID
    person: UUID
    problem: Problem | None


CAPTION_FRAMES: Final[tuple[type[Frame], ...]] = (CaptionsState, CaptionsLine, CaptionsTrouble)


class CaptionsAsked(Struct, frozen=True):
    """Also this person's own yes."""

    call: UUID
    text_version: str


class CaptionsAnswered(Struct, frozen=True):
    """Of one's own voice. Also a withdrawal: `granted` false after true."""

    call: UUID
    granted: bool
    text_version: str


class CaptionsStopped(Struct, frozen=True):
    call: UUID


CAPTION_BODIES: Final[dict[str, type[Struct]]] = {
    "captions.asked": CaptionsAsked,
    "captions.answered": CaptionsAnswered,
    "captions.stopped": CaptionsStopped,
}
