"""Rooms in tests: a Janus of their own, and what a page says on its way into a room."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from consult.rooms.videoroom import VideoRoom
from records.demo import demo_id
from tests.consult.calling import done, hears
from tests.consult.device import Device, client_id
from tools.services import JANUS_SECRETS, Service, new_janus, running

needs_janus = pytest.mark.skipif(shutil.which("janus") is None, reason="Janus is not installed: apt-get install janus")
# What a browser offers, without a way to it: Janus answers, and no media ever come.
KEYS = """a=ice-ufrag:wang
a=ice-pwd:abcdefghijklmnopqrstuvwx
a=fingerprint:sha-256 9F:AD:B3:62:EC:B4:A9:D1:B6:B9:A9:8F:10:C2:26:0D:35:91:9E:91:65:A0:68:78:F5:E1:C6:93:D4:4A:7E:0A
a=setup:actpass
a=rtcp-mux
a=sendonly"""
OFFER = f"""v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=mid:0
{KEYS}
a=rtpmap:111 opus/48000/2
a=ssrc:1234 cname:x
""".replace("\n", "\r\n")


@contextmanager
def a_janus(ports: tuple[int, int]) -> Iterator[Service]:
    # A short path: a socket's name may have 107 bytes.
    with (
        tempfile.TemporaryDirectory(prefix="xq-", dir="/tmp") as place,
        running(new_janus(Path(place) / "janus", ports)) as janus,
    ):
        yield janus


def settings_of(janus: Service) -> dict[str, str]:
    return {"XINQIAO_JANUS_SOCKET": janus.url, **JANUS_SECRETS}


async def rooms_at(janus: Service) -> set[UUID]:
    """Those that the media server has, by its own account."""
    server = VideoRoom(janus.url, *JANUS_SECRETS.values())
    try:
        return await server.rooms()
    finally:
        await server.close()


async def left_behind(janus: Service, room: UUID) -> None:
    """A room that a process opened, and then died."""
    server = VideoRoom(janus.url, *JANUS_SECRETS.values())
    await server.sit(room, uuid4(), Deaf())
    await server.close()


async def who_sits(server: VideoRoom, room: UUID) -> list[UUID]:
    """By the media server's own account; somebody who is there twice comes twice."""
    body = {"request": "listparticipants", "room": str(room), "secret": server.secret(room)}
    answer = await (await server._open()).request(server._manager, body)
    return [UUID(one["id"].partition(".")[0]) for one in answer["plugindata"]["data"]["participants"]]


class Deaf:
    def offered(self, sdp: str, heard: object) -> None: ...

    def cut(self, side: object) -> None: ...


async def a_discussion(doctor: Device, case: str, colleague: str) -> str:
    """The side thread of a case, with a colleague in it."""
    side = str((await done(doctor, "side.open", consultation=case, client_id=client_id()))["consultation"])
    await done(doctor, "side.invite", consultation=side, client_id=client_id(), person=str(demo_id(colleague)))
    return side


async def open_room(doctor: Device, thread: str) -> str:
    asked = {"device": client_id(), "media": ["audio"], "client_id": client_id()}
    return str((await done(doctor, "room.open", consultation=thread, **asked))["call"])


async def come(guest: Device, room: str, device: str = "") -> None:
    await done(guest, "room.join", call=room, client_id=client_id(), device=device or client_id(), media=["audio"])
    await hears(guest, "room.ready", room)


async def invite(doctor: Device, room: str, who: str) -> None:
    await done(doctor, "room.invite", call=room, client_id=client_id(), person=str(demo_id(who)))


async def sitting(device: Device, room: str, expected: dict[str, str]) -> None:
    """Wait until this device is told that just these people are in these states."""
    wanted = {str(demo_id(who)): state for who, state in expected.items()}
    await device.until(
        lambda frame: (
            frame["type"] == "room.state"
            and frame["call"] == room
            and {one["person"]: one["state"] for one in frame["sitters"]} == wanted
        ),
        f"{expected}",
    )


async def gone_from(janus: Service, room: str) -> None:
    for _ in range(200):
        if UUID(room) not in await rooms_at(janus):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the room is still there")
