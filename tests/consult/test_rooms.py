"""Rooms over real sockets and a real Janus, without media: who gets in, who is put out, what is recorded when, what stays behind."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings

from consult.rooms import leftovers
from consult.rooms.checks import rooms_are_ours_alone
from consult.rooms.videoroom import VideoRoom
from records.demo import demo_id
from tests.consult.calling import a_case, done, hears, refused
from tests.consult.device import Device, client_id, device
from tests.consult.rooms import (
    OFFER,
    Deaf,
    a_discussion,
    a_janus,
    come,
    gone_from,
    invite,
    left_behind,
    needs_janus,
    open_room,
    rooms_at,
    settings_of,
    sitting,
    who_sits,
)
from tests.deployment import Deployment, Server, new_deployment
from tools.services import JANUS_SECRETS, Service, new_janus, running

pytestmark = [pytest.mark.once, needs_janus]
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
        await done(zhao, "recording.stop", call=room, client_id=client_id())
        await hears(wang, "recording.state", room, state="stopped", generation=2)
        await _take_back_what_is_kept(wang, liu, room)
        await done(zhao, "recording.request", call=room, client_id=client_id(), text_version=SHEET)
        await hears(wang, "recording.state", room, state="asked", generation=3)
        await _agree(wang, room)
        await _agree(liu, room)
        await hears(wang, "recording.state", room, state="on", generation=3)
        await done(wang, "recording.consent", call=room, client_id=client_id(), granted=False, text_version=SHEET)
        await hears(liu, "recording.state", room, state="withdrawn", generation=3)
        # Whoever treats the case no longer is out of its room at once; it stays open for the others until the last has left.
        await done(zhao, "consultation.return", consultation=case, client_id=client_id(), reason="换班")
        await hears(zhao, "call.ended", room)
        await done(wang, "call.hangup", call=room)
        await done(liu, "call.hangup", call=room)
        await hears(liu, "call.ended", room)
        assert await refused(wang, "room.join", call=room, **_chair()) == "call.over"


async def _take_back_what_is_kept(wang: Device, liu: Device, room: str) -> None:
    """Nothing is asked any more. Wang had agreed to what is kept, Liu had not."""
    no = {"call": room, "granted": False, "text_version": SHEET}
    assert await refused(liu, "recording.consent", client_id=client_id(), **no) == "recording.not_asked"
    await done(wang, "recording.consent", client_id=client_id(), **no)
    assert await refused(wang, "recording.consent", client_id=client_id(), **no) == "recording.not_asked", "it is gone"


def test_the_check_tells_a_janus_that_lets_others_in_from_ours(settings: Settings, janus: Service, tmp_path: Path) -> None:
    for name, value in settings_of(janus).items():
        setattr(settings, name, value)
    assert rooms_are_ours_alone(None) == []
    weak = new_janus(tmp_path / "weak", (21200, 21209))
    (weak.place / "janus.plugin.videoroom.jcfg").write_text("general: { string_ids = true }")
    settings.XINQIAO_JANUS_SOCKET = weak.url
    assert [found.id for found in rooms_are_ours_alone(None)] == ["consult.W001"], "it does not answer yet"
    with running(weak):
        assert [found.id for found in rooms_are_ours_alone(None)] == ["consult.E003"], "rooms without a key"
        Path(weak.url).chmod(0o777)
        assert [found.id for found in rooms_are_ours_alone(None)] == ["consult.E002"]
    settings.XINQIAO_JANUS_ADMIN_KEY = ""
    assert [found.id for found in rooms_are_ours_alone(None)] == ["consult.E001"]


def test_what_a_dead_process_left_at_the_media_server_is_ended(settings: Settings, janus: Service, db: None) -> None:
    for name, value in settings_of(janus).items():
        setattr(settings, name, value)
    left = uuid4()
    asyncio.run(left_behind(janus, left))
    assert left in asyncio.run(rooms_at(janus))
    assert leftovers.sweep() >= 1
    assert left not in asyncio.run(rooms_at(janus))


async def test_whoever_comes_again_by_another_process_is_there_once_however_the_first_one_died(janus: Service) -> None:
    """Everybody would see and hear their ghost beside them otherwise."""
    room, wang, zhao = uuid4(), uuid4(), uuid4()
    dead, living = (VideoRoom(janus.url, *JANUS_SECRETS.values()) for _ in range(2))
    try:
        for server, person in ((dead, wang), (dead, zhao), (living, wang)):
            await (await server.sit(room, person, Deaf())).publish(OFFER)
        assert sorted(await who_sits(living, room)) == sorted([wang, zhao])
    finally:
        for server in (dead, living):
            await server.close()


async def _agree(one: Any, room: str) -> None:
    await done(one, "recording.consent", call=room, client_id=client_id(), granted=True, text_version=SHEET)


def _chair() -> dict[str, Any]:
    return {"client_id": client_id(), "device": client_id(), "media": ["audio"]}
