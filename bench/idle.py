"""Opens many sockets that then say nothing: a process of its own.

It reads an `IdleTask` on the first line of its input and a number on every further line: so many sockets shall be open now. It
answers each number with one `Cost` as a line of JSON, and keeps the sockets open until its input ends.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Final

import msgspec
import uvloop

from bench import usage
from bench.population import Idler
from bench.wire import Socket, connect

AT_ONCE: Final = 20  # handshakes
FOLLOW_SECONDS: Final = 30.0


class IdleTask(msgspec.Struct):
    host: str
    port: int
    path: str
    idlers: list[Idler]  # without a consultation, a socket follows nothing
    server: int  # process id
    settle: float = 2.0  # seconds for what opening left behind
    watch: float = 2.0  # seconds of silence


class Cost(msgspec.Struct):
    """Of each socket opened since the last answer: memory, CPU to open it. `idle_cores`: what all open ones cost in silence."""

    sockets: int
    kib: float
    open_us: float
    idle_cores: float
    closed: int  # sockets that did not live until now


class Waiting:
    """The sockets that are open, and what they cost."""

    def __init__(self, task: IdleTask) -> None:
        self.task = task
        self.sockets: list[Socket] = []

    async def grow(self, wanted: int) -> Cost:
        """Have `wanted` sockets open. The first AT_ONCE of all pay for what the server makes only once: they are not counted."""
        if not self.sockets:
            await self._open(AT_ONCE)
            await asyncio.sleep(self.task.settle)
        before, memory, cpu = len(self.sockets), usage.resident_bytes(self.task.server), self._cpu()
        await self._open(wanted)
        opened = self._cpu()
        await asyncio.sleep(self.task.settle)
        count = max(len(self.sockets) - before, 1)
        grown = usage.resident_bytes(self.task.server) - memory
        idle_cores = await self._idle_cores()
        closed = sum(socket.close_code is not None for socket in self.sockets)
        return Cost(len(self.sockets), grown / count / 1024, (opened - cpu) / count * 1e6, idle_cores, closed)

    async def _open(self, wanted: int) -> None:
        while len(self.sockets) < wanted:
            start = len(self.sockets)
            idlers = self.task.idlers[start : min(start + AT_ONCE, wanted)]
            self.sockets += await asyncio.gather(*(open_one(self.task, idler) for idler in idlers))

    def _cpu(self) -> float:
        return usage.cpu_seconds([self.task.server])

    async def _idle_cores(self) -> float:
        cpu, start = self._cpu(), time.perf_counter()
        await asyncio.sleep(self.task.watch)
        return (self._cpu() - cpu) / (time.perf_counter() - start)


async def open_one(task: IdleTask, idler: Idler) -> Socket:
    """Connect and, where there is something to follow, wait until the server has said that it is followed."""
    followed = asyncio.Event()

    def heard(payload: bytes) -> None:
        if payload.startswith(b'{"type":"ack"'):
            followed.set()

    socket = await connect(task.host, task.port, task.path, idler.cookie, heard)
    if idler.consultation:
        follow = {"type": "timeline.follow", "id": "follow", "consultation": idler.consultation, "since": 0}
        socket.send(msgspec.json.encode(follow))
        await asyncio.wait_for(followed.wait(), FOLLOW_SECONDS)
    return socket


async def serve() -> None:
    """Answer every number on standard input."""
    lines = asyncio.StreamReader(limit=2**26)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    waiting = Waiting(msgspec.json.decode(await lines.readline(), type=IdleTask))
    while line := await lines.readline():
        cost = await waiting.grow(int(line))
        sys.stdout.buffer.write(msgspec.json.encode(cost) + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    uvloop.run(serve())
