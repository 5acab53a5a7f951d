"""Every command of the socket times every role and relation, over real sockets. A command that nobody wrote down fails.

Wang's case went from Dr Qian, who gave it back, to Dr Zhao; another waits in the queue of cardiology.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Origin

from consult import commands, protocol
from records.demo import demo_id
from tests.access.others import CLOSED_ACCOUNT, OTHERS, brought_in
from tests.access.spoken import (
    ACTIVE,
    ALL,
    CLAIMERS,
    CLOSED,
    EXPECTED,
    LIVE,
    OVER,
    OWN,
    QUEUED,
    SEEING,
    SIDE,
    SPEAKING,
    SUBJECTS,
    TREATING,
    Expected,
)
from tests.consult.calling import connected
from tests.consult.device import NOBODY, Device, Frame, Session, client_id, device, socket_of
from tests.deployment import PATIENCE_SECONDS, Deployment, Server, new_deployment

pytestmark = pytest.mark.once

COOKIES: dict[str, str] = {}  # of OTHERS, in the deployment of this module
World = tuple[dict[str, Device], dict[str, str]]  # devices by subject; ids of the cases by state


@pytest.fixture(scope="module")
def server(hospital_template: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with new_deployment(tmp_path_factory.mktemp("commands") / "hospital", hospital_template) as deployment:
        COOKIES.update(brought_in(deployment))
        yield deployment.start("--no-worker", env={"XINQIAO_FRAMES_PER_SECOND": "0"})


@pytest.fixture
async def world(server: Server) -> AsyncIterator[World]:
    """A device of everybody, and Wang's three cases."""
    async with AsyncExitStack() as stack:
        devices = {name: await stack.enter_async_context(device(server, key)) for name, key in SUBJECTS.items()}
        for name in OTHERS:
            page = await stack.enter_async_context(back(server, name))
            devices[name] = await stack.enter_async_context(socket_of(page))
        opened = await cases(devices)
        calls = [await connected(devices["own patient"], devices["treating doctor"], opened[ACTIVE])]
        await acked(devices["own patient"], "call.hangup", call=calls[0])
        calls.append(await connected(devices["own patient"], devices["treating doctor"], opened[ACTIVE]))
        yield devices, opened | dict(zip((OVER, LIVE), calls, strict=True))
        await acked(devices["own patient"], "call.hangup", call=calls[1])


@asynccontextmanager
async def back(server: Server, name: str) -> AsyncIterator[Session]:
    """The browser of one of those who are no part of the cast."""
    page = Session(server)
    async with page.http:
        yield await page.come_back(COOKIES[name])


async def cases(devices: dict[str, Device]) -> dict[str, str]:
    wang, zhao, qian = (devices[name] for name in ("own patient", "treating doctor", "former doctor of the department"))
    cardiology = str(demo_id("cardiology"))
    opened = {name: await wang.open(department=cardiology) for name in (ACTIVE, QUEUED, CLOSED)}
    await acked(qian, "consultation.claim", consultation=opened[ACTIVE])
    await acked(qian, "consultation.return", consultation=opened[ACTIVE], client_id=client_id(), reason="换班")
    for name in (ACTIVE, CLOSED):
        await acked(zhao, "consultation.claim", consultation=opened[name])
    await acked(zhao, "consultation.close", consultation=opened[CLOSED], client_id=client_id(), summary="好转")
    opened[SIDE] = (await zhao.ask("side.open", consultation=opened[ACTIVE], client_id=client_id()))["consultation"]
    await acked(zhao, "side.invite", consultation=opened[SIDE], client_id=client_id(), person=str(demo_id("liu")))
    return opened


async def acked(asker: Device, command: str, **members: Any) -> None:
    answer = await asker.ask(command, **members)
    assert answer["type"] == "ack", answer


def test_every_command_is_declared_here() -> None:
    assert set(protocol.COMMANDS) == set(EXPECTED)
    assert set(commands.ACTIONS) == set(EXPECTED)


async def test_each_person_hears_what_the_table_says(world: World) -> None:
    """Nothing in the table changes a case for the line that comes after it."""
    devices, opened = world
    wrong = []
    for command, expected in [(name, one) for name, found in EXPECTED.items() if name != "typing" for one in found]:
        for name in sorted(expected.asking(command)):
            heard = said(await devices[name].ask(command, **members_of(expected, opened)))
            if heard != expected.answer_to(name):
                wrong.append(f"{name}: {command} on {expected.case} heard {heard}")
    assert wrong == []


