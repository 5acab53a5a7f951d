"""What a process that died left at the media server: rooms that are over."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog
from django.conf import settings

from consult.models import Call
from consult.models.calls import LIVE
from consult.rooms.floor import server
from consult.rooms.media import MediaError

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

log = structlog.get_logger(__name__)


def sweep() -> int:
    """End them; how many there were."""
    if not settings.XINQIAO_JANUS_SOCKET:
        return 0
    try:
        there = asyncio.run(_rooms())
        # Read after the list: a room that opened meanwhile is not in it.
        live = Call.objects.filter(id__in=there, state__in=LIVE).values_list("id", flat=True)
        over = there - set(live)
        asyncio.run(_end(over))
    except MediaError as error:
        log.warning("rooms.unswept", reason=str(error))
        return 0
    return len(over)


async def _rooms() -> set[UUID]:
    media = server()
    try:
        return await media.rooms()
    finally:
        await media.close()


async def _end(rooms: Collection[UUID]) -> None:
    media = server()
    try:
        for room in rooms:
            await media.end(room)
    finally:
        await media.close()
