"""The load generator: a process of its own that reads one `Task` as JSON from its input and prints one `Result`.

Closed loop: every sender keeps a fixed number of messages in flight. Open loop: messages leave at a fixed rate, and their latency
counts from the moment they were due, so a server that stalls cannot hide it.
"""

from __future__ import annotations

import asyncio
import itertools
import resource
import sys
import time
from secrets import token_hex
from typing import Final

import msgspec
import uvloop

from bench import usage
from bench.dialects import DIALECTS, DIGITS
from bench.wire import Socket, connect

DRAIN_SECONDS: Final = 10.0
TICK_SECONDS: Final = 0.001


class Pair(msgspec.Struct):
    """One consultation and the cookies of its two sides."""

    consultation: str
    speaker: str
    listener: str


class Task(msgspec.Struct):
    """`roots`: the processes whose CPU is the server's. `rate` 0: closed loop with `inflight` messages on the way in all."""

    dialect: str
    host: str
    port: int
    pairs: list[Pair]
    roots: list[int]
    seconds: float
    warm_up: float = 0.5
    inflight: int = 1
    rate: float = 0.0


class Result(msgspec.Struct):
    """`acks` and `deliveries`: p50, p99 and maximum in ms. `lost`: sent, but not both acknowledged and delivered exactly once."""

    sent: int
    lost: int
    errors: list[str]
    per_second: float
    acks: tuple[float, float, float]
    deliveries: tuple[float, float, float]
    server_us: float
    generator_us: float


class Run:
    """One measurement. Times are those of `time.perf_counter`."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.dialect = DIALECTS[task.dialect]
        self.mark = token_hex(4)
        self.due: list[float] = []
        self.acked: list[float] = []
        self.heard: list[float] = []
        self.acks = bytearray()  # how often each message was acknowledged, and delivered to the other side
        self.hears = bytearray()
        self.errors: list[str] = []
        self.sending = True
        self.speakers: list[Speaker] = []
        self.usage: list[tuple[float, float, float]] = []

    def number(self, due: float) -> int:
        """The number of one more message."""
        self.due.append(due)
        self.acked.append(0.0)
        self.heard.append(0.0)
        self.acks.append(0)
        self.hears.append(0)
        return len(self.due) - 1

    def snapshot(self) -> None:
        """Note the time, the server's CPU and our own."""
        ours = resource.getrusage(resource.RUSAGE_SELF)
        self.usage.append((time.perf_counter(), usage.cpu_seconds(self.task.roots), ours.ru_utime + ours.ru_stime))

    def listened(self, payload: bytes) -> None:
        """The other side heard a frame."""
        now = time.perf_counter()
        for number in self.dialect.delivered(payload, self.mark.encode()):
            self.heard[number] = now
            self.hears[number] += 1

    def missing(self) -> int:
        wanted = b"\x01" * len(self.acks)
        if self.acks == wanted and (not self.dialect.delivers or self.hears == wanted):
            return 0
        heard = self.hears if self.dialect.delivers else self.acks
        return sum(a != 1 or b != 1 for a, b in zip(self.acks, heard, strict=True))

    def result(self) -> Result:
        (start, cpu, own), (end, cpu_end, own_end) = self.usage
        inside = [n for n, at in enumerate(self.acked) if start <= at < end]
        count = max(len(inside), 1)
        return Result(
            len(self.due),
            self.missing(),
            self.errors[:5],
            len(inside) / (end - start),
            _quantiles([self.acked[n] - self.due[n] for n in inside]),
            _quantiles([self.heard[n] - self.due[n] for n in inside if self.hears[n]]),
            (cpu_end - cpu) / count * 1e6,
            (own_end - own) / count * 1e6,
        )


class Speaker:
    """The side that sends. In a closed loop every acknowledgement sends the next message."""

    def __init__(self, run: Run, pair: Pair) -> None:
        self.run = run
        self.socket: Socket | None = None
        self.head = 0  # last sequence of its consultation
        self.ready = asyncio.Event()
        self._parts = run.dialect.message(pair.consultation, run.mark)

    def say(self, due: float) -> None:
        digits = b"%0*d" % (DIGITS, self.run.number(due))
        before, between, after = self._parts
        assert self.socket is not None
        self.socket.send(b"".join((before, digits, between, digits, after)))

    def heard(self, payload: bytes) -> None:
        run = self.run
        number = run.dialect.acknowledged(payload)
        if number >= 0:
            now = time.perf_counter()
            run.acked[number] = now
            run.acks[number] += 1
            if not self.ready.is_set():
                self._first(payload)
            elif run.sending and not run.task.rate:
                self.say(now)
        elif payload.startswith((b'{"type":"error"', b'{"type": "error"')):
            run.errors.append(payload.decode())

    def _first(self, payload: bytes) -> None:
        """The answer to the first message tells where to follow from."""
        self.head = msgspec.json.decode(payload).get("seq") or 0
        self.ready.set()


async def prepare(run: Run, pair: Pair) -> None:
    """Connect both sides, say one message and follow the consultation from it on. Not measured."""
    task, dialect = run.task, run.dialect
    path = dialect.path.format(consultation=pair.consultation)
    speaker = Speaker(run, pair)
    speaker.socket = await connect(task.host, task.port, path, pair.speaker, speaker.heard)
    listener = await connect(task.host, task.port, path, pair.listener, run.listened)
    speaker.say(time.perf_counter())
    await asyncio.wait_for(speaker.ready.wait(), DRAIN_SECONDS)
    if dialect.follows:
        follow = {"type": "timeline.follow", "id": "follow", "consultation": pair.consultation, "since": speaker.head - 1}
        for socket in (speaker.socket, listener):
            socket.send(msgspec.json.encode(follow))
    run.speakers.append(speaker)


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


async def measure(task: Task) -> Result:
    """Carry out one task. Messages still on their way at its end get DRAIN_SECONDS."""
    run = Run(task)
    for pair in task.pairs:
        await prepare(run, pair)
    loop = asyncio.get_running_loop()
    loop.call_later(task.warm_up, run.snapshot)
    loop.call_later(task.warm_up + task.seconds, run.snapshot)
    await (open_loop(run) if task.rate else closed_loop(run))
    run.sending = False
    deadline = time.perf_counter() + DRAIN_SECONDS
    while (run.missing() or len(run.usage) < 2) and time.perf_counter() < deadline:  # noqa: ASYNC110 - polled ten times, not set at every message
        await asyncio.sleep(0.05)
    for speaker in run.speakers:
        assert speaker.socket is not None
        speaker.socket.close()
    return run.result()


def _quantiles(seconds: list[float]) -> tuple[float, float, float]:
    """p50, p99 and maximum in ms; zeros for nothing."""
    if not seconds:
        return (0.0, 0.0, 0.0)
    ordered = sorted(seconds)
    p50, p99, top = (ordered[min(int(len(ordered) * part), len(ordered) - 1)] for part in (0.5, 0.99, 1.0))
    return (p50 * 1e3, p99 * 1e3, top * 1e3)


if __name__ == "__main__":
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(measure(task))))
