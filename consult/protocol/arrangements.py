"""What is asked for around calls. None of it needs a socket: it may wait in a browser without a network, and is done once."""

from __future__ import annotations

from typing import Annotated, Final, Literal
from uuid import UUID

from msgspec import Meta

from consult.protocol.base import Command
from consult.protocol.values import ClientId

Heard = Literal["good", "not_heard", "not_seen"]
Milliseconds = Annotated[int, Meta(ge=0, le=60_000)]
Permille = Annotated[int, Meta(ge=0, le=1000)]


class CallJudge(Command, frozen=True, tag="call.judge"):
    """How it was, in the words of somebody who was in the call, once each. `rtt_ms` and `loss_permille`: what their browser measured, on
    the average; null where it did not."""

    call: UUID
    client_id: ClientId
    heard: Heard
    rtt_ms: Milliseconds | None = None
    loss_permille: Permille | None = None


ARRANGEMENT_COMMANDS: Final = (CallJudge,)
