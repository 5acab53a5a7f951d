"""Processes ring for each other, and a process that is alone rings for nobody."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from channels.layers import get_channel_layer

from consult import doorbell
from consult.doorbell import GATHER_SECONDS, Bell, Ring
from tests.deployment import PATIENCE_SECONDS


@asynccontextmanager
async def process() -> AsyncIterator[tuple[Bell, list[Ring]]]:
    """What one process has of the doorbell, and what it heard."""
    heard: list[Ring] = []

    def answer(rings: Sequence[Ring]) -> None:
        heard.extend(rings)

    bell = Bell(answer)
    try:
        yield bell, heard
    finally:
        bell.close()


@asynccontextmanager
async def listener() -> AsyncIterator[list[dict[str, Any]]]:
    """All that is said in the group from now on."""
    layer, said = get_channel_layer(), list[dict[str, Any]]()
    channel = await layer.new_channel()

    async def listen() -> None:
        while True:
            said.append(await layer.receive(channel))

    await layer.group_add(doorbell.GROUP, channel)
    task = asyncio.create_task(listen())
    try:
        yield said
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await layer.group_discard(doorbell.GROUP, channel)


async def until(done: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not done():  # noqa: ASYNC110 - what is waited for is a list that grows
            await asyncio.sleep(0.01)


async def test_whoever_joins_is_heard_by_all_and_hears_all_at_once() -> None:
    async with listener() as said, process() as (first, heard_first):
        await until(lambda: said)
        assert first.alone
        async with process() as (second, heard_second):
            await until(lambda: not first.alone and not second.alone)
            here, there = Ring("queue", uuid.uuid4()), Ring("timeline", uuid.uuid4(), 7, (uuid.uuid4(),))
            first.ring_others([here])
            second.ring_others([there])
            await until(lambda: here in heard_second and there in heard_first)
            assert here not in heard_first
            assert there not in heard_second


async def test_a_process_that_hears_of_no_other_sends_nothing_but_that_it_is_there() -> None:
    async with listener() as said, process() as (alone, _):
        await until(lambda: said)
        alone.ring_others([Ring("queue", uuid.uuid4())])
        await asyncio.sleep(5 * GATHER_SECONDS)
        assert [message["rings"] for message in said if message["from"] == alone.name] == [[]]


async def test_a_ring_of_a_process_without_sockets_is_heard_and_is_no_company() -> None:
    async with listener() as said, process() as (serving, heard):
        await until(lambda: said)
        job = Ring("changed", uuid.uuid4())
        await get_channel_layer().group_send(doorbell.GROUP, {"type": "bell.ring", "from": "", "rings": [job.packed()]})
        await until(lambda: job in heard)
        assert serving.alone


async def test_what_a_device_says_while_the_one_before_is_on_its_way_does_not_wait_for_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A description that nothing follows would be heard by nobody."""
    sent: list[bytes] = []

    async def send(rings: Sequence[Ring], name: str, carried: Sequence[bytes] = ()) -> None:
        sent.extend(carried)
        if b"first" in carried:
            asyncio.get_running_loop().call_soon(bell.carry, b"second")  # its turn comes as the sender ends

    monkeypatch.setattr(doorbell, "_send", send)
    async with process() as (bell, _):
        bell._company_until = bell.loop.time() + PATIENCE_SECONDS
        bell.carry(b"first")
        await until(lambda: len(sent) == 2)
