"""The states of a call over real sockets: rung, answered, refused, missed, taken back, on several devices, dropped and taken up again."""

from collections.abc import Iterator
from typing import Any

import pytest

from records.demo import demo_id
from tests.consult.calling import a_case, acts, answer, connected, done, heard, hears, refused, ring
from tests.consult.device import Session, browser, client_id, device, socket_of, texts
from tests.deployment import Deployment, Server, new_deployment

SDP = "v=0 o=a-description-of-wangs\r\n"


@pytest.fixture(scope="module")
def hasty(hospital_template: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Where a call rings five seconds, and a lost device has one to come back."""
    hurry = {"XINQIAO_CALL_RING_SECONDS": "5", "XINQIAO_CALL_GRACE_SECONDS": "1"}
    with new_deployment(tmp_path_factory.mktemp("hasty") / "hospital", hospital_template) as deployment:
        yield deployment.start("--no-worker", env=hurry)


async def test_wang_calls_dr_zhao_and_they_talk(server: Server) -> None:
    async with device(server, "wang") as wang, device(server, "zhao") as zhao:
        case = await a_case(wang, zhao)
        call = await ring(wang, case, media=["video", "audio"])
        incoming = await hears(zhao, "call.incoming", call, consultation=case)
        assert incoming["until"] - incoming["at"] >= 60_000
        await done(zhao, "call.ringing", call=call)
        await hears(wang, "call.rings", call)
        await done(zhao, "call.accept", call=call, device=client_id(), media=["audio"])
        told = [await hears(one, "call.accepted", call, media=["audio"]) for one in (wang, zhao)]
        assert [frame["polite"] for frame in told] == [False, True], "the one who was called gives way"
        await done(wang, "rtc.description", call=call, kind="offer", sdp=SDP)
        assert (await hears(zhao, "peer.description", call))["sdp"] == SDP
        await done(zhao, "rtc.candidates", call=call, candidates=[{"candidate": "", "sdpMid": "0"}])
        assert (await hears(wang, "peer.candidates", call))["candidates"] == [{"candidate": "", "sdpMid": "0"}]
        await done(zhao, "call.media", call=call, audio=False, video=False)
        await hears(wang, "peer.media", call, audio=False)
        await done(wang, "call.quality", call=call, quality="poor")
        await hears(zhao, "peer.quality", call, quality="poor")
        await done(wang, "ice.refresh", call=call)
        await hears(wang, "ice.servers", call)
        await done(zhao, "call.hangup", call=call)
        for one in (wang, zhao):
            await hears(one, "call.ended", call, state="ended", reason="done", by=str(demo_id("zhao")))
        said = await acts(wang, case, "call.ended")
        assert [kind for kind, _ in said] == ["call.invited", "call.answered", "call.ended"]
        kept = [path.read_bytes() for path in server.log.parent.rglob("*") if path.is_file()]  # database, log and all
        assert kept
        assert not [content for content in kept if SDP.strip().encode() in content], (
            "what devices say to each other is not kept"
        )
        assert await refused(wang, "rtc.description", call=call, kind="offer", sdp="v=0") == "not_found"
        await done(wang, "call.hangup", call=call)
        assert len(await acts(wang, case, "call.ended")) == 3, "it ended once"


async def test_it_rings_on_every_device_of_dr_zhao_and_stops_where_it_is_not_answered(server: Server) -> None:
    async with device(server, "wang") as wang, device(server, "zhao") as desk, device(server, "zhao") as phone:
        case = await a_case(wang, desk)
        call = await ring(wang, case)
        for one in (desk, phone):
            await hears(one, "call.incoming", call)
        async with device(server, "zhao") as late:
            await hears(late, "call.incoming", call)
            await answer(phone, call)
            for one in (desk, late):
                await hears(one, "call.answered_elsewhere", call)
        assert await refused(desk, "call.accept", call=call, device=client_id(), media=["audio"]) == "call.elsewhere"
        assert await refused(desk, "rtc.description", call=call, kind="offer", sdp="v=0") == "not_found", "not the bound device"
        assert await refused(desk, "call.resume", call=call, device=client_id()) == "not_found"
        await done(wang, "call.hangup", call=call)
        await hears(phone, "call.ended", call)
        assert heard(desk, call) == ["call.incoming", "call.answered_elsewhere"]


async def test_dr_zhao_declines_with_a_word_and_wang_takes_the_next_one_back(server: Server) -> None:
    async with device(server, "wang") as wang, device(server, "zhao") as zhao, device(server, "zhao") as other:
        case = await a_case(wang, zhao)
        call = await ring(wang, case)
        await hears(zhao, "call.incoming", call)
        await done(zhao, "call.decline", call=call, reason="later", note="十分钟后打给您")
        for one in (wang, zhao, other):
            await hears(one, "call.ended", call, state="declined", reason="later", duration_s=None)
        await wang.follow(case)
        await wang.until(lambda _: texts(list(wang.events[case].values())) == ["十分钟后打给您"], "the note")
        call = await ring(wang, case)
        await hears(zhao, "call.incoming", call)
        await done(wang, "call.hangup", call=call)
        await hears(zhao, "call.ended", call, state="cancelled")
        assert await refused(zhao, "call.accept", call=call, device=client_id(), media=["audio"]) == "call.over"


async def test_both_call_at_once_and_are_in_one_call(server: Server) -> None:
    async with device(server, "wang") as wang, device(server, "zhao") as zhao:
        case = await a_case(wang, zhao)
        mine, once = client_id(), client_id()
        call = await ring(wang, case)
        for _ in range(2):  # its answer was lost, and it came again
            assert await ring(zhao, case, mine, client_id=once) == call
        for one in (wang, zhao):
            await hears(one, "call.accepted", call)
        assert [kind for kind, _ in await acts(wang, case, "call.answered")] == ["call.invited", "call.answered"]
        await done(wang, "call.hangup", call=call)


async def test_whoever_is_in_a_call_is_busy_for_others_and_starts_no_second(server: Server) -> None:
    async with device(server, "wang") as wang, device(server, "wu") as wu, device(server, "zhao") as zhao:
        one, two = await a_case(wang, zhao), await a_case(wu, zhao)
        call = await connected(wang, zhao, one)
        missed = await ring(wu, two)
        await hears(wu, "call.ended", missed, state="busy")
        assert [body.get("state") for _, body in await acts(zhao, two, "call.ended")] == [None, "busy"]
        again = {"media": ["audio"], "device": client_id(), "client_id": client_id()}
        assert await refused(zhao, "call.invite", consultation=two, **again) == "call.in_another"
        assert heard(zhao, missed) == [], "nothing rings in a call"
        await done(zhao, "call.hangup", call=call)
        await hears(wang, "call.ended", call)


async def test_a_device_comes_back_on_a_new_connection_and_the_call_goes_on(server: Server) -> None:
    phone = client_id()
    async with browser(server, "wang") as session, device(server, "zhao") as zhao:
        async with socket_of(session) as before:
            case = await a_case(before, zhao)
            call = await connected(before, zhao, case, (phone, ""))
        away = await hears(zhao, "call.away", call)
        assert away["until"] is not None
        async with socket_of(session) as after:
            assert await refused(after, "call.resume", call=call, device=client_id()) == "not_found", "another page of hers"
            await done(after, "call.resume", call=call, device=phone)
            await hears(after, "call.accepted", call, resumed=True)
            await hears(zhao, "call.away", call, until=None)
            await done(zhao, "rtc.description", call=call, kind="offer", sdp="v=0")
            await hears(after, "peer.description", call)
            async with socket_of(session) as newest:  # another network, before anybody noticed that the last one is gone
                await done(newest, "call.resume", call=call, device=phone)
                await hears(newest, "call.accepted", call)
                await after.close()
                await done(zhao, "rtc.description", call=call, kind="answer", sdp="v=0")
                await hears(newest, "peer.description", call, kind="answer")
                assert heard(zhao, call).count("call.away") == 2, "the old connection was nobody's any more"
                await done(newest, "call.hangup", call=call)
        kinds = [kind for kind, _ in await acts(zhao, case, "call.ended")]
        assert kinds == ["call.invited", "call.answered", "call.dropped", "call.returned", "call.ended"]


async def test_nobody_answers_and_whoever_is_lost_for_good_ends_the_call(hasty: Server) -> None:
    async with device(hasty, "zhao") as zhao:
        async with device(hasty, "wang") as wang:
            case = await a_case(wang, zhao)
            missed = await ring(wang, case)
            for one in (wang, zhao):
                await hears(one, "call.ended", missed, state="missed", reason="no_answer", by=None)
            call = await connected(wang, zhao, case)
        await hears(zhao, "call.ended", call, state="ended", reason="no_connection", by=None)
        async with browser(hasty, "zhao") as page:
            row = next(row for row in (await page.get("/api/consultations")) if row["id"] == case)
        assert row["needs_reply_since"] is None, "she was answered"
        async with device(hasty, "wang") as wang:
            gone = await ring(wang, case)
        await hears(zhao, "call.ended", gone, state="cancelled", reason="no_connection")


async def test_lists_say_who_may_call_and_whose_call_was_missed_until_it_is_seen(server: Server) -> None:
    async with (
        device(server, "wang") as wang,
        device(server, "zhao") as zhao,
        browser(server, "wang") as hers,
        browser(server, "zhao") as his,
    ):

        async def row(page: Session) -> dict[str, Any]:
            return dict(await page.get(f"/api/consultations/{case}"))

        case = await a_case(wang, zhao)
        call = await ring(zhao, case)
        await hears(wang, "call.incoming", call)
        assert not (await row(hers))["missed_call"], "it still rings"
        await done(zhao, "call.hangup", call=call)
        await hears(wang, "call.ended", call)
        assert [(await row(page))["missed_call"] for page in (hers, his)] == [True, False]
        await done(wang, "cursor.advance", consultation=case, read=(await row(hers))["last_seq"])
        assert not (await row(hers))["missed_call"], "she has seen it"
        assert (await hers.put("/api/session/needs", {"needs": ["sight", "hearing"]})).status_code == 204
        before = (await row(his))["before_call"]
        assert before["needs"] == ["hearing", "sight"]
        assert (before["last_call"]["state"], before["last_call"]["mine"]) == ("cancelled", True)
        assert (await row(hers))["before_call"] is None
        assert [(await row(page))["may_call"] for page in (hers, his)] == [True, True]
        await done(zhao, "consultation.close", consultation=case, client_id=client_id(), summary="血压平稳", advice="")
        assert not (await row(hers))["may_call"]
