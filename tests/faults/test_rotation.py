"""Keys are rotated while people talk and read, and whoever rotates is killed again and again: nobody fails to read, and it is finished."""

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.consult.device import browser
from tests.deployment import PATIENCE_SECONDS, ROOT, Deployment, Server
from tests.faults.conftest import Ward
from tests.faults.people import Sender
from tests.faults.tables import rows

pytestmark = pytest.mark.long

PATIENTS = ["wang", "li"]
KEYS = 2000  # besides the hospital's own: several batches of a rotation
PAUSE = 0.02
MAKE_KEYS = f"""
import uuid
from django.db import transaction
from records import vault
with transaction.atomic():
    for _ in range({KEYS}):
        vault.data_key(uuid.uuid4(), "dialogue")
"""
# As a server that was just started and to which everybody comes at once, until standard input ends.
OPEN_ALL = """
import sys, threading
from records import vault
from records.vault import keys
from records.vault.models import WrappedKey
over, number = threading.Event(), 0
threading.Thread(target=lambda: (sys.stdin.read(), over.set())).start()
every = list(WrappedKey.objects.values_list("key", flat=True))
while not over.is_set():
    if number % len(every) == 0:
        keys.cache.clear()
    vault.open_key(every[number % len(every)])
    number += 1
print(number)
"""
VERSIONS = "SELECT kek_version, count(*) FROM records_wrappedkey GROUP BY 1 ORDER BY 1"
STALE = "SELECT count(*) FROM records_wrappedkey WHERE kek_version < (SELECT max(kek_version) FROM records_wrappedkey)"


@contextmanager
def everything_is_opened(hospital: Deployment) -> Iterator[list[int]]:
    """By a process of its own, for as long as the block lasts; behind it the list holds how many keys that were."""
    words, opened = [sys.executable, "manage.py", "shell", "-v", "0", "-c", OPEN_ALL], list[int]()
    with subprocess.Popen(
        words, cwd=ROOT, env=hospital.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reading:
        yield opened
        said = reading.communicate(timeout=PATIENCE_SECONDS)[0]
        assert reading.returncode == 0, "a key could not be opened"
        opened.append(int(said))


def rotation_killed(hospital: Deployment, chance: random.Random) -> None:
    """After so many batches, in the middle of the next or behind the last."""
    words = [sys.executable, "manage.py", "rotate_keys"]
    with subprocess.Popen(words, cwd=ROOT, env=hospital.env, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        for _ in range(chance.randint(1, 4)):
            running.stdout.readline()
        time.sleep(chance.uniform(0, 0.05))
        running.kill()


async def read_until(server: Server, who: str, over: asyncio.Event) -> int:
    """Read over HTTP, again and again; returns how often. AssertionError for an answer that is not 200."""
    count = 0
    async with browser(server, who) as page:
        while not over.is_set():
            count += bool(await page.get("/api/consultations"))
            await asyncio.sleep(PAUSE)
    return count


async def test_rotations_killed_at_any_moment_cost_nobody_a_reading_and_are_finished(ward: Ward, rounds: int) -> None:
    hospital, over, stale = ward.hospital, asyncio.Event(), 0
    await asyncio.to_thread(hospital.manage, "shell", "-v", "0", "-c", MAKE_KEYS)
    senders = [Sender(who) for who in PATIENTS]
    talking = [asyncio.create_task(sender.talk(ward.servers[0], over, PAUSE)) for sender in senders]
    reading = [asyncio.create_task(read_until(ward.servers[-1], who, over)) for who in PATIENTS]
    with everything_is_opened(hospital) as opened:
        for seed in range(rounds):
            await asyncio.to_thread(rotation_killed, hospital, random.Random(seed))
            stale += rows(hospital, STALE)[0][0] > 0
            for sender in senders:
                sender.heard.clear()
            async with asyncio.timeout(PATIENCE_SECONDS):
                await asyncio.gather(*(sender.heard.wait() for sender in senders))
        await asyncio.to_thread(hospital.manage, "rotate_keys")
        over.set()
    reads = await asyncio.gather(*reading)
    await asyncio.gather(*talking)
    assert len(rows(hospital, VERSIONS)) == 1, "every key is under the newest version"
    written = sum(sender.said for sender in senders)
    print(f"{rounds} kills, {stale} half-way; {opened[0]} keys opened, {sum(reads)} readings, {written} messages, none failed")
    assert min(reads) > 0
    assert stale > 0, "some were killed in the middle"
    await asyncio.to_thread(hospital.manage, "verify_ledger")
