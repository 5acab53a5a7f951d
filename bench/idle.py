"""Opens many sockets that then say nothing: a process of its own, which prints one `Cost` as JSON."""

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
    settle: float = 3.0  # seconds for what opening left behind
    watch: float = 4.0  # seconds of silence


class Cost(msgspec.Struct):
    """Of one socket: memory, CPU to open it. `idle_cores`: what all of them together cost while nothing is said."""

    kib: float
    open_us: float
    idle_cores: float
    closed: int  # sockets that did not live to the end


async def measure(task: IdleTask) -> Cost:
    # The first sockets pay for what the server makes only once.
    sockets = [await _open(task, idler) for idler in task.idlers[:AT_ONCE]]
    await asyncio.sleep(task.settle)
    memory, cpu = usage.resident_bytes(task.server), usage.cpu_seconds([task.server])
    for start in range(AT_ONCE, len(task.idlers), AT_ONCE):
        sockets += await asyncio.gather(*(_open(task, idler) for idler in task.idlers[start : start + AT_ONCE]))
    opened = usage.cpu_seconds([task.server])
    await asyncio.sleep(task.settle)
    count = len(task.idlers) - AT_ONCE
    grown = usage.resident_bytes(task.server) - memory
    idle_cores = await _idle_cores(task)
    closed = sum(socket.close_code is not None for socket in sockets)
    for socket in sockets:
        socket.close()
    return Cost(grown / count / 1024, (opened - cpu) / count * 1e6, idle_cores, closed)


async def _open(task: IdleTask, idler: Idler) -> Socket:
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


async def _idle_cores(task: IdleTask) -> float:
    cpu, start = usage.cpu_seconds([task.server]), time.perf_counter()
    await asyncio.sleep(task.watch)
    return (usage.cpu_seconds([task.server]) - cpu) / (time.perf_counter() - start)


if __name__ == "__main__":
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=IdleTask)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(measure(task))))
