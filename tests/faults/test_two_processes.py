"""Two processes serve one conversation at once; one of them is killed and its devices move to the other, which goes on meanwhile."""

import asyncio
import json

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Origin, Subprotocol

from tests.consult.device import Session, browser
from tests.deployment import Server
from tests.faults.conftest import Ward
from tests.faults.conversation import agree, conversation, in_order
from tests.faults.people import some_time
from tests.faults.phone import Phone

pytestmark = pytest.mark.production

PEOPLE = ["wang", "zhao", "wang", "zhao"]
AFTERWARDS = 5  # messages of each device after the kill


async def talk(phone: Phone, goals: dict[Phone, int]) -> None:
    """One message after the other; without a goal, on and on."""
    while phone not in goals or len(phone.acked) < goals[phone]:
        await phone.say(f"{phone.who} {len(phone.outbox)}")


async def test_two_processes_write_one_timeline_and_either_may_die(ward: Ward, dear_rounds: int) -> None:
    for seed in range(dear_rounds):
        await one_dies(ward, seed % 2, some_time(seed, 0.2, 1.0))


async def test_a_ticket_used_at_one_process_is_used_at_the_other(ward: Ward) -> None:
    first, second = ward.servers[:2]
    async with browser(first, "wang") as page:
        offers = await page.ticket()
        assert [await opened(page, server, offers) for server in (first, second)] == ["welcome", "socket.ticket"]
        assert await opened(page, second, await page.ticket()) == "welcome", "either gives and takes them"


async def opened(page: Session, server: Server, offers: list[Subprotocol]) -> str:
    """The first thing that a socket says, or its refusal's code."""
    address, origin = f"{server.socket_url}/ws/", Origin(server.url)
    async with connect(address, origin=origin, additional_headers={"Cookie": page.cookie}, subprotocols=offers) as socket:
        frame = json.loads(await socket.recv())
        return str(frame.get("code", frame["type"]))


async def one_dies(ward: Ward, victim: int, seconds: float) -> None:
    serving = [0, 1]  # which process the devices of each use
    addresses = [lambda place=place: ward.at(serving[place % 2])() for place in range(len(PEOPLE))]
    async with conversation(ward.servers[0], PEOPLE, addresses) as devices:
        goals: dict[Phone, int] = {}
        talking = [asyncio.create_task(talk(phone, goals)) for phone in devices]
        await asyncio.sleep(seconds)
        await ward.kill(victim)
        serving[victim] = 1 - victim
        goals |= {phone: len(phone.acked) + AFTERWARDS for phone in devices}
        await asyncio.gather(*talking)
        await ward.restart(victim)
        await agree(ward.servers, devices)
        assert all(in_order(phone) for phone in devices)
