"""Wang lets her daughter Chen in: she sees and asks on Wang's behalf, and is out at once when Wang wants it. Over real sockets."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from tests.consult.calling import answer, done, heard, hears, ring
from tests.consult.device import Device, Session, browser, client_id, device
from tests.deployment import Deployment, Server, new_deployment

pytestmark = pytest.mark.once

CHEN = {"phone": "13800000045", "name": "陈静", "messages": "ask", "days": 7}


@pytest.fixture(scope="module")
def server(hospital_template: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with new_deployment(tmp_path_factory.mktemp("family") / "hospital", hospital_template) as deployment:
        yield deployment.start("--no-worker")


@pytest.fixture
async def people(server: Server) -> AsyncIterator[tuple[Session, Device, Device, Device]]:
    """Wang's browser, and devices of Wang, Chen and Dr Zhao."""
    async with AsyncExitStack() as stack:
        devices = [await stack.enter_async_context(device(server, key)) for key in ("wang", "chen", "zhao")]
        mine = await stack.enter_async_context(browser(server, "wang"))
        wang, chen, zhao = devices
        yield mine, wang, chen, zhao
        for row in (await mine.get("/api/family"))["mine"]:
            await shut_out(mine, row["id"])


async def let_in(wang: Session, **changes: Any) -> str:
    answer = await wang.post("/api/family", {**CHEN, **changes})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def shut_out(wang: Session, access: str) -> None:
    answer = await wang.http.delete(f"/api/family/{access}", headers={"X-CSRFToken": wang.http.cookies["xinqiao_csrf"]})
    assert answer.status_code == 204, answer.text


async def says(who: Device, case: str, text: str) -> Any:
    return await who.ask("message.send", consultation=case, client_id=client_id(), text=text)


async def test_she_asks_on_wangs_behalf_and_her_words_are_marked_as_hers(
    server: Server, people: tuple[Session, Device, Device, Device]
) -> None:
    mine, wang, chen, zhao = people
    case = await wang.open()
    assert (await chen.ask("timeline.follow", consultation=case, since=0))["code"] == "not_found"
    await let_in(mine)
    later = await wang.open("复诊")
    for one in (case, later):
        assert (await chen.ask("timeline.follow", consultation=one, since=0))["type"] == "ack", "also what is opened later"
    await zhao.ask("consultation.claim", consultation=case)
    assert (await says(zhao, case, "请问吃了什么药？"))["type"] == "ack"
    said = await says(chen, case, "妈妈今天吃了降压药")
    assert said["type"] == "ack"
    async with browser(server, "chen") as daughter, browser(server, "zhao") as doctor:
        assert {row["id"] for row in await daughter.get("/api/consultations")} >= {case, later}
        detail = await doctor.get(f"/api/consultations/{case}")
    assert detail["needs_reply"], "it is the patient's side that spoke"
    marked = {row["name"]: row["title"]["zh"] for row in detail["participants"] if row["title"]}
    assert marked["陈静"] == "王秀兰的家人"
    events = await mine.get(f"/api/consultations/{case}/events")
    senders = {event["seq"]: event["sender"] for event in events["events"]}
    assert senders[said["seq"]] == chen.heard[0]["person"] != wang.heard[0]["person"]


async def test_shut_out_she_hears_and_says_nothing_more_at_once(people: tuple[Session, Device, Device, Device]) -> None:
    mine, wang, chen, _ = people
    access = await let_in(mine)
    case = await wang.open()
    assert (await chen.ask("timeline.follow", consultation=case, since=0))["type"] == "ack"
    assert (await says(wang, case, "还在头晕"))["type"] == "ack"
    await chen.until(lambda frame: frame["type"] == "timeline" and len(chen.events.get(case, {})) >= 2, "what Wang wrote")
    await shut_out(mine, access)
    secret = await says(wang, case, "这句不想让女儿看到")
    assert (await says(chen, case, "妈妈？"))["code"] == "not_found"
    assert (await chen.ask("timeline.follow", consultation=case, since=0))["code"] == "not_found"
    assert secret["seq"] not in chen.events[case]


async def test_who_may_only_see_says_nothing(people: tuple[Session, Device, Device, Device]) -> None:
    mine, wang, chen, _ = people
    await let_in(mine, messages="see")
    case = await wang.open()
    assert (await chen.ask("timeline.follow", consultation=case, since=0))["type"] == "ack"
    assert (await says(chen, case, "我来问"))["code"] == "not_found"
    await let_in(mine)
    assert (await says(chen, case, "现在可以了"))["type"] == "ack"


async def test_a_relative_of_one_patient_is_nobody_to_another(
    people: tuple[Session, Device, Device, Device], server: Server
) -> None:
    mine, _, chen, zhao = people
    await let_in(mine)
    async with device(server, "wu") as wu:
        case = await wu.open()
        assert (await chen.ask("timeline.follow", consultation=case, since=0))["code"] == "not_found"
        side_of = await wu.open()
    await zhao.ask("consultation.claim", consultation=side_of)
    side = await zhao.ask("side.open", consultation=side_of, client_id=client_id())
    assert (await chen.ask("timeline.follow", consultation=side["consultation"], since=0))["code"] == "not_found"


async def test_she_answers_for_wang_where_calls_are_ticked_and_is_out_of_the_call_at_once(
    people: tuple[Session, Device, Device, Device],
) -> None:
    mine, wang, chen, zhao = people
    await let_in(mine)
    case = await wang.open()
    await done(zhao, "consultation.claim", consultation=case)
    asked = {"consultation": case, "client_id": client_id(), "device": client_id(), "media": ["audio"]}
    assert (await chen.ask("call.invite", **asked))["code"] == "not_found", "she may write, and not call"
    access = await let_in(mine, calls=True)
    call = await ring(zhao, case)
    for one in (wang, chen):
        await hears(one, "call.incoming", call)
    await done(wang, "call.decline", call=call)
    await answer(chen, call)
    assert heard(wang, call) == ["call.incoming"], "it rang on where Wang's daughter was asked too"
    await shut_out(mine, access)
    for one in (chen, zhao):
        await hears(one, "call.ended", call, state="ended", reason="not_allowed", by=None)
    assert (await chen.ask("rtc.description", call=call, kind="offer", sdp="v=0"))["code"] == "not_found"
