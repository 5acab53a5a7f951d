"""The disk is full: acts are refused and nothing acknowledged is lost; what was said can be read; with room again, all goes on."""

import asyncio
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.deployment import Deployment, Server, new_deployment, wait_until
from tests.faults.conversation import agree, conversation, in_order, told
from tests.faults.phone import Phone
from tests.faults.tables import sqlite_file

pytestmark = pytest.mark.embedded

LEFT_BYTES = 64 * 1024
DISK_BYTES = 32 * 1024 * 1024
LONG = "长" * 2_000
MANY = 200  # messages of which one must be refused
Full = Callable[[Deployment, Server], AbstractContextManager[None]]


@contextmanager
def no_more(hospital: Deployment, server: Server) -> Iterator[None]:
    """No file of the server's may grow much beyond what its log of changes has now: what a quota does, and needs no rights."""
    pid = server.process.pid
    wal = sqlite_file(hospital).with_name("xinqiao.sqlite3-wal")
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (wal.stat().st_size + LEFT_BYTES, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def balloon(hospital: Deployment, server: Server) -> Iterator[None]:
    """A file takes the rest of the disk."""
    file = hospital.data / "balloon"
    file.write_bytes(bytes(shutil.disk_usage(hospital.data).free - LEFT_BYTES))
    try:
        yield
    finally:
        file.unlink()


@pytest.fixture
def small_disk(tmp_path: Path, hospital_template: Deployment) -> Iterator[Deployment]:
    """A hospital on a file system of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small disk; the limit of another test stands for it")
    try:
        with new_deployment(place / "hospital", hospital_template) as deployment:
            yield deployment
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


async def refused(phone: Phone) -> None:
    """Say more and more until the server refuses; every refusal must ask for a repetition."""
    for n in range(MANY):
        id_ = phone.note(f"{n} {LONG}")
        answer = await phone.ask(**phone.outbox[id_])
        if answer is not None and answer["type"] == "error":
            assert (answer["code"], answer["retry"]) == ("unavailable", True)
            return
    raise AssertionError("the disk was never full")


async def out_of_room(hospital: Deployment, full: Full, rounds: int) -> None:
    server = await asyncio.to_thread(hospital.start)
    async with conversation(server, ["wang", "zhao"], [lambda: server.url] * 2) as both:
        wang, zhao = both
        for _ in range(rounds):
            await asyncio.gather(wang.say("在吗"), zhao.say("在"))
            with full(hospital, server):
                await refused(wang)
                held = await told(server, zhao)
                assert {event["client_id"] for event in held} >= set(wang.acked), "what was said can be read"
                assert server.get("/healthz")[0] == 200
                assert await zhao.ask("ping")
            await asyncio.gather(wang.repeat(list(wang.outbox)[-1]), zhao.say("又有地方了"))
        await agree([server], both)
        assert all(in_order(phone) for phone in both)
    await asyncio.to_thread(wait_until, lambda: server.get("/readyz")[0] == 200, 30, "readiness")
    assert await asyncio.to_thread(server.stop) == 0
    hospital.manage("verify_ledger")


async def test_at_the_limit_of_its_files_it_refuses_and_goes_on_when_there_is_room_again(
    hospital: Deployment, rounds: int
) -> None:
    await out_of_room(hospital, no_more, rounds)


async def test_on_a_full_disk_it_refuses_and_goes_on_when_there_is_room_again(small_disk: Deployment, rounds: int) -> None:
    await out_of_room(small_disk, balloon, rounds)
