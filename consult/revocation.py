"""What ends a session elsewhere closes its sockets here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consult.doorbell import Ring, ring
from records.sessions import on_revoked

if TYPE_CHECKING:
    from uuid import UUID


def listen() -> None:
    """Hear of every session that ends, once."""
    if _look_again not in on_revoked:
        on_revoked.append(_look_again)


def _look_again(person: UUID, _tag: str | None) -> None:
    """The sockets of this person look at once whether they may stay, instead of at the next poll."""
    ring(Ring("gone", person))
