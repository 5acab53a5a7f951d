"""`kill -9` at chosen moments of a commit: before it, after it but before anybody heard, and while some have heard and others not."""

import asyncio
import random

from tests.deployment import wait_until
from tests.faults.conftest import Ward
from tests.faults.conversation import agree, conversation, told
from tests.faults.phone import Phone
from tests.faults.proxy import Way, everything, proxied
from tests.faults.tables import head, nobody_commits

AT_ONCE = 5  # messages of one device that wait for one commit
FAN_OUT = 40
A_MOMENT = 0.2


async def upwards_only(way: Way, payload: bytes) -> bool:
    return way is Way.UP


def committed(ward: Ward, case: str, seq: int) -> None:
    wait_until(lambda: head(ward.hospital, case) == seq, what=f"commit of event {seq}")


async def ready(ward: Ward, *devices: Phone) -> int:
    """Wait until every device shows the case; returns its length."""
    length = head(ward.hospital, devices[0].case)
    await asyncio.gather(*(phone.reaches(length) for phone in devices))
    return length


async def send_some(phone: Phone, number: int = AT_ONCE) -> None:
    """Several messages at once, waiting for no answer."""
    for n in range(number):
        await phone.send(phone.note(f"{phone.who} {n}"))


async def test_killed_before_the_commit_nothing_is_there_and_all_is_stored_when_sent_again(
    ward: Ward, dear_rounds: int
) -> None:
    victim = ward.last
    for _ in range(dear_rounds):
        async with conversation(ward.servers[0], ["wang", "zhao"], [ward.at(victim)] * 2) as both:
            before = await ready(ward, *both)
            with nobody_commits(ward.hospital, both[0].case):
                for phone in both:
                    await send_some(phone)
                    assert await phone.ask("ping"), "the server has read what came before"
                await asyncio.sleep(A_MOMENT)
                await ward.kill(victim)
            assert not any(phone.acked for phone in both)
            await ward.restart(victim)
            assert head(ward.hospital, both[0].case) == before
            await agree(ward.servers, both)


async def test_killed_after_the_commit_before_anybody_heard_all_is_there_and_not_again_when_sent_again(
    ward: Ward, dear_rounds: int
) -> None:
    victim = ward.last
    for _ in range(dear_rounds):
        async with (
            proxied(ward.at(victim)) as proxy,
            conversation(ward.servers[0], ["wang", "zhao"], [lambda: proxy.url] * 2) as both,
        ):
            stored = await ready(ward, *both) + AT_ONCE * len(both)
            proxy.rule = upwards_only
            for phone in both:
                await send_some(phone)
            await asyncio.to_thread(committed, ward, both[0].case, stored)
            await ward.kill(victim)
            assert not any(phone.acked for phone in both)
            proxy.rule = everything
            await ward.restart(victim)
            assert len(await told(ward.servers[victim], both[0])) == stored
            assert len(await agree(ward.servers, both)) == stored


async def test_killed_while_some_have_heard_everybody_hears_the_rest_from_where_they_were(ward: Ward, dear_rounds: int) -> None:
    victim = ward.last
    for seed in range(dear_rounds):
        async with (
            proxied(ward.at(victim)) as proxy,
            conversation(
                ward.servers[0],
                ["zhao", "wang", "wang", "zhao"],
                [ward.at(victim), lambda: proxy.url, ward.at(victim), ward.at(0)],
            ) as everybody,
        ):
            sender, deaf, *_ = everybody
            await ready(ward, *everybody)
            proxy.rule = upwards_only
            await send_some(sender, FAN_OUT)
            enough = random.Random(seed).randint(1, FAN_OUT)
            await sender.until(lambda: len(sender.acked) >= enough, "acknowledgement")  # noqa: B023
            await ward.kill(victim)
            heard = deaf.upto
            proxy.rule = everything
            await ward.restart(victim)
            committed = head(ward.hospital, sender.case)
            assert heard < committed
            for phone in everybody:
                await phone.reaches(committed)  # by itself: it resumes, or the poll of the other process finds it
            await agree(ward.servers, everybody)
