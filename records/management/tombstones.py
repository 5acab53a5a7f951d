"""What every command does before it opens a key: destroy again what a restored backup brought back, as the start of a server does."""

from __future__ import annotations

from django.core.management.base import CommandError

from records.retention import replaying
from records.retention.tombstones import TombstonesBroken


def replay_tombstones() -> int:
    """Return how many keys had come back. Raises CommandError when they cannot be destroyed again: then nothing may be opened."""
    try:
        return replaying.replay()
    except TombstonesBroken as error:
        raise CommandError(f"What a backup brought back cannot be destroyed again: {error}") from error
