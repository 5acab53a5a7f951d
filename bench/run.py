"""One measurement: what it is told, how it counts, what it answers. How a server is spoken to stands in `bench.clients`."""

from __future__ import annotations

import resource
import time
from secrets import token_hex
from typing import Protocol

import msgspec

from bench import usage


class Pair(msgspec.Struct):
    """One consultation and what its two sides show to be let in: cookies, or the passwords and tokens of a peer."""

    consultation: str
    speaker: str
    listener: str


class Task(msgspec.Struct):
    """`roots`: the processes whose CPU is the server's. `rate` 0: closed loop with `inflight` messages on the way in all."""

    client: str  # a name of bench.clients.CLIENTS
    host: str
    port: int
    pairs: list[Pair]
    roots: list[int]
    seconds: float
    warm_up: float = 0.5
    inflight: int = 1
    rate: float = 0.0
    delivers: bool = True  # whether the other side hears of it


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


class Speaker(Protocol):
    """The side of a pair that sends. It tells its `Run` of every acknowledgement."""

    def say(self, due: float) -> None:
        """Send one more message, whose latency counts from `due`."""

    def close(self) -> None:
        """Hang up both sides."""


class Run:
    """The account of one measurement. Times are those of `time.perf_counter`."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.mark = token_hex(4)
        self.due: list[float] = []
        self.acked: list[float] = []
        self.heard: list[float] = []
        self.acks = bytearray()  # how often each message was acknowledged, and delivered to the other side
        self.hears = bytearray()
        self.errors: list[str] = []
        self.sending = False
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

    def acknowledged(self, number: int, speaker: Speaker) -> None:
        """The server answers for this message. In a closed loop the acknowledgement sends the next one."""
        now = time.perf_counter()
        self.acked[number] = now
        self.acks[number] += 1
        if self.sending and not self.task.rate:
            speaker.say(now)

    def delivered(self, number: int) -> None:
        """The other side has this message."""
        self.heard[number] = time.perf_counter()
        self.hears[number] += 1

    def failed(self, what: str) -> None:
        """The server refused something, or hung up."""
        self.errors.append(what[:400])

    def snapshot(self) -> None:
        """Note the time, the server's CPU and our own."""
        ours = resource.getrusage(resource.RUSAGE_SELF)
        self.usage.append((time.perf_counter(), usage.cpu_seconds(self.task.roots), ours.ru_utime + ours.ru_stime))

    def missing(self) -> int:
        wanted = b"\x01" * len(self.acks)
        heard = self.hears if self.task.delivers else self.acks
        if self.acks == wanted and heard == wanted:
            return 0
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
            quantiles([self.acked[n] - self.due[n] for n in inside]),
            quantiles([self.heard[n] - self.due[n] for n in inside if self.hears[n]]),
            (cpu_end - cpu) / count * 1e6,
            (own_end - own) / count * 1e6,
        )


def quantiles(seconds: list[float]) -> tuple[float, float, float]:
    """p50, p99 and maximum in ms; zeros for nothing."""
    if not seconds:
        return (0.0, 0.0, 0.0)
    ordered = sorted(seconds)
    p50, p99, top = (ordered[min(int(len(ordered) * part), len(ordered) - 1)] for part in (0.5, 0.99, 1.0))
    return (p50 * 1e3, p99 * 1e3, top * 1e3)
