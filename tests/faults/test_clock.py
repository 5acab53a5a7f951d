"""The wall clock jumps, forwards and backwards: the order is the sequence's, and a session that looks over costs nobody a word."""

import asyncio
import random
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deployment import Deployment
from tests.faults.conversation import agree, conversation, in_order
from tests.faults.phone import Phone
from tests.faults.tables import head
from tools.install import faketime

HOUR = 3600
SHORTER_THAN_A_SESSION = 11 * HOUR
A_MONTH = 30 * 24 * HOUR
LONGER_THAN_A_SESSION = 13 * HOUR
CLOSE_SECONDS = 60.0  # what this machine may take between reading two clocks


@dataclass
class Clock:
    """The wall clock of a deployment, by libfaketime: seconds beside this machine's. The monotonic clock stays as it is.

    Not for Celery's threads: libfaketime turns every `time.sleep` of Python 3.11 (an absolute time on the monotonic clock) into an error.
    """

    file: Path
    offset: int = 0

    def put_into(self, hospital: Deployment) -> None:
        library = faketime()
        assert library is not None, "make test installs it"
        self.move(0)
        ours = {"LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(self.file)}
        # Files keep their times: Python would take every compiled module for an old one and compile it again.
        ours |= {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_NO_CACHE": "1", "NO_FAKE_STAT": "1"}
        hospital.env = {**hospital.env, **ours}

    def move(self, offset: int) -> None:
        self.offset = offset
        self.file.write_text(f"{offset:+d}\n")

    def shows(self, at: int) -> bool:
        """Whether `at`, in ms since epoch, is what the clock shows now."""
        return abs(at / 1000 - time.time() - self.offset) < CLOSE_SECONDS

    async def jump(self, offset: int, phone: Phone) -> None:
        """Move; the server must have noticed at once."""
        self.move(offset)
        answer = await phone.act("ping")
        assert self.shows(answer["at"])


@pytest.mark.once
async def test_whatever_the_clock_shows_the_order_is_that_of_the_sequence(
    hospital: Deployment, tmp_path: Path, rounds: int
) -> None:
    clock = Clock(tmp_path / "clock")
    clock.put_into(hospital)
    server = await asyncio.to_thread(hospital.start, "--no-worker")
    async with conversation(server, ["wang", "zhao"], [lambda: server.url] * 2) as both:
        wang, zhao = both
        for seed in range(rounds):
            chance = random.Random(seed)
            for offset in (chance.randint(HOUR, SHORTER_THAN_A_SESSION), -chance.randint(HOUR, A_MONTH)):
                await clock.jump(offset, wang)
                said = [await wang.say(f"{offset} 问"), await zhao.say(f"{offset} 答")]
                await asyncio.gather(*(phone.reaches(said[1]) for phone in both))
                assert said[0] < said[1]
                assert all(clock.shows(zhao.events[seq]["at"]) for seq in said)
            if seed % 2:  # one that follows the jumps of two rounds
                await asyncio.to_thread(hospital.manage, "sequence", "--once")
        await the_session_looks_over(clock, hospital, both)
        await agree([server], both)
        assert all(in_order(phone) for phone in both)
    assert server.get("/readyz")[0] == 200
    assert await asyncio.to_thread(server.stop) == 0
    hospital.manage("verify_ledger")


async def the_session_looks_over(clock: Clock, hospital: Deployment, both: list[Phone]) -> None:
    """For as long as the clock is wrong nothing is stored; with the right time the session goes on, and so does the outbox."""
    wang, _ = both
    await clock.jump(0, wang)
    stored = head(hospital, wang.case)
    clock.move(LONGER_THAN_A_SESSION)
    await wang.until(lambda: any(frame.get("code") == "signed_out" for frame in wang.frames), "end of the session")
    id_ = wang.note("还在吗")
    answer = await wang.ask(**wang.outbox[id_])
    assert answer is None or answer["code"] == "signed_out"
    assert head(hospital, wang.case) == stored
    clock.move(0)
    await wang.until(lambda: wang.online and any(f["type"] == "ack" for f in wang.frames), "connection with the right time")
    assert await wang.repeat(id_) == stored + 1
