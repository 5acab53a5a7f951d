"""Rooms on Janus's VideoRoom plugin. https://janus.conf.meetecho.com/docs/videoroom.html

Every secret of a room is derived from the administration key and the room's id, so that any process can end a room that another made,
and none is stored. Whoever joins needs a token besides, made for that one moment.
"""

from __future__ import annotations

import asyncio
import hmac
import re
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from consult.rooms import janus
from consult.rooms.media import LOOPBACK, MOST, Heard, MediaError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consult.rooms.janus import Message, Session
    from consult.rooms.media import Listener, Side

NO_SUCH_ROOM: Final = 426
ROOM_EXISTS: Final = 427
VIDEO_BITS: Final = 600_000  # a second, of each who sends: five of them are 3 Mbit/s to a patient's phone
KEY_FRAME_SECONDS: Final = 10
OPUS: Final = 111
OURS: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class VideoRoom:
    """A media server for this process: its session is opened by the first who sits down, and again after it was lost."""

    def __init__(self, path: str, api_secret: str, admin_key: str) -> None:
        self._path, self._api_secret, self._admin_key = path, api_secret, admin_key
        self._session: Session | None = None
        self._manager = 0
        self._opening = asyncio.Lock()
        self._seats: set[Seat] = set()
        self._watching: asyncio.Task[None] | None = None

    async def sit(self, room: UUID, person: UUID, listener: Listener) -> Seat:
        session = await self._open()
        await self._make(session, room)
        await self._free(session, room, person)
        seat = Seat(self, session, room, listener)
        await seat.join(f"{person}.{secrets.token_hex(4)}")
        self._seats.add(seat)
        return seat

    def risen(self, seat: Seat) -> None:
        self._seats.discard(seat)

    async def join(self, session: Session, room: UUID, handle: int, body: Message) -> Message:
        """Let a handle into a room, with a token that is good for this once."""
        token = secrets.token_hex(16)
        await self._allow(session, room, "add", token)
        try:
            return await session.request(handle, {"request": "join", "room": str(room), "token": token, **body})
        finally:
            with suppress(MediaError):
                await self._allow(session, room, "remove", token)

    async def rooms(self) -> set[UUID]:
        session = await self._open()
        answer = await session.request(self._manager, {"request": "list", "admin_key": self._admin_key})
        return {UUID(row["room"]) for row in answer["plugindata"]["data"]["list"] if OURS.fullmatch(row["room"])}

    async def end(self, room: UUID) -> None:
        session = await self._open()
        body = {"request": "destroy", "room": str(room), "secret": self.secret(room)}
        try:
            await session.request(self._manager, body)
        except MediaError as error:
            if error.code != NO_SUCH_ROOM:
                raise

    async def close(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
        if self._session is not None:
            await self._session.close()

    def secret(self, room: UUID) -> str:
        return hmac.digest(self._admin_key.encode(), b"room " + room.bytes, "sha256").hex()

    def of_admin(self, room: UUID) -> Message:
        """What a request to forward must bring."""
        return {"room": str(room), "secret": self.secret(room), "admin_key": self._admin_key}

    async def _open(self) -> Session:
        async with self._opening:
            if self._session is None or self._session.gone.is_set():
                session = await janus.opened(self._path, self._api_secret)
                try:
                    self._manager = await session.attach(lambda _: None)
                except BaseException:
                    await session.close()
                    raise
                self._session = session
                self._watching = asyncio.get_running_loop().create_task(self._watch(session))
            return self._session

    async def _watch(self, session: Session) -> None:
        """Tell those who sit when the media server is gone."""
        await session.gone.wait()
        for seat in list(self._seats):
            seat.cut()

    async def _make(self, session: Session, room: UUID) -> None:
        body = {
            "request": "create",
            **self.of_admin(room),
            "is_private": True,
            "publishers": MOST,
            "allowed": [secrets.token_hex(16)],  # nobody's: from the first moment a token is needed
            "lock_record": True,
            "record": False,
            "bitrate": VIDEO_BITS,
            "bitrate_cap": True,
            "fir_freq": KEY_FRAME_SECONDS,
            "audiocodec": "opus",
            "videocodec": "vp8",
            "description": "",
        }
        try:
            await session.request(self._manager, body)
        except MediaError as error:
            if error.code != ROOM_EXISTS:
                raise

    async def _free(self, session: Session, room: UUID, person: UUID) -> None:
        """Put out what is left of this person's place before: of a process that died, or does not know yet that they went to another one.
        Everybody would see them twice until Janus finds out, in a minute."""
        secret = {"room": str(room), "secret": self.secret(room)}
        answer = await session.request(self._manager, {"request": "listparticipants", **secret})
        for one in answer["plugindata"]["data"]["participants"]:
            if one["id"].startswith(f"{person}."):
                with suppress(MediaError):  # it went by itself
                    await session.request(self._manager, {"request": "kick", "id": one["id"], **secret})

    async def _allow(self, session: Session, room: UUID, action: str, token: str) -> None:
        body = {"request": "allowed", "action": action, "allowed": [token], "room": str(room), "secret": self.secret(room)}
        await session.request(self._manager, body)


class Seat:
    """One device in one room: a handle on which it sends, and one on which it hears everybody else."""

    def __init__(self, server: VideoRoom, session: Session, room: UUID, listener: Listener) -> None:
        self._server, self._session, self._room, self._listener = server, session, room, listener
        self._out = self._in = 0
        self._name = ""
        self._others: set[str] = set()  # feeds that send
        self._asked: set[str] = set()  # feeds that this device hears, or was offered
        self._offered = False  # and has not answered
        self._forwarded: int | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def join(self, name: str) -> None:
        self._name = name
        self._out = await self._session.attach(self._out_heard)
        try:
            answer = await self._server.join(self._session, self._room, self._out, {"ptype": "publisher", "id": name})
        except MediaError:
            await self.leave()
            raise
        self._note(answer["plugindata"]["data"])

    async def publish(self, sdp: str) -> str:
        answer = await self._session.request(self._out, {"request": "publish"}, {"type": "offer", "sdp": sdp})
        if "jsep" not in answer:
            raise MediaError(0, "no answer to an offer")
        self._renew()
        answered: str = answer["jsep"]["sdp"]
        return answered

    async def answered(self, sdp: str) -> None:
        if not self._offered:
            raise MediaError(0, "nothing was offered")
        await self._session.request(self._in, {"request": "start"}, {"type": "answer", "sdp": sdp})
        self._offered = False
        self._renew()

    async def candidates(self, side: Side, candidates: Sequence[Mapping[str, object]]) -> None:
        handle = self._out if side == "out" else self._in
        if handle:
            await self._session.ask("trickle", handle, candidates=[_trickled(one) for one in candidates])

    async def forward(self, port: int, ssrc: int) -> None:
        """The one audio stream of whoever sends is the first of its description."""
        await self.hush()
        streams = [{"mid": "0", "port": port, "pt": OPUS, "ssrc": ssrc}]
        body = {"request": "rtp_forward", **self._server.of_admin(self._room), "publisher_id": self._name}
        answer = await self._session.request(self._out, {**body, "host": LOOPBACK, "streams": streams})
        self._forwarded = answer["plugindata"]["data"]["forwarders"][0]["stream_id"]

    async def hush(self) -> None:
        if self._forwarded is None:
            return
        stream, self._forwarded = self._forwarded, None
        body = {"request": "stop_rtp_forward", **self._server.of_admin(self._room), "publisher_id": self._name}
        with suppress(MediaError):  # with whoever sends the forwarder is gone too
            await self._session.request(self._out, {**body, "stream_id": stream})

    def cut(self) -> None:
        self._listener.cut("out")

    async def leave(self) -> None:
        self._server.risen(self)
        for task in self._tasks:
            task.cancel()
        for handle in (self._in, self._out):
            if handle:
                await self._session.detach(handle)
        self._in = self._out = 0
        self._forwarded = None  # it went with the handle

    # --- what Janus says ---

    def _out_heard(self, message: Message) -> None:
        if message["janus"] == "hangup":
            self._listener.cut("out")
        elif message["janus"] == "event":
            self._note(message["plugindata"]["data"])
            self._renew()

    def _in_heard(self, message: Message) -> None:
        if message["janus"] == "hangup":
            self._listener.cut("in")
        elif message["janus"] == "event" and message.get("jsep", {}).get("type") == "offer":
            self._offer(message)

    def _note(self, data: Message) -> None:
        for publisher in data.get("publishers", ()):
            self._others.add(publisher["id"])
        # Janus takes them out of what it offers by itself.
        for gone in ("unpublished", "leaving"):
            self._others.discard(data.get(gone, ""))
            self._asked.discard(data.get(gone, ""))

    # --- hearing everybody else: one offer at a time, the next when it is answered ---

    def _renew(self) -> None:
        if self._offered or self._asked >= self._others:
            return
        self._offered = True
        task = asyncio.ensure_future(self._subscribe())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _subscribe(self) -> None:
        streams = [{"feed": feed} for feed in sorted(self._others - self._asked)]
        self._asked = set(self._others)
        try:
            if not self._in:
                self._in = await self._session.attach(self._in_heard)
                body = {"ptype": "subscriber", "streams": streams}
                answer = await self._server.join(self._session, self._room, self._in, body)
            else:
                answer = await self._session.request(self._in, {"request": "update", "subscribe": streams})
        except MediaError:
            self._offered = False
            self._listener.cut("in")
            return
        if "jsep" in answer:
            self._offer(answer)
        else:
            self._offered = False

    def _offer(self, message: Message) -> None:
        self._offered = True
        streams = message["plugindata"]["data"].get("streams", ())
        self._listener.offered(message["jsep"]["sdp"], [heard for one in streams if (heard := _heard(one)) is not None])


def _heard(stream: Message) -> Heard | None:
    """None: somebody was there who is not any more."""
    feed = stream.get("feed_id")
    if not feed or not stream.get("active", True) or stream["type"] not in {"audio", "video"}:
        return None
    return Heard(stream["mid"], UUID(feed.partition(".")[0]), stream["type"])


def _trickled(candidate: Mapping[str, object]) -> dict[str, Any]:
    """An empty candidate ends a generation."""
    return dict(candidate) if candidate.get("candidate") else {"completed": True}
