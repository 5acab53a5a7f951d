"""A shredded key leaves the memory of every process that serves sockets at once; workers look once in a minute by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consult.doorbell import MAX_RINGS, Ring, ring
from records.vault import on_shredded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID


def listen() -> None:
    """Hear of every key that is shredded, once."""
    if _tell not in on_shredded:
        on_shredded.append(_tell)


def _tell(keys: Sequence[UUID]) -> None:
    for start in range(0, len(keys), MAX_RINGS):
        ring(*(Ring("shred", key) for key in keys[start : start + MAX_RINGS]))
