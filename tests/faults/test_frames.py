"""A fifth of all frames is lost, both ways, on the way to every process: the conversation is whole, for everybody, in one order."""

import asyncio
import random
from contextlib import AsyncExitStack

from tests.faults.conftest import Ward
from tests.faults.conversation import agree, conversation, in_order
from tests.faults.phone import Phone
from tests.faults.proxy import Rule, Way, proxied

LOST = 0.2
SAID = 8  # by each device
PATIENCE_SECONDS = 0.3
PEOPLE = ["wang", "zhao", "wang", "zhao"]


def losing(seed: int) -> Rule:
    chance = random.Random(seed)

    async def rule(way: Way, payload: bytes) -> bool:
        return chance.random() >= LOST

    return rule


async def talk(phone: Phone) -> None:
    """One message after the other, and what came meanwhile read."""
    phone.patience = PATIENCE_SECONDS
    for n in range(SAID):
        await phone.say(f"{phone.who} {n}")
        await phone.act("cursor.advance", delivered=phone.upto, read=phone.upto)


async def test_with_a_fifth_of_the_frames_lost_nothing_is_lost_doubled_or_out_of_order(ward: Ward, rounds: int) -> None:
    for seed in range(rounds):
        async with AsyncExitStack() as stack:
            roads = [
                await stack.enter_async_context(proxied(ward.at(number), losing(seed * 100 + number)))
                for number, _ in enumerate(PEOPLE)
            ]
            addresses = [(lambda road=road: road.url) for road in roads]
            devices = await stack.enter_async_context(conversation(ward.servers[0], PEOPLE, addresses))
            await asyncio.gather(*(talk(phone) for phone in devices))
            await agree(ward.servers, devices)
            assert all(in_order(phone) for phone in devices)
