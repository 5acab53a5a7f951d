"""What a timeline holds."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import msgspec
from msgspec import Struct

from consult.protocol.values import Duration, RedFlag


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
