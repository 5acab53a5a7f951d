"""Whoever loses the right to be in a call is out of it at once; and what one socket may send in a call."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.consult.calling import a_case, acts, connected, done, hears, refused
from tests.consult.device import Device, Session, browser, client_id, device, socket_of
from tests.deployment import Deployment, Server

SDP_BYTES = 32 * 1024
TOO_BIG, FLOOD = 4413, 4429


@pytest.fixture
async def talk(server: Server) -> AsyncIterator[tuple[Device, Device, str, str]]:
    """Wang, Dr Zhao, the case, their call."""
    async with device(server, "wang") as wang, device(server, "zhao") as zhao:
        case = await a_case(wang, zhao)
        call = await connected(wang, zhao, case)
        yield wang, zhao, case, call
        async with device(server, "wang") as again:
            await done(again, "call.hangup", call=call)


async def test_dr_zhao_gives_the_case_back_and_the_call_ends_with_it(talk: tuple[Device, Device, str, str]) -> None:
    wang, zhao, case, call = talk
    await done(zhao, "consultation.return", consultation=case, client_id=client_id(), reason="换班")
    for one in (wang, zhao):
        await hears(one, "call.ended", call, reason="not_allowed", by=None)
    assert await refused(zhao, "call.resume", call=call, device=client_id()) == "not_found"


async def test_a_case_that_is_closed_has_no_call(talk: tuple[Device, Device, str, str]) -> None:
    wang, zhao, case, call = talk
    await done(zhao, "consultation.close", consultation=case, client_id=client_id(), summary="好转")
    await hears(wang, "call.ended", call, state="ended", reason="closed")
    await acts(wang, case, "call.ended")
    await wang.until(lambda _: list(wang.events[case].values())[-1]["kind"] == "consultation.closed", "the close")


async def test_descriptions_and_candidates_have_bounds(talk: tuple[Device, Device, str, str]) -> None:
    wang, zhao, _, call = talk
    await done(wang, "rtc.description", call=call, kind="offer", sdp="v" * SDP_BYTES)
    await hears(zhao, "peer.description", call)
    batch = [{"candidate": "c" * 512}] * 20
    for _ in range(5):
        await done(wang, "rtc.candidates", call=call, candidates=batch)
    assert await refused(wang, "rtc.candidates", call=call, candidates=batch[:1]) == "call.candidates"
    await done(wang, "rtc.description", call=call, kind="offer", sdp="v=0")
    await done(wang, "rtc.candidates", call=call, candidates=batch[:1])
    assert await refused(wang, "rtc.candidates", call=call, candidates=[{"candidate": "c" * 513}]) == "bad_input"
    assert await refused(wang, "rtc.candidates", call=call, candidates=[*batch, batch[0]]) == "bad_input"
    assert await refused(wang, "rtc.description", call=call, kind="offer", sdp="v" * (SDP_BYTES + 1)) == "frame.too_big"
    assert await wang.closed() == TOO_BIG
    await zhao.send("rtc.description", call=call, kind="offer", sdp="v" * 2 * SDP_BYTES)
    assert await zhao.closed() == TOO_BIG


async def test_a_flood_of_them_closes_the_socket_that_sends_it_and_no_other(talk: tuple[Device, Device, str, str]) -> None:
    wang, zhao, _, call = talk
    for _ in range(200):
        await wang.send("call.media", call=call, audio=True, video=False)
    assert await wang.closed() == FLOOD
    assert (await zhao.ask("ping"))["type"] == "pong"
    await hears(zhao, "call.away", call)


@pytest.mark.heavy
async def test_a_server_that_is_killed_ends_no_call(hospital: Deployment) -> None:
    """Two processes, which without Redis hear of each other's calls by their polls alone. Wang's dies, and she goes on at the other."""
    server, other, phone = hospital.start("--no-worker"), hospital.start("--no-worker"), client_id()
    async with browser(server, "wang") as page, device(other, "zhao") as zhao:
        async with socket_of(page) as wang:
            call = await connected(wang, zhao, await a_case(wang, zhao), (phone, ""))
            server.kill()
        async with moved(page, other) as wang:
            await done(wang, "call.resume", call=call, device=phone)
            await hears(wang, "call.accepted", call, resumed=True)
            await done(zhao, "rtc.description", call=call, kind="offer", sdp="v=0")
            await hears(wang, "peer.description", call)
            await done(zhao, "call.hangup", call=call)
            await hears(wang, "call.ended", call)


@pytest.mark.production
async def test_two_devices_at_two_processes_are_in_one_call(hospital: Deployment) -> None:
    """What one says reaches the other in order, and a process that was not asked hears of the call as well."""
    here, there = hospital.start("--no-worker"), hospital.start("--no-worker")
    async with (
        browser(here, "zhao") as page,
        device(here, "wang") as wang,
        moved(page, there) as zhao,
        socket_of(page) as another,
    ):
        call = await connected(wang, zhao, await a_case(wang, zhao))
        await hears(another, "call.answered_elsewhere", call)
        for place in range(20):
            await wang.send("rtc.candidates", call=call, candidates=[{"candidate": str(place)}])
        await hears(zhao, "peer.candidates", call, candidates=[{"candidate": "19"}])
        come = [frame["candidates"][0]["candidate"] for frame in zhao.heard if frame["type"] == "peer.candidates"]
        assert come == [str(place) for place in range(20)]
        await zhao.close()
        assert (await hears(wang, "call.away", call))["until"] is not None
        await done(wang, "call.hangup", call=call)


@asynccontextmanager
async def moved(page: Session, server: Server) -> AsyncIterator[Device]:
    """A device of the same browser, at another process."""
    session = Session(server)
    async with session.http:
        await session.come_back(page.cookie)
        async with socket_of(session) as opened:
            yield opened
