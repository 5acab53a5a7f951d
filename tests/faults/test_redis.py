"""Redis forgets everything, goes away and comes back in the middle of a conversation: the doorbell is silent, the table is not."""

import asyncio
from contextlib import closing

import pytest
from redis import Redis

from tests.consult.device import texts
from tests.deployment import PATIENCE_SECONDS, Deployment
from tests.faults.conversation import agree, conversation
from tests.faults.phone import Phone
from tests.faults.services import own_redis, start_again
from tools.services import Service

pytestmark = pytest.mark.production

PAIRS = 2  # of a question and an answer


async def talk(both: list[Phone], title: str) -> list[str]:
    """Questions and answers through two servers, each shown to the other by itself; returns what was said."""
    wang, zhao = both
    said = [f"{title} {n} {words}" for n in range(PAIRS) for words in ("问", "答")]
    for n in range(PAIRS):
        last = max(await wang.say(said[2 * n]), await zhao.say(said[2 * n + 1]))
        await asyncio.gather(*(phone.reaches(last, PATIENCE_SECONDS) for phone in both))
    return said


async def sees_typing(both: list[Phone]) -> None:
    """Only the bell tells of typing: no poll finds it."""
    wang, zhao = both
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not any(frame["type"] == "typing" for frame in zhao.frames):
            await wang.tell("typing", on=True)
            await asyncio.sleep(0.2)
    zhao.frames.clear()


async def test_whatever_happens_to_redis_two_servers_show_both_the_whole_conversation(
    hospital: Deployment, rounds: int
) -> None:
    with own_redis() as redis:
        ours = {"REDIS_URL": redis.url}
        servers = [await asyncio.to_thread(hospital.start, "--no-worker", env=ours) for _ in range(2)]
        addresses = [lambda: servers[0].url, lambda: servers[1].url]
        async with conversation(servers[0], ["wang", "zhao"], addresses) as both:
            said = await talk(both, "好")
            for seed in range(rounds):
                await sees_typing(both)
                said += await through_the_loss(redis, both, f"第 {seed} 次", killed=bool(seed % 2))
            await sees_typing(both)
            assert texts(await agree(servers, both)) == said
    hospital.manage("verify_ledger")


async def through_the_loss(redis: Service, both: list[Phone], title: str, *, killed: bool) -> list[str]:
    if killed:
        await asyncio.to_thread(redis.kill)
        said = await talk(both, f"{title} 没了")
        await asyncio.to_thread(start_again, redis)
    else:
        flush(redis)
        said = []
    return said + await talk(both, f"{title} 空了")


def flush(redis: Service) -> None:
    with closing(Redis.from_url(redis.url)) as client:
        client.flushall()
