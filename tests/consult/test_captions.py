"""Each person decides whether their own voice is captioned; only so many calls are at once, and what nobody agreed to is not heard."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from consult.protocol.captions import MAX_SOUND_BYTES
from records.demo import demo_id
from tests.consult.calling import a_case, acts, connected, done, hears, refused
from tests.consult.device import Device, Frame, browser, client_id, device, socket_of
from tests.consult.sound import piece
from tests.deployment import Server

SHEET = {"text_version": "2026-11"}
Talk = tuple[Device, Device, str, str]  # Wang, Dr Zhao, the case, their call


@pytest.fixture
async def talk(server: Server) -> AsyncIterator[Talk]:
    async with device(server, "wang") as wang, device(server, "zhao") as zhao:
        case = await a_case(wang, zhao)
        call = await connected(wang, zhao, case)
        yield wang, zhao, case, call
        await done(wang, "call.hangup", call=call)


def who(**states: str) -> list[dict[str, str]]:
    """In the order in which they sat down: Wang called."""
    return [{"person": str(demo_id(key)), "state": state} for key, state in states.items()]


async def asks(one: Device, call: str, id_: str = "") -> Frame:
    return await done(one, "captions.request", call=call, client_id=id_ or client_id(), **SHEET)


async def answers(one: Device, call: str, *, yes: bool) -> Frame:
    return await done(one, "captions.consent", call=call, client_id=client_id(), granted=yes, **SHEET)


async def test_dr_zhao_asks_for_captions_and_wang_answers_for_her_own_voice(talk: Talk) -> None:
    wang, zhao, case, call = talk
    assert (await hears(wang, "call.accepted", call))["captions"] is True
    once = client_id()
    for _ in range(2):
        await asks(zhao, call, once)
    for one in talk[:2]:
        await hears(one, "captions.state", call, people=who(wang="asked", zhao="on"))
    assert await refused(wang, "captions.sound", call=call, pcm=piece()) == "captions.not_on", "she was asked, no more"
    await answers(wang, call, yes=True)
    await hears(zhao, "captions.state", call, people=who(wang="on", zhao="on"))
    await answers(wang, call, yes=False)
    await hears(zhao, "captions.state", call, people=who(wang="off", zhao="on"))
    assert await refused(wang, "captions.sound", call=call, pcm=piece()) == "captions.not_on"
    await done(zhao, "captions.stop", call=call, client_id=client_id())
    await hears(wang, "captions.state", call, people=[])
    assert await refused(zhao, "captions.sound", call=call, pcm=piece()) == "captions.not_on"
    told = [(kind, body.get("granted")) for kind, body in await acts(wang, case, "captions.stopped")]
    assert told[2:] == [
        ("captions.asked", None), ("captions.answered", True), ("captions.answered", False), ("captions.stopped", None),
    ]  # fmt: skip


async def test_whoever_is_asked_may_ask_too_which_is_a_yes(talk: Talk) -> None:
    wang, zhao, case, call = talk
    assert (
        await refused(zhao, "captions.consent", call=call, client_id=client_id(), granted=True, **SHEET) == "captions.not_asked"
    )
    await asks(wang, call)
    await asks(zhao, call)
    await hears(wang, "captions.state", call, people=who(wang="on", zhao="on"))
    assert [kind for kind, _ in (await acts(wang, case, "captions.answered"))[2:]] == ["captions.asked", "captions.answered"]
    for one in (wang, zhao):
        await answers(one, call, yes=False)
    await hears(wang, "captions.state", call, people=[])


async def test_a_question_that_nobody_is_captioned_for_keeps_no_place(talk: Talk) -> None:
    wang, zhao, _, call = talk
    await asks(zhao, call)
    await hears(wang, "captions.state", call, people=who(wang="asked", zhao="on"))
    await answers(zhao, call, yes=False)
    await hears(wang, "captions.state", call, people=[])


async def test_sound_has_a_shape_and_belongs_to_a_call_that_one_talks_in(talk: Talk, server: Server) -> None:
    wang, zhao, _, call = talk
    await asks(wang, call)
    await hears(wang, "captions.state", call, people=who(wang="on", zhao="asked"))
    for wrong in (piece(MAX_SOUND_BYTES + 2), piece(0), "no base64!", 7):
        assert await refused(wang, "captions.sound", call=call, pcm=wrong) == "bad_input"
    assert await refused(wang, "captions.sound", call=call, pcm=piece(3)) == "bad_input"
    async with device(server, "li") as outsider, device(server, "wang") as another:
        for one in (outsider, another):
            assert await refused(one, "captions.sound", call=call, pcm=piece()) == "not_found"
        asking: dict[str, Any] = {"call": call, "client_id": client_id(), **SHEET}
        assert await refused(outsider, "captions.request", **asking) == "not_found"
    await done(zhao, "call.hangup", call=call)
    await hears(wang, "call.ended", call)
    assert await refused(wang, "captions.sound", call=call, pcm=piece()) == "not_found", "what comes late is nobody's"


async def test_of_two_calls_one_is_captioned_until_it_ends(talk: Talk, server: Server) -> None:
    wang, _, _, call = talk
    await asks(wang, call)
    async with device(server, "li") as li, device(server, "qian") as qian:
        other = await connected(li, qian, await a_case(li, qian))
        assert await refused(li, "captions.request", call=other, client_id=client_id(), **SHEET) == "captions.full"
        await done(wang, "call.hangup", call=call)
        await asks(li, other)
        await hears(
            qian,
            "captions.state",
            other,
            people=[{"person": str(demo_id("li")), "state": "on"}, {"person": str(demo_id("qian")), "state": "asked"}],
        )
        await done(li, "call.hangup", call=other)


async def test_whoever_comes_back_on_a_new_socket_is_captioned_as_before(server: Server) -> None:
    phone = client_id()
    async with browser(server, "wang") as page, device(server, "zhao") as zhao:
        async with socket_of(page) as wang:
            call = await connected(wang, zhao, await a_case(wang, zhao), (phone, ""))
            await asks(wang, call)
            await hears(wang, "captions.state", call, people=who(wang="on", zhao="asked"))
        async with socket_of(page) as again:
            assert await refused(again, "captions.sound", call=call, pcm=piece()) == "not_found", "not before it took its seat"
            await done(again, "call.resume", call=call, device=phone)
            await hears(again, "captions.state", call, people=who(wang="on", zhao="asked"))
            assert await refused(again, "captions.sound", call=call, pcm=piece(3)) == "bad_input", "it is heard again"
            await done(again, "call.hangup", call=call)
