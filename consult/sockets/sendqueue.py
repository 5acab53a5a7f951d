"""What one socket still has to be sent, bounded.

A server may hand us the connection itself (`Wire`, under DIRECT in the scope): then a frame costs one call while the connection takes
it, and no task stands by for a socket that is silent. Any other ASGI server gets `websocket.send` messages.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

DIRECT: Final = "xinqiao.wire"  # in the scope
MAX_BYTES: Final = 1024 * 1024  # a reader that lets this much pile up is closed and resumes by cursor


class Wire(Protocol):
    """A connection that takes text frames without a detour, and offers those that come in to `listener` first.

    It does so only while no earlier frame waits for the application; what the listener answers False to goes the ordinary way.
    """

    listener: Callable[[str], bool] | None

    @property
    def full(self) -> bool:
        """Whether the connection has not yet taken what was written."""

    def write_text(self, frame: bytes) -> None: ...

    async def has_room(self) -> None:
        """Return when the connection is no longer full, or is gone."""


class SendQueue:
    """Frames leave in the order of `push`. Lives on the event loop."""

    __slots__ = ("_bytes", "_closing", "_frames", "_overflow", "_send", "_task", "_wire")

    def __init__(
        self, send: Callable[[Any], Awaitable[None]], wire: Wire | None, overflow: Callable[[], tuple[bytes, int]]
    ) -> None:
        """`overflow` is asked for the last words, a frame and a close code, when the reader is too slow for the bound."""
        self._send, self._wire, self._overflow = send, wire, overflow
        self._frames: deque[bytes] | None = None  # made when something has to wait: most sockets are silent
        self._bytes = 0
        self._task: asyncio.Future[Any] | None = None
        self._closing: int | None = None

    @property
    def closing(self) -> bool:
        return self._closing is not None

    def listen(self, listener: Callable[[str], bool]) -> None:
        """Have frames that come in offered to `listener`, where the server can."""
        if self._wire is not None:
            self._wire.listener = listener

    def push(self, frame: bytes) -> None:
        """Send a frame, or keep it until the connection takes it. Nothing is sent once the socket is closing."""
        if self._closing is not None:
            return
        if self._task is None and self._wire is not None and not self._wire.full:
            self._wire.write_text(frame)
            return
        if self._frames is None:
            self._frames = deque()
        self._frames.append(frame)
        self._bytes += len(frame)
        if self._bytes > MAX_BYTES:
            self._give_up()
        elif self._task is None:
            self._task = asyncio.ensure_future(self._drain())

    def close(self, code: int) -> None:
        """Close after what waits has been sent. Later frames are dropped: the client resumes by cursor."""
        if self._closing is None:
            self._closing = code
            if self._task is None:
                self._task = asyncio.ensure_future(self._drain())

    def gone(self) -> None:
        """The connection has ended: nothing is sent any more."""
        self._closing = self._closing or 0
        if self._wire is not None:
            self._wire.listener = None
        if self._task is not None:
            self._task.cancel()

    async def drained(self) -> None:
        """Return when everything pushed has been taken, or never will be."""
        while self._task is not None and not self.closing:
            await asyncio.wait([self._task])
        if self._wire is not None:
            await self._wire.has_room()

    async def _drain(self) -> None:
        try:
            while self._frames:
                await self._leave()
            if self._closing is not None:
                await self._send({"type": "websocket.close", "code": self._closing})
        except (OSError, RuntimeError):  # how servers say that the connection is gone
            self._closing = self._closing or 0
        finally:
            self._task = None

    async def _leave(self) -> None:
        """Send the first frame that waits."""
        if self._wire is None:
            await self._send({"type": "websocket.send", "text": self._take().decode()})
            return
        await self._wire.has_room()
        if self._frames:
            self._wire.write_text(self._take())

    def _take(self) -> bytes:
        assert self._frames, "asked only while something waits"
        frame = self._frames.popleft()
        self._bytes -= len(frame)
        return frame

    def _give_up(self) -> None:
        """Close on a reader that is too slow, past the queue: its task waits for room that this reader may never make."""
        words, self._closing = self._overflow()
        assert self._frames is not None, "they are too many"
        self._frames.clear()
        self._bytes = 0
        if self._task is not None:
            self._task.cancel()
        farewell = ({"type": "websocket.send", "text": words.decode()}, {"type": "websocket.close", "code": self._closing})
        self._task = asyncio.gather(*map(self._send, farewell), return_exceptions=True)
