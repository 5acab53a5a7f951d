"""Redis goes away in the middle of a conversation: the doorbell is silent, the table is not."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.consult.device import device, texts
from tests.deployment import Deployment, wait_until

HEALED_SECONDS = 15.0


@contextmanager
def redis_of_our_own(place: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """A Redis that this test may stop; yields its URL and its process."""
    socket = place / "redis.sock"
    words = ["redis-server", "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", str(place)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
        try:
            wait_until(socket.exists, what="redis")
            yield f"unix://{socket}?db=0", process
        finally:
            process.kill()


@pytest.mark.heavy
@pytest.mark.production
async def test_with_redis_stopped_two_servers_still_show_both_the_whole_conversation(
    hospital: Deployment, tmp_path_factory: pytest.TempPathFactory
) -> None:
    # A short path: the name of a socket may have 107 bytes.
    with redis_of_our_own(tmp_path_factory.mktemp("r")) as (url, redis):
        ours = {"REDIS_URL": url}
        one, two = hospital.start("--no-worker", env=ours), hospital.start("--no-worker", env=ours)
        async with device(one, "wang") as wang, device(two, "zhao") as zhao:
            case = await wang.open()
            await zhao.ask("consultation.claim", consultation=case)
            await wang.follow(case)
            await zhao.follow(case)
            before = await wang.say(case, "在吗")
            assert before["type"] == "ack", before
            await zhao.reads(case, before["seq"])
            redis.kill()
            await asyncio.to_thread(redis.wait)
            last = 0
            for n in range(5):
                last = max((await wang.say(case, f"问 {n}"))["seq"], (await zhao.say(case, f"答 {n}"))["seq"])
            mine, hers = await zhao.reads(case, last, HEALED_SECONDS), await wang.reads(case, last, HEALED_SECONDS)
            assert mine == hers
            assert texts(mine) == ["在吗", *(f"{who} {n}" for n in range(5) for who in ("问", "答"))]
