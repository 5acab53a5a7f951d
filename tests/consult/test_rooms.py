"""Rooms over real sockets and a real Janus, without media: who gets in, who is put out, what is recorded when, what stays behind."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from records.demo import demo_id
from tests.consult.calling import a_case, done, hears, refused
from tests.consult.device import client_id, device
from tests.consult.rooms import (
    OFFER,
    a_discussion,
    a_janus,
    come,
    gone_from,
    invite,
    needs_janus,
    open_room,
    rooms_at,
    settings_of,
    sitting,
)
from tests.deployment import Deployment, Server, new_deployment
from tools.services import Service

pytestmark = needs_janus
SHEET = "1"


@pytest.fixture(scope="module")
def janus() -> Iterator[Service]:
    with a_janus((21000, 21099)) as service:
        yield service


@pytest.fixture(scope="module")
def server(hospital_template: Deployment, tmp_path_factory: pytest.TempPathFactory, janus: Service) -> Iterator[Server]:
    with new_deployment(tmp_path_factory.mktemp("rooms") / "hospital", hospital_template) as deployment:
        yield deployment.start("--no-worker", env={"XINQIAO_FRAMES_PER_SECOND": "0", **settings_of(janus)})


async def test_colleagues_meet_beside_a_case_and_its_patient_hears_nothing_of_it(server: Server, janus: Service) -> None:
    async with device(server, "wang") as wang, device(server, "zhao") as zhao, device(server, "liu") as liu:
        case = await a_case(wang, zhao)
        side = await a_discussion(zhao, case, "liu")
        await liu.follow(side)
        room = await open_room(zhao, side)
        await hears(zhao, "room.ready", room)
        assert await refused(liu, "room.join", call=room, **_chair()) == "not_found", "nobody comes uninvited"
        assert (
            await refused(zhao, "room.invite", call=room, client_id=client_id(), person=str(demo_id("wang"))) == "room.stranger"
        )
        await invite(zhao, room, "liu")
        await hears(liu, "room.invited", room, consultation=side)
        await come(liu, room)
        await sitting(zhao, room, {"zhao": "in", "liu": "in"})
        for one in (zhao, liu):
            await done(one, "room.offer", call=room, sdp=OFFER)
            assert "m=audio" in (await hears(one, "room.published", room))["sdp"]
        assert UUID(room) in await rooms_at(janus)
        await done(zhao, "call.media", call=room, audio=False, video=False)
        await hears(liu, "room.media", room, person=str(demo_id("zhao")), audio=False)
        sheet = {"call": room, "client_id": client_id(), "text_version": SHEET}
        assert await refused(zhao, "recording.request", **sheet) == "recording.colleagues_only"
        await done(zhao, "room.remove", call=room, client_id=client_id(), person=str(demo_id("liu")))
        await hears(liu, "call.ended", room, reason="removed")
        for command, members in {"room.offer": {"sdp": OFFER}, "room.join": _chair()}.items():
            assert await refused(liu, command, call=room, **members) == "not_found", command
        await done(zhao, "room.close", call=room)
        await hears(zhao, "call.ended", room, reason="closed")
        await gone_from(janus, room)
        kinds = [event["kind"] for _, event in sorted(liu.events[side].items())]
        await liu.until(lambda _: "room.closed" in {event["kind"] for event in liu.events[side].values()}, "the end")
        kinds = [event["kind"] for _, event in sorted(liu.events[side].items()) if event["kind"].startswith("room.")]
        assert kinds == ["room.opened", "room.joined", "room.invited", "room.joined", "room.left", "room.closed"]
        assert not [frame for frame in wang.heard if room in str(frame)], "not even that there was a room"


async def test_who_joins_while_it_is_recorded_stops_it_until_they_agree(server: Server) -> None:
    async with device(server, "wang") as wang, device(server, "zhao") as zhao, device(server, "liu") as liu:
        case = await a_case(wang, zhao)
        await a_discussion(zhao, case, "liu")
        room = await open_room(zhao, case)
        for who, guest in (("wang", wang), ("liu", liu)):
            await invite(zhao, room, who)
            await hears(guest, "room.invited", room, consultation=case)
        await come(wang, room)
        await done(zhao, "recording.request", call=room, client_id=client_id(), text_version=SHEET)
        await hears(wang, "recording.state", room, state="asked", generation=1)
        await _agree(wang, room)
        await hears(zhao, "recording.state", room, state="on", generation=1)
        await come(liu, room)
        for one in (wang, zhao, liu):
            told = await hears(one, "recording.state", room, state="asked", generation=2)
            granted = {answer["person"]: answer["granted"] for answer in told["answers"]}
            assert granted == {str(demo_id("zhao")): True, str(demo_id("wang")): True, str(demo_id("liu")): None}
        await _agree(liu, room)
        await hears(wang, "recording.state", room, state="on", generation=2)
        await done(wang, "recording.consent", call=room, client_id=client_id(), granted=False, text_version=SHEET)
        await hears(liu, "recording.state", room, state="withdrawn", generation=2)
        # Whoever treats the case no longer is out of its room at once; it stays open for the others until the last has left.
        await done(zhao, "consultation.return", consultation=case, client_id=client_id(), reason="换班")
        await hears(zhao, "call.ended", room)
        await done(wang, "call.hangup", call=room)
        await done(liu, "call.hangup", call=room)
        await hears(liu, "call.ended", room)
        assert await refused(wang, "room.join", call=room, **_chair()) == "call.over"


async def _agree(one: Any, room: str) -> None:
    await done(one, "recording.consent", call=room, client_id=client_id(), granted=True, text_version=SHEET)


def _chair() -> dict[str, Any]:
    return {"client_id": client_id(), "device": client_id(), "media": ["audio"]}
