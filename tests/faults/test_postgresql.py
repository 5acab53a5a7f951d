"""PostgreSQL goes away: killed in the middle of a conversation, or cut off at the moment of a commit."""

import asyncio
import itertools
from pathlib import Path

import pytest

from tests.deployment import PATIENCE_SECONDS, Deployment, wait_until
from tests.faults.conversation import agree, conversation, in_order
from tests.faults.people import some_time
from tests.faults.phone import Phone
from tests.faults.services import moved, own_postgresql, start_again
from tests.faults.tables import head
from tests.faults.wire import Fate, Wire, wire

pytestmark = pytest.mark.production

AWAY_SECONDS = 1.0


async def talk(phone: Phone, until: asyncio.Event) -> None:
    """One message after the other, each until it is acknowledged."""
    while not until.is_set():
        await phone.say(f"{phone.who} {len(phone.said)}")
        await asyncio.sleep(0.01)


async def test_killed_and_started_again_it_holds_all_that_was_acknowledged_and_everybody_goes_on(
    hospital_template: Deployment, tmp_path: Path, rounds: int
) -> None:
    with own_postgresql() as database, moved(hospital_template, database, tmp_path / "hospital") as hospital:
        server = await asyncio.to_thread(hospital.start)
        async with conversation(server, ["wang", "zhao"], [lambda: server.url] * 2) as both:
            enough = asyncio.Event()
            talking = [asyncio.create_task(talk(phone, enough)) for phone in both]
            for seed in range(rounds):
                await asyncio.gather(*(heard_again(phone) for phone in both))
                await asyncio.sleep(some_time(seed, 0.0, 0.5))
                await asyncio.to_thread(database.kill)
                await asyncio.sleep(some_time(seed, 0.0, AWAY_SECONDS))
                await asyncio.to_thread(start_again, database)
            enough.set()
            await asyncio.gather(*talking)
            await agree([server], both)
            assert all(in_order(phone) for phone in both)
        await asyncio.to_thread(wait_until, lambda: server.get("/readyz")[0] == 200, 30, "readiness")
        assert await asyncio.to_thread(server.stop) == 0
        hospital.manage("verify_ledger")


async def heard_again(phone: Phone) -> None:
    """Wait until something more is acknowledged."""
    number = len(phone.acked)
    await phone.until(lambda: len(phone.acked) > number, "acknowledgement")


async def test_cut_off_at_the_commit_each_message_is_there_once_whether_or_not_the_server_survives(
    hospital: Deployment, tmp_path_factory: pytest.TempPathFactory, rounds: int
) -> None:
    # A short path: the name of a socket may have 107 bytes.
    async with wire(hospital.env["DATABASE_URL"], tmp_path_factory.mktemp("w")) as line:
        ours = {"DATABASE_URL": line.url}
        servers = [await asyncio.to_thread(hospital.start, "--no-worker", env=ours)]
        for seed, fate in itertools.product(range(rounds), [Fate.KEPT, Fate.UNANSWERED]):
            async with conversation(servers[0], ["wang", "zhao"], [lambda: servers[0].url] * 2) as both:
                before = head(hospital, both[0].case)
                await asyncio.gather(*(phone.reaches(before) for phone in both))
                await ask_into(line, fate, both)
                assert (head(hospital, both[0].case) > before) is (fate is Fate.UNANSWERED)
                assert not any(phone.acked for phone in both)
                if seed % 2:
                    await asyncio.to_thread(servers[0].kill)
                await line.cut()
                if seed % 2:
                    servers[0] = await asyncio.to_thread(hospital.start, "--no-worker", env=ours)
                assert len(await agree(servers, both)) == before + len(both)
    hospital.manage("verify_ledger")


async def ask_into(line: Wire, fate: Fate, devices: list[Phone]) -> None:
    """Everybody sends something whose commit meets its fate."""
    line.fate = fate
    for phone in devices:
        await phone.send(phone.note("在吗"))
    async with asyncio.timeout(PATIENCE_SECONDS):
        await line.met.wait()
