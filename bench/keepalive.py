"""HTTP/1.1 on kept-alive connections (RFC 9112), one request at a time on each: no more than a JSON API needs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple, cast

HEAD_END: Final = b"\r\n\r\n"


class Answer(NamedTuple):
    status: int
    body: bytes


class Connection(asyncio.Protocol):
    """One client connection. `lost` hears why it ended, unless we ended it."""

    def __init__(self, lost: Callable[[str], None]) -> None:
        self.transport: asyncio.Transport | None = None
        self._lost = lost
        self._answered: Callable[[Answer], None] | None = None
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self.transport is not None:
            self._lost("the server closed a connection")

    def request(self, data: bytes, answered: Callable[[Answer], None]) -> None:
        """Send one whole request; `answered` is called with its answer."""
        assert self.transport is not None
        assert self._answered is None, "one request at a time"
        self._answered = answered
        self.transport.write(data)

    def close(self) -> None:
        transport, self.transport = self.transport, None
        if transport is not None:
            transport.close()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        answer = parse(self._buffer)
        if answer is not None and self._answered is not None:
            self._buffer = b""
            answered, self._answered = self._answered, None
            answered(answer)


async def connect(host: str, port: int, lost: Callable[[str], None]) -> Connection:
    _, connection = await asyncio.get_running_loop().create_connection(lambda: Connection(lost), host, port)
    return connection


async def ask(connection: Connection, data: bytes, seconds: float) -> Answer:
    """One request and its answer. TimeoutError after `seconds`."""
    done: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    connection.request(data, done.set_result)
    return await asyncio.wait_for(done, seconds)


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """The bytes of one request."""
    fields = {**headers, "Content-Length": str(len(body))} if body or method != "GET" else headers
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def parse(data: bytes) -> Answer | None:
    """The answer that `data` holds, or None when it is not whole yet. Raises ValueError for anything but HTTP/1.1."""
    head, end, body = data.partition(HEAD_END)
    if not end:
        return None
    if not head.startswith(b"HTTP/1.1 "):
        raise ValueError(f"not HTTP/1.1: {head[:40]!r}")
    status, fields = int(head[9:12]), head.lower()
    _, chunked, _ = fields.partition(b"\r\ntransfer-encoding: chunked")
    if chunked:
        whole = _joined(body)
        return None if whole is None else Answer(status, whole)
    _, _, length = fields.partition(b"\r\ncontent-length:")
    wanted = int(length.partition(b"\r\n")[0] or 0)
    return Answer(status, body[:wanted]) if len(body) >= wanted else None


def _joined(data: bytes) -> bytes | None:
    """The chunks of a body as one, or None when the last is still missing."""
    parts, at = list[bytes](), 0
    while True:
        line = data.find(b"\r\n", at)
        if line < 0:
            return None
        size = int(data[at:line].partition(b";")[0], 16)
        start = line + 2
        if len(data) < start + size + 2:
            return None
        if not size:
            return b"".join(parts)
        parts.append(data[start : start + size])
        at = start + size + 2
