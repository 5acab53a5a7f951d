"""The embedded channel layer: the stock in-memory one, made safe to ring from worker threads."""

import asyncio
from typing import Any

from channels.exceptions import ChannelFull
from channels.layers import InMemoryChannelLayer


class ThreadSafeInMemoryChannelLayer(InMemoryChannelLayer):  # type: ignore[misc]  # channels has no types
    """Deliver on the event loop that reads, whichever thread sends.

    The stock layer puts into an `asyncio.Queue` from the sender's thread. That does not wake the reader's loop, so a doorbell
    rung by a Celery thread waited until something else happened there, up to a second. Groups are plain dicts whose single
    operations are atomic; every queue is touched only on `home`, the loop of the first reader.
    """

    home: asyncio.AbstractEventLoop | None = None

    async def receive(self, channel: str) -> dict[str, Any]:
        if self.home is None or self.home.is_closed():
            self.home = asyncio.get_running_loop()
        message: dict[str, Any] = await super().receive(channel)
        return message

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        home = self.home
        if home is None or home.is_closed() or home is asyncio.get_running_loop():
            await super().send(channel, message)
            return
        home.call_soon_threadsafe(self._ring, channel, message)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Send to each member; a full channel is skipped, because its reader is behind and will look at the table anyway."""
        self.require_valid_group_name(group)
        for channel in list(self.groups.get(group, ())):
            try:
                await self.send(channel, message)
            except ChannelFull:
                continue

    def _ring(self, channel: str, message: dict[str, Any]) -> None:
        task = asyncio.ensure_future(super().send(channel, message))
        task.add_done_callback(_forget_full)


def _forget_full(task: "asyncio.Future[None]") -> None:
    if not task.cancelled() and not isinstance(task.exception(), ChannelFull | None):
        raise task.exception()  # type: ignore[misc]
