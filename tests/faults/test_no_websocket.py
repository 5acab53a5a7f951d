"""A network that lets no WebSocket through: everything arrives within five seconds all the same, and nothing is lost with a server."""

import asyncio

from tests.faults.conftest import Ward
from tests.faults.conversation import agree, conversation, in_order
from tests.faults.phone import Phone
from tests.faults.proxy import proxied

ARRIVES_SECONDS = 5.0
PAIRS = 4
PEOPLE = ["wang", "zhao", "wang", "zhao"]


async def exchange(wang: Phone, zhao: Phone, everybody: list[Phone]) -> None:
    """A question and an answer, each shown to every device in time."""
    for phone in (wang, zhao):
        seq = await phone.say(f"{phone.who} {len(phone.outbox)}")
        await asyncio.gather(*(device.reaches(seq, ARRIVES_SECONDS) for device in everybody))


async def test_where_no_websocket_gets_through_everything_arrives_within_five_seconds(ward: Ward, rounds: int) -> None:
    async with (
        proxied(ward.at(0), sockets=False) as proxy,
        conversation(
            ward.servers[0], PEOPLE, [lambda: proxy.url, ward.at(1), lambda: proxy.url, lambda: proxy.url], polling={0, 3}
        ) as everybody,
    ):
        wang, zhao, blocked, polling_zhao = everybody
        assert not blocked.online, "nothing but polling gets through"
        await blocked.switch_off()
        polling = [wang, polling_zhao]
        for _ in range(rounds * PAIRS):
            await exchange(wang, zhao, [*polling, zhao])
        await exchange(wang, polling_zhao, [*polling, zhao])
        assert not blocked.events
        await agree(ward.servers, [*polling, zhao])
        assert all(in_order(phone) for phone in polling)


async def test_a_killed_server_costs_who_polls_nothing(ward: Ward, dear_rounds: int) -> None:
    victim = ward.last
    for _ in range(dear_rounds):
        async with conversation(ward.servers[0], ["wang", "zhao"], [ward.at(victim), ward.at(0)], polling={0}) as both:
            wang, zhao = both
            await exchange(wang, zhao, both)
            ids = [wang.note(f"{n}") for n in range(5)]
            await wang.send(*ids)
            await ward.kill(victim)
            await ward.restart(victim)
            await exchange(wang, zhao, both)
            await agree(ward.servers, both)
