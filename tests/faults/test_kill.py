"""`kill -9` while people are talking: what was acknowledged is there, once, in order, and the ledger holds."""

import asyncio

from tests.consult.device import browser, socket_of, texts
from tests.deployment import PATIENCE_SECONDS, Server
from tests.faults.conftest import Ward
from tests.faults.people import Sender, some_time

PATIENTS = ["wang", "li", "chen", "wu"]


async def talk_and_kill(server: Server, senders: list[Sender], seconds: float) -> None:
    """Kill the server `seconds` after everybody has said something to it."""
    until = asyncio.Event()
    for sender in senders:
        sender.heard.clear()
    talking = [asyncio.create_task(sender.talk(server, until)) for sender in senders]
    async with asyncio.timeout(PATIENCE_SECONDS):
        await asyncio.gather(*(sender.heard.wait() for sender in senders))
    await asyncio.sleep(seconds)
    await asyncio.to_thread(server.kill)
    until.set()
    await asyncio.gather(*talking)


async def said(server: Server, sender: Sender) -> list[str]:
    """What the table holds of a sender's case; a gap in the sequence fails in the device."""
    async with browser(server, sender.who) as page, socket_of(page) as own:
        row = await page.get(f"/api/consultations/{sender.case}")
        await own.follow(sender.case)
        events = await own.reads(sender.case, row["last_seq"])
        assert [event["seq"] for event in events] == list(range(1, row["last_seq"] + 1))
        return texts(events)


async def test_a_killed_server_loses_and_doubles_nothing_that_it_acknowledged(ward: Ward, rounds: int) -> None:
    senders = [Sender(who) for who in PATIENTS]
    for seed in range(rounds):
        await talk_and_kill(ward.servers[0], senders, some_time(seed, 0.0, 1.0))
        await ward.restart(0)
    for sender in senders:
        for server in ward.servers:
            held = await said(server, sender)
            # The last one may have been stored without its acknowledgement having reached us.
            assert held in ([str(n) for n in range(sender.said)], [str(n) for n in range(sender.said + 1)])
    assert await asyncio.to_thread(ward.servers[0].stop) == 0, "after all that it ends as it should"
    await ward.restart(0)
