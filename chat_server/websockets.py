"""Sockets under Daphne: they wait for slow readers, and read and write ordinary frames without autobahn's general machinery."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import TYPE_CHECKING, Any, Final

from daphne.ws_protocol import WebSocketProtocol

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

# RFC 6455 section 5.2
FINAL_TEXT: Final = 0x81
MASKED: Final = 0x80
SHORT: Final = 125  # the longest payload whose length stands in the second byte
TWO_BYTES: Final = 126  # says that the length stands in the next two
MEDIUM: Final = 0xFFFF

HEARD_BYTES: Final = 1024 * 1024  # of one socket, waiting for the application; beyond it the connection is not read
LOOK_SECONDS: Final = 0.05
TURN_BYTES: Final = 256 * 1024  # written at once, although the turn of the loop goes on


class Socket(WebSocketProtocol):  # type: ignore[misc]  # Daphne has no types
    """Daphne's socket, whose application can wait until the connection has taken what was written.

    Without that a reader that never reads lets Twisted's buffer grow without bound, past any limit of the application.
    """

    room: asyncio.Event | None = None  # made when the connection is full for the first time
    listener: Callable[[str], bool] | None = None  # the application's, for frames that need not wait for it
    heard = 0  # bytes of messages that may still wait for the application

    def makeConnection(self, transport: Any) -> None:
        # The HTTP channel that accepted the connection would stay its producer, and in memory, for as long as it is open.
        transport.unregisterProducer()
        super().makeConnection(transport)
        transport.registerProducer(self, streaming=True)

    @property
    def full(self) -> bool:
        """Whether the connection has not yet taken what was written."""
        return self.room is not None and not self.room.is_set()

    async def has_room(self) -> None:
        """Return when the connection has taken what was written, or is gone."""
        if self.room is not None:
            await self.room.wait()

    # Twisted's names: the transport calls them when its buffer (64 KiB) is full, when it is empty, and when it is closed.
    def pauseProducing(self) -> None:
        if self.room is None:
            self.room = asyncio.Event()
        self.room.clear()

    def resumeProducing(self) -> None:
        if self.room is not None:
            self.room.set()

    def stopProducing(self) -> None:
        self.resumeProducing()

    def connectionLost(self, reason: Any) -> None:
        self.resumeProducing()
        super().connectionLost(reason)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: FBT001, N803 (autobahn's signature)
        self._hold(len(payload))
        super().onMessage(payload, isBinary)

    def _hold(self, size: int) -> None:
        """Count a message that is about to be queued; stop reading a client that writes faster than it is heard."""
        reading = self.heard <= HEARD_BYTES
        if self.application_queue.empty():
            self.heard = 0
        self.heard += size
        if reading and self.heard > HEARD_BYTES:
            self.transport.pauseProducing()
            asyncio.get_running_loop().call_later(LOOK_SECONDS, self._listen_again)

    def _listen_again(self) -> None:
        """Read on once the application has heard everything."""
        if self.application_queue.empty():
            self.heard = 0
            self.transport.resumeProducing()
        else:
            asyncio.get_running_loop().call_later(LOOK_SECONDS, self._listen_again)


class _Turn:
    """The sockets that have something to send at the end of this turn of the loop: one call of the loop serves them all."""

    def __init__(self) -> None:
        self._waiting: list[QuickSocket] = []
        self._loop: asyncio.AbstractEventLoop | None = None

    def add(self, socket: QuickSocket) -> None:
        loop = asyncio.get_running_loop()
        if not self._waiting or self._loop is not loop:
            self._loop = loop
            loop.call_soon(self._end)
        self._waiting.append(socket)

    def _end(self) -> None:
        waiting, self._waiting = self._waiting, []
        for socket in waiting:
            try:
                socket.flush()
            except Exception:  # one connection's fault is not the others'
                logger.exception("a connection could not be written to")


_turn: Final = _Turn()


class QuickSocket(Socket):
    """Reads and writes whole, uncompressed text frames itself; everything else is left to autobahn, as it came.

    autobahn handles a frame in some forty calls, two of them into C for the mask alone; Twisted asks the kernel twice whether it
    may write. Here a frame is unmasked as one integer, and the frames of one turn of the loop leave in one send.
    """

    def __init__(self) -> None:
        super().__init__()
        self._frames: list[bytes] = []
        self._waiting = 0  # bytes in them

    def dataReceived(self, data: bytes) -> None:
        # In this order: autobahn makes the other attributes when it opens.
        if self.state == self.STATE_OPEN and self.current_frame is None and not self.inside_message and not self.data:
            data = data[self._read(data) :]
        if data:
            self._dataReceived(data)

    def _read(self, data: bytes) -> int:
        """Hand on the ordinary frames at the beginning of `data`; return where they end."""
        at, end = 0, len(data)
        while end - at >= 8 and data[at] == FINAL_TEXT and data[at + 1] & MASKED:  # noqa: PLR2004 (longest header)
            size, mask = data[at + 1] & 0x7F, at + 2
            if size == TWO_BYTES:
                size, mask = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
                if size <= SHORT:
                    break  # not the shortest form: autobahn closes the connection
            elif size > SHORT:
                break
            start = mask + 4
            if start + size > end:
                break
            masked = int.from_bytes(data[start : start + size], "little") ^ _repeated(data[mask:start], size)
            try:
                text = masked.to_bytes(size, "little").decode()
            except UnicodeDecodeError:
                break
            self._heard(text)
            at = start + size
        return at

    def _heard(self, text: str) -> None:
        """What autobahn and Daphne do after a text message."""
        if self.autoPingTimeoutCall and self.autoPingRestartOnAnyTraffic:
            self._cancelAutoPingTimeoutCall()
        if not self.muted:
            self.last_ping = time.time()
            if self.listener is not None and self.application_queue.empty() and self.listener(text):
                return
            self._hold(len(text))
            self.application_queue.put_nowait({"type": "websocket.receive", "text": text})

    def serverSend(self, content: Any, binary: bool = False) -> None:  # noqa: FBT001, FBT002 (Daphne's signature)
        payload = b"" if binary else content.encode()
        if 0 < len(payload) <= MEDIUM and self._plain_open():
            self.write_text(payload)
        else:
            super().serverSend(content, binary)

    def write_text(self, frame: bytes) -> None:
        """Send a text frame. With those of the same turn of the loop it leaves in one send; dropped when the socket is closing.

        The application may call this itself (consult/sockets/sendqueue.py), past the ASGI messages.
        """
        size = len(frame)
        if size > MEDIUM or not self._plain_open():
            if self.state == self.STATE_OPEN:
                self.sendMessage(frame)
            return
        if not self._frames:
            _turn.add(self)
        self._frames += (bytes((FINAL_TEXT, size)) if size <= SHORT else b"\x81\x7e" + size.to_bytes(2, "big"), frame)
        self._waiting += size
        if self._waiting > TURN_BYTES:
            self.flush()

    def _plain_open(self) -> bool:
        return self.state == self.STATE_OPEN and self._perMessageCompress is None and not self.send_queue

    def sendData(self, *args: Any, **kwargs: Any) -> None:
        """Everything that autobahn sends, such as a close frame, comes after what waits here."""
        self.flush()
        super().sendData(*args, **kwargs)

    def flush(self) -> None:
        """Write at once what the kernel takes; Twisted keeps the rest."""
        if not self._frames:
            return
        data, self._waiting = b"".join(self._frames), 0
        self._frames.clear()
        transport = self.transport
        if transport.connected and not transport.dataBuffer and not transport._tempDataBuffer and not transport.disconnecting:
            with contextlib.suppress(OSError):  # full, or broken: Twisted finds out which
                data = data[transport.socket.send(data) :]
        if data:
            transport.write(data)


def _repeated(mask: bytes, size: int) -> int:
    """A masking key repeated over a payload, as one integer."""
    return int.from_bytes((mask * (size // 4 + 1))[:size], "little")
