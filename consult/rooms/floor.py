"""The rooms of this process: a place at the media server for each of its devices that sits in one, and the recorder of its voice.

Lives on the hub's event loop. What holds is in the table; here is only what a process has open, which ends with it: the device then sits
down anew, at another process.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec
from django.conf import settings

from consult.protocol import encode
from consult.protocol.rooms import RoomAnswer, RoomCandidates, RoomMedia, RoomOffer, RoomOffered, RoomPublished, RoomStream
from consult.rooms.errors import NO_MEDIA, OFF
from consult.rooms.media import MediaError
from consult.rooms.recorder import Recorder
from consult.rooms.videoroom import VideoRoom
from consult.rooms.views import ready
from records.errors import NOT_FOUND, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from uuid import UUID

    from consult.calls.views import Seat, View
    from consult.protocol.base import Frame
    from consult.protocol.calls import CallMedia, RecordingState
    from consult.rooms.media import Heard, MediaServer, Place, Side

logger = logging.getLogger(__name__)

RETRY_SECONDS: Final = (1, 2, 4, 8, 16)

Said = RoomOffer | RoomAnswer | RoomCandidates


def server() -> MediaServer:
    """As the settings say. Raises Refused(OFF)."""
    if not settings.XINQIAO_JANUS_SOCKET:
        raise Refused(OFF)
    return VideoRoom(settings.XINQIAO_JANUS_SOCKET, settings.XINQIAO_JANUS_API_SECRET, settings.XINQIAO_JANUS_ADMIN_KEY)


def as_heard(person: UUID, command: CallMedia) -> RoomMedia:
    """What everybody else in a room is told of what a device sends."""
    return RoomMedia(command.call, person, command.audio, command.video, command.screen)


class Stand:
    """One device in one room, from its first offer on. A listener of its place."""

    def __init__(self, room: UUID, person: UUID, push: Callable[[Frame], None], lost: Callable[[], None]) -> None:
        self._room, self._person, self._push, self._lost = room, person, push, lost
        self.place: Place | None = None
        self.sends = False  # its offer was taken
        self._gone = False
        self._recorder: Recorder | None = None
        self._turning = asyncio.Lock()

    def offered(self, sdp: str, heard: Sequence[Heard]) -> None:
        self._push(RoomOffered(self._room, sdp, [RoomStream(*one) for one in heard]))

    def cut(self, side: Side) -> None:
        logger.info("a device in a room lost its %s connection for media", side)
        self._lost()

    async def record(self, newest: Callable[[], RecordingState | None]) -> bool:
        """Record this device's voice while, and only while, everybody has agreed; `newest` says so when its turn has come.

        False: it is to be recorded, and is not.
        """
        async with self._turning:
            recording = newest()
            generation = recording.generation if recording is not None and recording.state == "on" and not self._gone else None
            if self._recorder is not None and self._recorder.generation != generation:
                recorder, self._recorder = self._recorder, None
                await recorder.stop()
            if self._recorder is not None or generation is None or self.place is None or not self.sends:
                return True
            recorder = Recorder(self.place, self._person, self._room, generation)
            try:
                await recorder.start()
            except (MediaError, OSError) as error:
                logger.warning("a voice is not recorded: %s", error)
                return False
            self._recorder = recorder
            return True

    async def leave(self) -> None:
        """Cut its connections, whatever becomes of what was recorded."""
        self._gone = True
        try:
            if self.place is not None:
                await self.place.leave()
        finally:
            await self.record(lambda: None)


class Floor:
    def __init__(self, push: Callable[[str, bytes], None]) -> None:
        """`push` takes a frame for a line of this process."""
        self._push = push
        self._server: MediaServer | None = None
        self._stands: dict[tuple[UUID, str], Stand] = {}
        self._recordings: dict[UUID, RecordingState | None] = {}  # of each live room, as it was last shown
        self._tasks: set[asyncio.Task[None]] = set()

    def show(self, view: View) -> None:
        """A room as it is now: whoever sits in it no more is cut off, and what is recorded follows the consent."""
        lines = {seat.line for seat in view.seats.values() if view.talks(seat.person, seat.line)} if view.live else set()
        mine = [key for key in self._stands if key[0] == view.call.id]
        if view.live:
            self._recordings[view.call.id] = view.recording
        else:
            self._recordings.pop(view.call.id, None)
        for key in mine:
            if key[1] in lines:
                self._spawn(self._record(view.call.id, self._stands[key]))
            else:
                self._spawn(self._stands.pop(key).leave())
        if mine and not view.live:
            self._spawn(self._end(view.call.id))

    def gone(self, line: str) -> None:
        """A connection of this process is gone."""
        for key in [key for key in self._stands if key[1] == line]:
            self._spawn(self._stands.pop(key).leave())

    async def hear(self, view: View, seat: Seat, command: Said) -> Frame | None:
        """What a device that sits says to the media server. Raises Refused: OFF, NO_MEDIA, NOT_FOUND."""
        try:
            return await self._hear(view, seat, command)
        except MediaError as error:
            logger.warning("the media server refused: %s", error)
            raise Refused(NO_MEDIA) from error

    async def _hear(self, view: View, seat: Seat, command: Said) -> Frame | None:
        if isinstance(command, RoomOffer):
            return await self._offer(view, seat, command)
        stand = self._stands.get((view.call.id, seat.line))
        if stand is None or stand.place is None:
            raise Refused(NOT_FOUND)
        if isinstance(command, RoomAnswer):
            await stand.place.answered(command.sdp)
        else:
            await stand.place.candidates(command.side, [_plain(one) for one in command.candidates])
        return None

    async def _offer(self, view: View, seat: Seat, command: RoomOffer) -> RoomPublished:
        """Sit down anew: a device offers again when its connections were lost."""
        key = (view.call.id, seat.line)
        if (before := self._stands.pop(key, None)) is not None:
            await before.leave()
        self._server = self._server or server()
        stand = Stand(view.call.id, seat.person, partial(self._tell, seat.line), partial(self._lose, key))
        self._stands[key] = stand
        try:
            stand.place = await self._server.sit(view.call.id, seat.person, stand)
            answer = await stand.place.publish(command.sdp)
        except MediaError:
            if self._stands.get(key) is stand:
                del self._stands[key]
            await stand.leave()
            raise
        if self._stands.get(key) is not stand:  # it left while it sat down
            await stand.leave()
            raise Refused(NOT_FOUND)
        stand.sends = True
        self._spawn(self._record(view.call.id, stand))
        return RoomPublished(view.call.id, answer)

    async def _record(self, room: UUID, stand: Stand) -> None:
        """Follow the consent. Where a voice cannot be recorded it is tried again; in vain, and the case is told that nothing comes."""
        for wait in RETRY_SECONDS:
            if await stand.record(partial(self._recordings.get, room)):
                return
            await asyncio.sleep(wait)
        await stand.record(partial(self._recordings.get, room))

    def _lose(self, key: tuple[UUID, str]) -> None:
        """A connection for media is gone: the device is told to offer anew."""
        stand = self._stands.pop(key, None)
        if stand is not None:
            self._spawn(stand.leave())
            self._tell(key[1], ready(key[0]))

    def _tell(self, line: str, frame: Frame) -> None:
        self._push(line, encode(frame))

    async def _end(self, room: UUID) -> None:
        if self._server is not None:
            await self._server.end(room)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.warning("a room was not brought up to date: %s", type(error).__name__)


_NAMES: Final = ("candidate", "sdpMid", "sdpMLineIndex", "usernameFragment")


def _plain(candidate: msgspec.Struct) -> dict[str, object]:
    return {name: value for name, value in msgspec.to_builtins(candidate).items() if name in _NAMES}
