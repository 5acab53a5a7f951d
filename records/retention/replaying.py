"""Destroying again what a restored backup brought back, before anything is served from it."""

from __future__ import annotations

from typing import Final

import structlog

from records import vault
from records.errors import Refused
from records.retention import shredding, tombstones
from records.retention.models import Tombstone
from records.retention.tombstones import TombstonesBroken
from records.vault.models import DataKey, WrappedKey

log = structlog.get_logger(__name__)

WHY: Final = "replay"


def replay() -> int:
    """Bring database and file to the same; return how many keys had come back. Raises TombstonesBroken: then nothing may be served."""
    lines = tombstones.read()
    named = [line.key for line in lines]
    back = set(WrappedKey.objects.filter(key__in=named).values_list("key_id", flat=True))
    back |= set(DataKey.objects.filter(id__in=named, shredded_at=None).values_list("id", flat=True))
    stones = set(Tombstone.objects.filter(key_id__in=back).values_list("key_id", flat=True))
    withdrawn = [line for line in lines if line.seq == tombstones.NO_LEAF and line.key in back]
    for line in withdrawn:
        shredding.shred_unrecorded(line.key, line.scope)
    for key in sorted(back - {line.key for line in withdrawn}, key=str):
        try:
            vault.shred([key]) if key in stones else shredding.shred(key, WHY)
        except Refused as refused:
            raise TombstonesBroken(
                f"key {key} was destroyed, is back, and cannot be destroyed again: {refused.kind.en}"
            ) from None
    for stone in Tombstone.objects.exclude(key_id__in=named):
        tombstones.remember(stone)  # the file was lost, or another host wrote its own
    if back:
        log.warning("tombstones.replayed", keys=len(back))
    return len(back)
