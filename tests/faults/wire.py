"""The wire between a server and PostgreSQL, cut at the one moment when neither side knows what the other knows: the COMMIT."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import Enum
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

SOCKET = ".s.PGSQL.5432"
CHUNK = 64 * 1024


class Fate(Enum):
    """What happens to the next COMMIT."""

    PASSES = "as always"
    KEPT = "never reaches the database"
    UNANSWERED = "is done by the database, whose answer never reaches the server"


class Wire:
    """A UNIX socket in `place` that carries to the one of `url`. `cut()` ends every connection, as a failing switch does."""

    def __init__(self, url: str, place: Path) -> None:
        there = parse_qs(urlsplit(url).query)["host"][0]
        self.url = url.replace(there, str(place))
        self.fate = Fate.PASSES
        self.met = asyncio.Event()  # a COMMIT has met its fate
        self._here, self._there = place / SOCKET, Path(there) / SOCKET
        self._open: set[asyncio.Task[None]] = set()

    async def start(self) -> asyncio.Server:
        return await asyncio.start_unix_server(self._accepted, self._here)

    async def cut(self) -> None:
        self.fate = Fate.PASSES
        self.met.clear()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        far_reader, far_writer = await asyncio.open_unix_connection(self._there)
        deaf = asyncio.Event()
        ways = [
            asyncio.ensure_future(self._up(reader, far_writer, deaf)),
            asyncio.ensure_future(self._down(far_reader, writer, deaf)),
        ]
        try:
            with suppress(asyncio.CancelledError):
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            writer.close()
            far_writer.close()
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, deaf: asyncio.Event) -> None:
        while chunk := await reader.read(CHUNK):
            if b"COMMIT" in chunk and self.fate is Fate.KEPT:
                self.met.set()
                await asyncio.Event().wait()  # until the wire is cut
            if b"COMMIT" in chunk and self.fate is Fate.UNANSWERED:
                deaf.set()
            writer.write(chunk)
            await writer.drain()

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, deaf: asyncio.Event) -> None:
        while chunk := await reader.read(CHUNK):
            if deaf.is_set():
                self.met.set()
                continue
            writer.write(chunk)
            await writer.drain()


@asynccontextmanager
async def wire(url: str, place: Path) -> AsyncIterator[Wire]:
    made = Wire(url, place)
    async with await made.start():
        try:
            yield made
        finally:
            await made.cut()
