"""WebSocket on plain asyncio transports (RFC 6455), cheap enough not to be what is measured: about 3 us of CPU a frame each way."""

from __future__ import annotations

import asyncio
import base64
import json
import os
from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus
from typing import Final, cast

from bench import keepalive

HANDSHAKE_SECONDS: Final = 30.0
CSRF: Final = "b" * 32  # cookie and header: what Django compares
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Socket(asyncio.Protocol):
    """One client connection. `heard` is called with the payload of every text frame; `close_code` is set once it is over."""

    def __init__(self, heard: Callable[[bytes], None]) -> None:
        self.heard = heard
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.close_code: int | None = None
        self.transport: asyncio.Transport | None = None
        self._mask = os.urandom(4)
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's has the methods without the class

    def connection_lost(self, error: Exception | None) -> None:
        self.close_code = self.close_code or 1006
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("closed during the handshake"))

    def upgrade(self, host: str, path: str, headers: dict[str, str]) -> None:
        """Send the opening handshake; `opened` is done when the server has accepted it."""
        key = base64.b64encode(os.urandom(16)).decode()
        fields = {
            "Host": host,
            "Origin": f"http://{host}",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": key,
            "Sec-WebSocket-Version": "13",
            **headers,
        }
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
        self.write("\r\n".join([*lines, "", ""]).encode())

    def send(self, payload: bytes, opcode: int = TEXT) -> None:
        """Send one masked frame, as a browser does."""
        size = len(payload)
        head = bytes((0x80 | opcode, 0x80 | size)) if size < 126 else bytes((0x80 | opcode, 0xFE)) + size.to_bytes(2, "big")
        masked = int.from_bytes(payload, "little") ^ _mask(self._mask, size)
        self.write(head + self._mask + masked.to_bytes(size, "little"))

    def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        assert self.transport is not None
        self.transport.write(data)

    def close(self) -> None:
        if self.transport is not None:
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        if self._buffer:
            data = self._buffer + data
        self._buffer = data if not self.opened.done() else self._frames(data)
        if not self.opened.done() and b"\r\n\r\n" in data:
            head, _, rest = data.partition(b"\r\n\r\n")
            self._answer(head)
            self._buffer = self._frames(rest)

    def _answer(self, head: bytes) -> None:
        if head.startswith(b"HTTP/1.1 101"):
            self.opened.set_result(None)
        else:
            self.opened.set_exception(ConnectionError(head.split(b"\r\n")[0].decode()))

    def _frames(self, data: bytes) -> bytes:
        """Hand on every whole frame; return what is left. Servers do not fragment what they send to us."""
        at, end = 0, len(data)
        while end - at >= 2:
            size, start = data[at + 1], at + 2
            if size == 126:
                size, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            elif size == 127:
                size, start = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
            if start + size > end:
                break
            if data[at] == 0x81:
                self.heard(data[start : start + size])
            else:
                self._control(data[at] & 15, data[start : start + size])
            at = start + size
        return data[at:]

    def _control(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self.send(payload, PONG)
        elif opcode == CLOSE:
            self.close_code = int.from_bytes(payload[:2], "big") or 1005


@lru_cache(maxsize=4096)
def _mask(mask: bytes, size: int) -> int:
    """The masking key, repeated over a payload, as one integer: XOR of integers is the fastest there is without C."""
    return int.from_bytes((mask * (size // 4 + 1))[:size], "little")


async def connect(host: str, port: int, path: str, cookie: str, heard: Callable[[bytes], None]) -> Socket:
    """Open a WebSocket; with a cookie, with a ticket of its session, as the product asks. Raises ConnectionError when it is refused."""
    headers = {"Cookie": cookie, "Sec-WebSocket-Protocol": await _offers(host, port, cookie)} if cookie else {}
    loop = asyncio.get_running_loop()
    _, socket = await loop.create_connection(lambda: Socket(heard), host, port)
    socket.upgrade(f"{host}:{port}", path, headers)
    await asyncio.wait_for(socket.opened, HANDSHAKE_SECONDS)
    return socket


async def _offers(host: str, port: int, cookie: str) -> str:
    connection = await keepalive.connect(host, port, _ended)
    try:
        headers = {"Host": f"{host}:{port}", "Cookie": f"{cookie}; xinqiao_csrf={CSRF}", "X-CSRFToken": CSRF}
        asked = keepalive.request("POST", "/api/session/socket-ticket", headers)
        answer = await keepalive.ask(connection, asked, HANDSHAKE_SECONDS)
    finally:
        connection.close()
    if answer.status != HTTPStatus.OK:
        raise ConnectionError(f"no ticket: {answer.status} {answer.body[:200]!r}")
    return f"xinqiao, ticket.{json.loads(answer.body)['ticket']}"


def _ended(_: str) -> None:
    """A request without an answer runs into its time."""