def members_of(expected: Expected, opened: dict[str, str]) -> dict[str, Any]:
    about = "call" if expected.case in {LIVE, OVER} else "consultation"
    members = {} if expected.case is None else {about: opened[expected.case]}
    return {**members, **{name: client_id() if value == "?" else value for name, value in (expected.members or {}).items()}}


def said(answer: Frame) -> str:
    return str(answer["code"]) if answer["type"] == "error" else "done"


async def test_each_doctor_of_the_department_may_claim_what_waits(world: World) -> None:
    devices, opened = world
    for name in sorted(CLAIMERS):
        await acked(devices[name], "consultation.claim", consultation=opened[QUEUED])
        await acked(devices[name], "consultation.return", consultation=opened[QUEUED], client_id=client_id(), reason="换班")
    await acked(devices["treating doctor"], "consultation.claim", consultation=opened[QUEUED])
    await acked(
        devices["treating doctor"], "consultation.close", consultation=opened[QUEUED], client_id=client_id(), summary="x"
    )
    for name in ("own patient", "treating doctor"):
        await acked(devices[name], "consultation.reopen", consultation=opened[QUEUED], client_id=client_id(), reason="还有问题")
        await acked(
            devices["treating doctor"], "consultation.close", consultation=opened[QUEUED], client_id=client_id(), summary="x"
        )


async def test_only_those_who_may_write_show_that_they_are_typing(world: World) -> None:
    """`typing` is never answered: what counts is what the others see. Whoever may only see follows, and shows nothing."""
    devices, opened = world
    wang, zhao = devices["own patient"], devices["treating doctor"]
    for name in ("own patient", "treating doctor", *SEEING):
        await devices[name].follow(opened[ACTIVE])
    for name in sorted(ALL - OWN - TREATING - SPEAKING):
        await devices[name].send("typing", consultation=opened[ACTIVE], on=True)
        assert (await devices[name].ask("ping"))["type"] == "pong"
    await wang.send("typing", consultation=opened[ACTIVE], on=True)
    await zhao.until(lambda frame: frame["type"] == "typing", "Wang's typing")
    await zhao.send("typing", consultation=opened[ACTIVE], on=True)
    await wang.until(lambda frame: frame["type"] == "typing", "Dr Zhao's typing")
    await devices["relative"].send("typing", consultation=opened[ACTIVE], on=True)
    relative = devices["relative"].heard[0]["person"]
    for listener in (wang, zhao):
        await listener.until(lambda frame: frame["type"] == "typing" and frame["person"] == relative, "the relative's typing")
    typed = {frame["person"] for listener in (wang, zhao) for frame in listener.heard if frame["type"] == "typing"}
    welcomed = {name: devices[name].heard[0]["person"] for name in ALL}
    assert typed == {welcomed["own patient"], welcomed["treating doctor"], welcomed["relative"]}


async def test_a_closed_account_gets_no_socket_and_no_command_through(server: Server) -> None:
    """Its session began before; the cookie is still there."""
    async with back(server, CLOSED_ACCOUNT) as page:
        with pytest.raises(ConnectionError, match="401"):
            await page.ticket()
        assert await close_code(server, {"Cookie": page.cookie}) == protocol.CloseCode.SIGNED_OUT
        for command, expected in [(name, one) for name, found in EXPECTED.items() for one in found]:
            members = members_of(expected, dict.fromkeys((ACTIVE, QUEUED, CLOSED, SIDE, LIVE, OVER), NOBODY))
            answer = await page.post("/api/commands", {"type": command, "id": "1", **members})
            assert (answer.status_code, answer.json()["code"]) == (401, "signed_out"), command


async def test_without_a_session_there_is_no_socket(server: Server) -> None:
    assert await close_code(server, {}) == protocol.CloseCode.SIGNED_OUT


async def close_code(server: Server, headers: dict[str, str]) -> int | None:
    async with connect(f"{server.socket_url}/ws/", origin=Origin(server.url), additional_headers=headers) as socket:
        await asyncio.wait_for(socket.wait_closed(), PATIENCE_SECONDS)
        return socket.close_code
