"""What ends a session elsewhere closes its sockets here, and what closes an account hands its cases on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consult.calls.ending import leave_all
from consult.consultations import hand_back_all
from consult.doorbell import Ring, ring
from records.sessions import on_leaving, on_revoked

if TYPE_CHECKING:
    from uuid import UUID


def listen() -> None:
    """Hear of every session that ends and of everybody who leaves, once."""
    if _look_again not in on_revoked:
        on_revoked.append(_look_again)
        on_leaving.extend((hand_back_all, leave_all))


def _look_again(person: UUID, _tag: str | None) -> None:
    """The sockets of this person look at once whether they may stay, instead of at the next poll."""
    ring(Ring("gone", person))
