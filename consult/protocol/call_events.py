"""What stays of a call in the timeline."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from msgspec import Struct

from consult.protocol.arrangements import Heard
from consult.protocol.calls import Ending, Medium


class CallInvited(Struct, frozen=True):
    call: UUID
    media: list[Medium]


class CallAnswered(Struct, frozen=True):
    call: UUID
    media: list[Medium]


class CallDropped(Struct, frozen=True):
    """`person`'s device lost its connection."""

    call: UUID
    person: UUID


class CallFinished(Struct, frozen=True):
    """`poor_s`: for how long one side said that it hears or sees badly."""

    call: UUID
    state: Ending
    reason: str
    duration_s: int | None
    poor_s: int


class CallJudged(Struct, frozen=True):
    """How the sender heard and saw the other side; `poor_s` as of the call's end, for both. `rtt_ms`, `loss_permille`: of the sender's
    browser, on the average; null where it did not measure."""

    call: UUID
    heard: Heard
    poor_s: int
    rtt_ms: int | None
    loss_permille: int | None


class CallPhotoAsked(Struct, frozen=True):
    call: UUID
    what: str


class CallProposed(Struct, frozen=True):
    """Times, ascending, ms since epoch, of which the other side may take one."""

    slots: list[int]
    media: list[Medium]


class CallAgreed(Struct, frozen=True):
    """`of`: the proposal."""

    of: int
    at: int
    media: list[Medium]


class CallUnplanned(Struct, frozen=True):
    """`reason`: taken_back, replaced, closed, returned."""

    of: int
    reason: str


class CallDue(Struct, frozen=True):
    """A reminder, shortly before."""

    of: int
    at: int


class RecordingAsked(Struct, frozen=True):
    call: UUID
    text_version: str


class RecordingAnswered(Struct, frozen=True):
    """Also a withdrawal: `granted` false after true."""

    call: UUID
    granted: bool
    text_version: str


class RecordingTurned(Struct, frozen=True):
    """Recording began or stopped."""

    call: UUID
    reason: str


class RecordingSilent(Struct, frozen=True):
    """`person` agreed, and nothing has come from their device for minutes."""

    call: UUID
    person: UUID


CALL_BODIES: Final[dict[str, type[Struct]]] = {
    "call.invited": CallInvited,
    "call.answered": CallAnswered,
    "call.dropped": CallDropped,
    "call.returned": CallDropped,
    "call.ended": CallFinished,
    "call.judged": CallJudged,
    "call.photo_asked": CallPhotoAsked,
    "call.proposed": CallProposed,
    "call.agreed": CallAgreed,
    "call.unplanned": CallUnplanned,
    "call.due": CallDue,
    "recording.asked": RecordingAsked,
    "recording.answered": RecordingAnswered,
    "recording.started": RecordingTurned,
    "recording.stopped": RecordingTurned,
    "recording.silent": RecordingSilent,
}
