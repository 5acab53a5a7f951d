"""Destroying again what a restored backup brought back, before anything is served from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog

from records import vault
from records.errors import Refused
from records.retention import shredding, tombstones
from records.retention.models import Tombstone
from records.retention.tombstones import NO_LEAF, Line, TombstonesBroken
from records.vault.models import DataKey, WrappedKey

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from uuid import UUID

log = structlog.get_logger(__name__)

WHY: Final = "replay"
CHUNK: Final = 500  # lines in one question to the database, which takes so many parameters and no more


def replay() -> int:
    """Bring database and file to the same; return how many keys had come back. Raises TombstonesBroken: then nothing may be served."""
    lines = {line.key: line for line in tombstones.read()}
    back = _destroy_known()
    for line in _back(list(lines.values())):
        _destroy(line)
        back += 1
    write_missing(lines)
    if back:
        log.warning("tombstones.replayed", keys=back)
    return back


def write_missing(named: Collection[UUID] | None = None) -> None:
    """Write what the database knows as destroyed and the file does not: it was lost, another host wrote its own, or somebody was
    killed after a commit. `named`: the keys in the file, where that was just read."""
    known = {line.key for line in tombstones.read()} if named is None else named
    stones = Tombstone.objects.order_by("seq").iterator()
    missing = [tombstones.line_of(stone) for stone in stones if stone.key_id not in known]
    unrecorded = DataKey.objects.filter(shredded_at__isnull=False).exclude(id__in=Tombstone.objects.values("key_id"))
    for key, scope in unrecorded.order_by("id").values_list("id", "scope"):
        if key not in known:
            missing.append(tombstones.withdrawn(key, scope))
    if missing:
        tombstones.remember(missing)


def _destroy_known() -> int:
    """Destroy the keys of which the database itself has the tombstone: wrapped keys that were restored alone."""
    stones = Tombstone.objects.values("key_id")
    back = set(WrappedKey.objects.filter(key__in=stones).values_list("key_id", flat=True))
    back |= set(DataKey.objects.filter(id__in=stones, shredded_at=None).values_list("id", flat=True))
    for key in back:
        vault.shred([key])
    return len(back)


def _back(lines: list[Line]) -> Iterator[Line]:
    """The lines whose keys this database has and knows no destruction of."""
    for begin in range(0, len(lines), CHUNK):
        some = {line.key: line for line in lines[begin : begin + CHUNK]}
        back = set(WrappedKey.objects.filter(key__in=some).values_list("key_id", flat=True))
        back |= set(DataKey.objects.filter(id__in=some, shredded_at=None).values_list("id", flat=True))
        yield from (line for key, line in some.items() if key in back)


def _destroy(line: Line) -> None:
    if line.seq == NO_LEAF:
        return shredding.shred_unrecorded(line.key, line.scope)
    try:
        shredding.shred(line.key, WHY)
    except Refused as refused:
        raise TombstonesBroken(
            f"key {line.key} was destroyed, is back, and cannot be destroyed again: {refused.kind.en}"
        ) from None
