"""What goes into the message writer and what comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from records.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from records.ledger.receipts import Receipts


class Submission(msgspec.Struct, frozen=True):
    """One durable act of one signed-in person, to be checked, stored and answered.

    `consultation` is any thread. `kind` None moves the cursor alone. `body` is the JSON that is sealed. `done` is called once, on
    the writer's thread.
    """

    consultation: UUID
    actor: UUID
    session: str | None  # None: a job of the server acts for the person
    action: str
    kind: str | None
    done: Callable[[Outcome], None]
    client_id: str | None = None
    body: bytes = b"{}"
    delivered: int = 0
    read: int = 0
    reply_to: int = 0  # a sequence that must exist; 0: none


class Committed(NamedTuple):
    """The act is durable. `seq` is 0 when nothing had to be added to the timeline."""

    seq: int
    at: int
    receipts: Receipts | None = None  # of the commit that stored it
    place: int = 0  # among that commit's

    @property
    def receipt(self) -> dict[str, Any] | None:
        return None if self.receipts is None else self.receipts[self.place]


Outcome = Committed | Refused


Moved = tuple["UUID", int, int, int | None, int | None]  # person, delivered, read, and when each moved (ms since epoch)


class Delta(NamedTuple):
    """What one commit added to one thread, and who may see it."""

    consultation: UUID
    first_seq: int
    head: int
    events: list[bytes]  # JSON of each, ascending
    audience: frozenset[UUID]
    cursors: list[Moved]
