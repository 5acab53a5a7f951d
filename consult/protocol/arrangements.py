"""What is asked for around calls. None of it needs a socket: it may wait in a browser without a network, and is done once."""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

from msgspec import Meta

from consult.protocol.base import Command
from consult.protocol.calls import Media
from consult.protocol.values import ClientId, Place

Heard = Literal["good", "not_heard", "not_seen"]
Milliseconds = Annotated[int, Meta(ge=0, le=60_000)]
Time = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Permille = Annotated[int, Meta(ge=0, le=1000)]


class CallJudge(Command, frozen=True, tag="call.judge"):
    """How it was, in the words of somebody who was in the call, once each. `rtt_ms` and `loss_permille`: what their browser measured, on
    the average; null where it did not."""

    call: UUID
    client_id: ClientId
    heard: Heard
    rtt_ms: Milliseconds | None = None
    loss_permille: Permille | None = None


class CallPropose(Command, frozen=True, tag="call.propose"):
    """Offer the other side up to three times for a call, ms since epoch, in place of what was offered or agreed on before."""

    consultation: UUID
    client_id: ClientId
    slots: Annotated[list[Time], Meta(min_length=1, max_length=3)]
    media: Media


class CallAgree(Command, frozen=True, tag="call.agree"):
    """Take one of the times that `call.proposed` at `seq` offers."""

    consultation: UUID
    client_id: ClientId
    seq: Place
    at: Time


class CallUnplan(Command, frozen=True, tag="call.unplan"):
    """Take back, or turn down, what was proposed at `seq` or agreed on since."""

    consultation: UUID
    client_id: ClientId
    seq: Place


ARRANGEMENT_COMMANDS: Final = (CallJudge, CallPropose, CallAgree, CallUnplan)
