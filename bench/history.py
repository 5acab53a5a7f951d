"""What a long consultation costs: a process of its own that reads one `HistoryTask` and prints one `History`.

The consultations are filled through the socket, as people would. Then the doctor opens the last screen of each, over HTTP and over
her socket, reads it from the beginning in pages, and searches in it. The sizes take turns, so that a noisy second meets all.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Any, Final

import msgspec
import uvloop

from bench import usage
from bench.clients.chat import open_pair
from bench.clients.words import PATIENCE_SECONDS
from bench.keepalive import Connection, ask, connect, request
from bench.load import drained
from bench.run import Pair, Run, Task
from bench.wire import CSRF, Socket
from bench.wire import connect as connect_socket

WINDOW: Final = 200  # messages in flight while a consultation is filled
FILL_SECONDS: Final = 240.0
SCREEN: Final = 50  # messages on a screen
PAGE: Final = 200  # messages in a page
TURNS: Final = 5
SEARCHED: Final = "肾结石"  # nobody said it: a page of the search looks at as much as a page may
Step = Callable[[], Awaitable[None]]


class HistoryTask(msgspec.Struct):
    """`sizes[n]` messages are written to `talk.pairs[n]`; `opens`, `searches`: how often it is done in each of TURNS turns."""

    talk: Task
    sizes: list[int]
    opens: int = 20
    searches: int = 3


class Opening(msgspec.Struct):
    """Median ms, and server CPU in us, of doing it once."""

    ms: float
    cpu_us: float


class Length(msgspec.Struct):
    """One consultation, filled by one sender with WINDOW messages in flight. Openings by name."""

    messages: int
    fill_per_second: float
    openings: dict[str, Opening]
    searched: int  # events that one page of the search looked at


class Reader:
    """The doctor of one consultation, with a kept-alive connection and a socket."""

    def __init__(self, task: HistoryTask, pair: Pair, messages: int) -> None:
        self.task = task.talk
        self.pair = pair
        self.messages = messages
        self.head = 0
        self.at = 0  # how far it has read from the beginning
        self.searched = 0  # how many events a page of the search looked at
        self.connection: Connection | None = None
        self.socket: Socket | None = None
        self.seconds: dict[str, list[float]] = {}
        self.cpu: dict[str, float] = {}
        self._arrived = asyncio.Event()
        self._base = f"/api/consultations/{pair.consultation}"

    async def open(self) -> None:
        host, port = self.task.host, self.task.port
        self.connection = await connect(host, port, _ignored)
        self.socket = await connect_socket(host, port, "/ws/", self.pair.listener, self._heard)
        self.head = (await self.get(f"{self._base}/events?since=0&limit=1"))["head"]

    def steps(self) -> dict[str, Step]:
        return {
            "last screen, HTTP": self.screen,
            "last screen, socket": self.follow,
            "its header, HTTP": self.header,
            f"next {PAGE} from the beginning": self.page,
            "a page of a search in vain": self.search,
        }

    async def get(self, path: str, body: bytes = b"") -> Any:
        """What the server answers to a GET, or to a POST of `body`, decoded. RuntimeError when it refuses."""
        assert self.connection is not None
        headers = {"Host": f"{self.task.host}:{self.task.port}", "Cookie": f"{self.pair.listener}; xinqiao_csrf={CSRF}"}
        headers |= {"X-CSRFToken": CSRF, "Content-Type": "application/json"} if body else {}
        asked = request("POST" if body else "GET", path, headers, body)
        answer = await ask(self.connection, asked, PATIENCE_SECONDS)
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}: {answer.body[:200].decode()}")
        return msgspec.json.decode(answer.body)

    async def screen(self) -> None:
        events = (await self.get(f"{self._base}/events?before={self.head + 1}&limit={SCREEN}"))["events"]
        assert events[-1]["seq"] == self.head
        assert len(events) == min(SCREEN, self.head)

    async def header(self) -> None:
        assert (await self.get(self._base))["last_seq"] == self.head

    async def page(self) -> None:
        """Short consultations begin again and again; long ones are read on and on."""
        answer = await self.get(f"{self._base}/events?since={self.at}&limit={PAGE}")
        self.at = answer["upto"] if answer["upto"] < self.head else 0

    async def search(self) -> None:
        """The first page: where a consultation is longer than a page may take, there are more."""
        asked = msgspec.json.encode({"query": SEARCHED, "consultation": self.pair.consultation})
        self.searched = (await self.get("/api/search", asked))["scanned"]

    async def follow(self) -> None:
        """Follow with a cursor one screen back, until the last message is there; then no more."""
        assert self.socket is not None
        self._arrived.clear()
        about = {"consultation": self.pair.consultation}
        since = max(self.head - SCREEN, 0)
        self.socket.send(msgspec.json.encode({"type": "timeline.follow", "id": "follow", **about, "since": since}))
        await asyncio.wait_for(self._arrived.wait(), PATIENCE_SECONDS)
        self.socket.send(msgspec.json.encode({"type": "timeline.unfollow", "id": "unfollow", **about}))

    def _heard(self, payload: bytes) -> None:
        if payload.startswith(b'{"type":"timeline"') and msgspec.json.decode(payload)["upto"] == self.head:
            self._arrived.set()


async def measure(task: HistoryTask) -> list[Length]:
    speeds = [await fill(task, pair, size) for pair, size in zip(task.talk.pairs, task.sizes, strict=True)]
    readers = [Reader(task, pair, size) for pair, size in zip(task.talk.pairs, task.sizes, strict=True)]
    for reader in readers:
        await reader.open()
    for _ in range(TURNS):
        for reader in readers:
            for name, step in reader.steps().items():
                await repeat(reader, name, step, task.opens if step != reader.search else task.searches)
    return [
        Length(
            reader.messages,
            speed,
            {name: Opening(median(taken) * 1e3, reader.cpu[name] / len(taken) * 1e6) for name, taken in reader.seconds.items()},
            reader.searched,
        )
        for reader, speed in zip(readers, speeds, strict=True)
    ]


async def repeat(reader: Reader, name: str, step: Step, count: int) -> None:
    """Do one thing so often, and note how long each took and what CPU all took."""
    cpu, taken = usage.cpu_seconds(reader.task.roots), reader.seconds.setdefault(name, [])
    for _ in range(count):
        start = time.perf_counter()
        await step()
        taken.append(time.perf_counter() - start)
    reader.cpu[name] = reader.cpu.get(name, 0.0) + usage.cpu_seconds(reader.task.roots) - cpu


async def fill(task: HistoryTask, pair: Pair, size: int) -> float:
    """Have the patient say about `size` messages, WINDOW in flight; return messages/s. RuntimeError when one is lost."""
    run = Run(msgspec.structs.replace(task.talk, pairs=[pair]))
    speaker = await open_pair(run, pair)
    run.sending, start = size > WINDOW, time.perf_counter()
    for _ in range(min(size - 1, WINDOW)):
        speaker.say(time.perf_counter())
    async with asyncio.timeout(FILL_SECONDS):
        while len(run.due) < size:  # noqa: ASYNC110 - polled seldom, not set at every message
            await asyncio.sleep(0.02)
    run.sending, run.usage = False, [(0.0, 0.0, 0.0)] * 2
    await drained(run)
    speaker.close()
    if run.missing() or run.errors:
        raise RuntimeError(f"{run.missing()} of {len(run.due)} messages were lost: {run.errors[:3]}")
    return len(run.due) / (max(run.acked) - start)


def _ignored(reason: str) -> None:
    """The server may close what is idle: the next request will say so."""


if __name__ == "__main__":
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=HistoryTask)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(measure(task))))
