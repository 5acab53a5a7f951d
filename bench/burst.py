"""What a burst from one sender does to everybody else: a process of its own that reads one `BurstTask` and prints one `Burst`."""

from __future__ import annotations

import asyncio
import sys
import time

import msgspec
import uvloop

from bench.clients import CLIENTS
from bench.load import drained, open_loop
from bench.run import Pair, Run, Task, quantiles


class BurstTask(msgspec.Struct):
    """`others` talk in an open loop of `others.rate`; in its middle `pair` says `count` messages at once."""

    others: Task
    pair: Pair
    count: int


class Burst(msgspec.Struct):
    """`seconds`: until the last message of the burst was acknowledged. The others' acks before and during it: p50, p99, max in ms."""

    count: int
    lost: int
    seconds: float
    before: tuple[float, float, float]
    during: tuple[float, float, float]
    errors: list[str]


async def measure(task: BurstTask) -> Burst:
    others, burst = Run(task.others), Run(msgspec.structs.replace(task.others, pairs=[task.pair], rate=1.0))
    for pair in task.others.pairs:
        others.speakers.append(await CLIENTS[task.others.client](others, pair))
    speaker = await CLIENTS[task.others.client](burst, task.pair)
    talk = asyncio.ensure_future(open_loop(others))
    await asyncio.sleep(task.others.warm_up + task.others.seconds / 2)
    start = time.perf_counter()
    for _ in range(task.count):
        speaker.say(start)
    await talk
    for run in (others, burst):
        run.usage = [(0.0, 0.0, 0.0)] * 2
        await drained(run)
    end = max(burst.acked)
    for closing in (*others.speakers, speaker):
        closing.close()
    return Burst(
        task.count,
        others.missing() + burst.missing(),
        end - start,
        acks_of(others, 0.0, start),
        acks_of(others, start, end),
        (others.errors + burst.errors)[:5],
    )


def acks_of(run: Run, start: float, end: float) -> tuple[float, float, float]:
    """Of the messages that were due between two times."""
    return quantiles([at - due for due, at in zip(run.due, run.acked, strict=True) if start <= due < end and at])


if __name__ == "__main__":
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=BurstTask)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(measure(task))))
