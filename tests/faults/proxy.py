"""A bad network: a proxy in front of a server that loses or holds up whole WebSocket frames, either way, or lets no socket through."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from enum import Enum

from tests.consult.device import Frame
from tests.faults.phone import Address

TEXT = 1
CHUNK = 64 * 1024


class Way(Enum):
    UP = "to the server"
    DOWN = "to the device"


# Whether a text frame may pass; it passes when the answer comes, so a rule that waits holds up everything behind it.
Rule = Callable[[Way, bytes], Awaitable[bool]]


async def everything(way: Way, payload: bytes) -> bool:
    return True


class Proxy:
    """Listens on `url`; `rule` may be changed at any time. A broken server breaks its devices' connections, as a real one does.

    Plain HTTP passes as it is. With `sockets` off a request for a WebSocket ends the connection: what many a hospital's proxy does.
    """

    def __init__(self, address: Address, rule: Rule = everything, *, sockets: bool = True) -> None:
        self._address, self.rule, self._sockets = address, rule, sockets
        self.url = ""
        self._open: set[asyncio.Task[None]] = set()

    async def start(self) -> asyncio.Server:
        server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        return server

    async def end(self) -> None:
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            try:
                await self._carry(reader, writer)
            finally:
                writer.close()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = self._address().removeprefix("http://").split(":")
        far_reader, far_writer = await asyncio.open_connection(host, int(port))
        ways = [
            asyncio.ensure_future(self._one_way(Way.UP, reader, far_writer)),
            asyncio.ensure_future(self._one_way(Way.DOWN, far_reader, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            far_writer.close()
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _one_way(self, way: Way, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The first head as it is; after a handshake frame by frame."""
        head = await reader.readuntil(b"\r\n\r\n")
        socket = b"upgrade: websocket" in head.lower()
        if socket and not self._sockets:
            return
        writer.write(head)
        if not socket:
            while chunk := await reader.read(CHUNK):
                writer.write(chunk)
                await writer.drain()
        while socket:
            kind, raw, payload = await _frame(reader)
            if kind != TEXT or await self.rule(way, payload):
                writer.write(raw)
                await writer.drain()


async def _frame(reader: asyncio.StreamReader) -> tuple[int, bytes, bytes]:
    """The next frame (RFC 6455, section 5.2): its opcode, its bytes, and its payload without the mask."""
    head = await reader.readexactly(2)
    size, masked = head[1] & 0x7F, head[1] & 0x80
    length = await reader.readexactly({126: 2, 127: 8}.get(size, 0))
    mask = await reader.readexactly(4 if masked else 0)
    size = int.from_bytes(length, "big") if length else size
    payload = await reader.readexactly(size)
    key = (mask * (size // 4 + 1))[:size]
    clear = bytes(a ^ b for a, b in zip(payload, key, strict=True)) if masked else payload
    return head[0] & 0x0F, head + length + mask + payload, clear


def heard(payload: bytes) -> Frame:
    """A text frame's JSON."""
    frame: Frame = json.loads(payload)
    return frame


@asynccontextmanager
async def proxied(address: Address, rule: Rule = everything, *, sockets: bool = True) -> AsyncIterator[Proxy]:
    proxy = Proxy(address, rule, sockets=sockets)
    async with await proxy.start():
        try:
            yield proxy
        finally:
            await proxy.end()
