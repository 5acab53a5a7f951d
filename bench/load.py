"""The load generator: a process of its own that reads one `Task` as JSON from its input and prints one `Result`.

Closed loop: every sender keeps a fixed number of messages in flight. Open loop: messages leave at a fixed rate, and their latency
counts from the moment they were due, so a server that stalls cannot hide it.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from typing import Final

import msgspec
import uvloop

from bench.clients import CLIENTS
from bench.run import Result, Run, Task

DRAIN_SECONDS: Final = 10.0
TICK_SECONDS: Final = 0.001


async def prepare(run: Run) -> None:
    """Open every pair. Not measured."""
    for pair in run.task.pairs:
        run.speakers.append(await CLIENTS[run.task.client](run, pair))


async def closed_loop(run: Run) -> None:
    """Start as many messages as shall be in flight; their acknowledgements keep the number up."""
    turns = itertools.cycle(run.speakers)
    for _ in range(run.task.inflight):
        next(turns).say(time.perf_counter())
    await asyncio.sleep(run.task.warm_up + run.task.seconds)


async def open_loop(run: Run) -> None:
    """Send what is due every millisecond, whether or not earlier messages were answered."""
    turns, gap = itertools.cycle(run.speakers), 1 / run.task.rate
    due = time.perf_counter()
    end = due + run.task.warm_up + run.task.seconds
    while due < end:
        while due <= time.perf_counter():
            next(turns).say(due)
            due += gap
        await asyncio.sleep(TICK_SECONDS)


async def drained(run: Run) -> None:
    """Give what is still on its way DRAIN_SECONDS."""
    deadline = time.perf_counter() + DRAIN_SECONDS
    while (run.missing() or len(run.usage) < 2) and time.perf_counter() < deadline:  # noqa: ASYNC110 - polled seldom, not set at every message
        await asyncio.sleep(0.05)


async def measure(task: Task) -> Result:
    """Carry out one task."""
    run = Run(task)
    await prepare(run)
    loop = asyncio.get_running_loop()
    loop.call_later(task.warm_up, run.snapshot)
    loop.call_later(task.warm_up + task.seconds, run.snapshot)
    run.sending = True
    await (open_loop(run) if task.rate else closed_loop(run))
    run.sending = False
    await drained(run)
    for speaker in run.speakers:
        speaker.close()
    return run.result()


if __name__ == "__main__":
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(measure(task))))
