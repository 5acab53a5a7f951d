"""What calls' signalling costs, and whether it keeps its pace: a process of its own that reads one `CallsTask` and prints one `Calls`.

The others talk all the time in an open loop. In its second half every pair of `pairs` is in a call, and its two devices say to each
other what two browsers that find each other say, without a pause: a description of the length that one of sound and picture has,
then candidates.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import uvloop

from bench import usage
from bench.burst import acks_of
from bench.clients import CLIENTS
from bench.clients.words import PATIENCE_SECONDS
from bench.load import drained, open_loop
from bench.run import Pair, Run, Task
from bench.wire import Socket, connect

SDP: Final = "a=rtpmap:111 opus/48000/2\r\n" * 200  # 5.6 KB
CANDIDATE: Final = "candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 10.0.0.7 rport 46154"
CANDIDATES: Final = 6  # after each description


class CallsTask(msgspec.Struct):
    """`rate`: frames that one device says in a second, below what the server allows one socket."""

    others: Task
    pairs: list[Pair]
    rate: float


class Calls(msgspec.Struct):
    """`relays`: p50, p95, p99 in ms from one device to the other. `rings`: p50 and most from the invitation to the other side's ringing.
    `cores`: of the server, with its database, without the calls and with them. `acks`: of the others, p50, p99, maximum, likewise."""

    calls: int
    per_second: float
    lost: int
    relays: tuple[float, float, float]
    rings: tuple[float, float]
    cores: tuple[float, float]
    acks: tuple[tuple[float, float, float], tuple[float, float, float]]
    errors: list[str]


class Party:
    """One side of a call."""

    def __init__(self, account: Account, name: str) -> None:
        self.account, self.name = account, name
        self.socket: Socket
        self.answers: dict[str, asyncio.Future[Mapping[str, Any]]] = {}
        self._ids = itertools.count()

    def heard(self, payload: bytes) -> None:
        if payload.startswith(b'{"type":"peer.'):
            self.account.arrived(int(payload.partition(b"number:")[2].partition(b" ")[0]))
            return
        frame = msgspec.json.decode(payload)
        if frame["type"] == "error":
            self.account.errors.append(str(frame))
        key = frame["type"] if frame["type"].startswith("call.") else frame.get("id")
        if key in self.answers:
            self.answers.pop(key).set_result(frame)

    def say(self, type_: str, **members: Any) -> str:
        request = f"{self.name}-{next(self._ids)}"
        self.socket.send(msgspec.json.encode({"type": type_, "id": request, **members}))
        return request

    def expect(self, key: str) -> asyncio.Future[Mapping[str, Any]]:
        self.answers[key] = asyncio.get_running_loop().create_future()
        return self.answers[key]


class Account:
    """What was said between devices, and when it arrived."""

    def __init__(self) -> None:
        self.sent: list[float] = []
        self.came: list[float] = []
        self.rings: list[float] = []
        self.errors: list[str] = []

    def number(self) -> int:
        self.sent.append(time.perf_counter())
        self.came.append(0.0)
        return len(self.sent) - 1

    def arrived(self, number: int) -> None:
        self.came[number] = time.perf_counter()

    def latencies(self) -> list[float]:
        return sorted(came - sent for sent, came in zip(self.sent, self.came, strict=True) if came)


async def in_call(task: CallsTask, account: Account, pair: Pair, number: int) -> tuple[Party, Party, str]:
    """Connect both, ring and answer; returns them and the call."""
    sides = Party(account, f"patient{number}"), Party(account, f"doctor{number}")
    for side, cookie in zip(sides, (pair.speaker, pair.listener), strict=True):
        side.socket = await connect(task.others.host, task.others.port, "/ws/", cookie, side.heard)
    caller, callee = sides
    rings, taken = callee.expect("call.incoming"), caller.expect("call.accepted")
    start = time.perf_counter()
    asked = {"client_id": f"bench-call-{number:04}", "device": "bench-device", "media": ["audio", "video"]}
    caller.say("call.invite", consultation=pair.consultation, **asked)
    call = str((await asyncio.wait_for(rings, PATIENCE_SECONDS))["call"])
    account.rings.append(time.perf_counter() - start)
    callee.say("call.accept", call=call, device="bench-device", media=["audio", "video"])
    await asyncio.wait_for(taken, PATIENCE_SECONDS)
    return caller, callee, call


async def talk(party: Party, call: str, rate: float, until: float) -> None:
    """Say one thing after the other until the time has come."""
    for turn in itertools.count():
        if time.perf_counter() >= until:
            return
        mark = f"number:{party.account.number()} "
        if turn % (CANDIDATES + 1) == 0:
            party.say("rtc.description", call=call, kind="offer", sdp=mark + SDP)
        else:
            party.say("rtc.candidates", call=call, candidates=[{"candidate": mark + CANDIDATE, "sdpMid": "0"}])
        await asyncio.sleep(1 / rate)


async def measure(task: CallsTask) -> Calls:
    others, account, roots = Run(task.others), Account(), task.others.roots
    for pair in task.others.pairs:
        others.speakers.append(await CLIENTS[task.others.client](others, pair))
    chatting = asyncio.ensure_future(open_loop(others))
    await asyncio.sleep(task.others.warm_up)
    alone = await _cores(roots, task.others.seconds / 2 - 1)
    calls = [await in_call(task, account, pair, number) for number, pair in enumerate(task.pairs)]
    start, seconds = time.perf_counter(), task.others.seconds / 2 - 1
    talking = [talk(side, call, task.rate, start + seconds) for *sides, call in calls for side in sides]
    together = asyncio.gather(*talking)
    with_calls = await _cores(roots, seconds)
    await together
    await chatting
    others.usage = [(0.0, 0.0, 0.0)] * 2
    await drained(others)
    for caller, _, call in calls:
        caller.say("call.hangup", call=call)
    await asyncio.sleep(1)
    times = account.latencies()
    return Calls(
        len(calls),
        len(times) / seconds,
        len(account.sent) - len(times) + others.missing(),
        (_at(times, 0.5), _at(times, 0.95), _at(times, 0.99)),
        (_at(sorted(account.rings), 0.5), max(account.rings) * 1e3),
        (alone, with_calls),
        (acks_of(others, 0.0, start), acks_of(others, start, start + seconds)),
        (account.errors + others.errors)[:5],
    )


async def _cores(roots: list[int], seconds: float) -> float:
    before, start = usage.cpu_seconds(roots), time.perf_counter()
    await asyncio.sleep(seconds)
    return (usage.cpu_seconds(roots) - before) / (time.perf_counter() - start)


def _at(ordered: list[float], part: float) -> float:
    """In ms."""
    return ordered[int(len(ordered) * part)] * 1e3


if __name__ == "__main__":
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=CallsTask)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(measure(task))))
