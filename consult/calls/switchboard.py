"""The calls of this process: which connections talk in which, and what each was told. Lives on the hub's event loop.

Every process knows every live call, so that whoever connects while it rings is told at once. Descriptions and candidates go from the
one bound connection to the other, here or through the bell to the process that has it; they are in no table and in no log.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import msgspec
from cryptography.fernet import InvalidToken

from consult.calls import envelopes, quality, turn, views, watching
from consult.calls.captioning import Captioning
from consult.calls.errors import CANDIDATES
from consult.calls.views import Told
from consult.protocol import calls, encode
from consult.protocol.captions import CaptionsSound
from consult.rooms.floor import Floor, Said, as_heard
from consult.threads import in_database
from records.errors import NOT_FOUND, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from uuid import UUID

    from consult.calls.views import Seat, View
    from consult.presence import Socket

logger = logging.getLogger(__name__)

MAX_CANDIDATES: Final = 100  # an ICE generation
MAX_HELD: Final = 64  # frames for a connection that has not been told yet that its call was answered

Passed = calls.RtcDescription | calls.RtcCandidates | calls.CallMedia | calls.CallQuality | calls.IceRefresh | CaptionsSound


class Switchboard:
    def __init__(self, carry: Callable[[bytes], None]) -> None:
        """`carry` takes the envelope of a frame to the other processes."""
        self._carry = carry
        self.floor = Floor(self._to_line)
        self._lines: dict[str, Socket] = {}
        self._of_person: dict[UUID, set[Socket]] = {}
        self._views: dict[UUID, View] = {}
        self.captions = Captioning(self._views, self._send)
        self._told: dict[UUID, dict[Socket, Told]] = {}
        self._bound: dict[UUID, set[Socket]] = {}  # acknowledged as the ones that talk
        self._sent: dict[tuple[UUID, str], int] = {}  # candidates of this generation
        self._held: dict[tuple[UUID, str], deque[bytes]] = {}
        self._poor: set[tuple[UUID, str]] = set()
        self._looking: dict[UUID, asyncio.Task[None]] = {}
        self._again: set[UUID] = set()

    # --- who is here ---

    def join(self, socket: Socket) -> None:
        if socket.line is None:
            return
        self._lines[socket.line] = socket
        self._of_person.setdefault(socket.person, set()).add(socket)
        for view in list(self._views.values()):
            if socket.person in view.seats:
                self._tell(view, socket)

    def leave(self, socket: Socket) -> None:
        """Its connection is gone; the device may come back on another one."""
        if socket.line is None:
            return
        self._lines.pop(socket.line, None)
        mine = self._of_person.get(socket.person, set())
        mine.discard(socket)
        if not mine:
            self._of_person.pop(socket.person, None)
        for call_id in [call_id for call_id, bound in self._bound.items() if socket in bound]:
            self._bound[call_id].discard(socket)
            self._spawn(in_database(watching.drop, call_id, socket.line))
        for told in self._told.values():
            told.pop(socket, None)
        self.floor.gone(socket.line)
        self.captions.gone(socket.line)

    def bind(self, socket: Socket, call_id: UUID) -> None:
        """This connection's command to invite, accept or resume was acknowledged: from now on it hears what talkers hear."""
        if socket.line in self._lines:
            self._bound.setdefault(call_id, set()).add(socket)
            self.look(call_id)
        else:
            assert socket.line is not None, "only sockets ask for calls"
            self._spawn(in_database(watching.drop, call_id, socket.line))  # it went while its command was done

    @property
    def lines(self) -> list[str]:
        """Those that talk."""
        return [socket.line for bound in self._bound.values() for socket in bound if socket.line is not None]

    # --- what has changed ---

    def look(self, call_id: UUID) -> None:
        """Read a call and tell its devices what is new. One reader at a time; a call meanwhile means once more."""
        if call_id in self._looking:
            self._again.add(call_id)
            return
        task = asyncio.get_running_loop().create_task(self._look(call_id))
        self._looking[call_id] = task
        task.add_done_callback(partial(self._looked, call_id))

    def compare(self, live: dict[UUID, int]) -> None:
        """At the poll: look at what this process knows otherwise than the table."""
        for call_id in {*live, *self._views, *self._bound}:
            known = self._views.get(call_id)
            if known is None or known.call.version != live.get(call_id):
                self.look(call_id)

    async def _look(self, call_id: UUID) -> None:
        view = await in_database(views.read, call_id)
        if view is not None:
            self.show(view)

    def _looked(self, call_id: UUID, task: asyncio.Task[None]) -> None:
        _log_failure(task)
        self._looking.pop(call_id, None)
        if call_id in self._again:
            self._again.discard(call_id)
            self.look(call_id)

    def show(self, view: View) -> None:
        """Tell its devices here what is new in it."""
        call_id = view.call.id
        if view.live:
            self._views[call_id] = view
        self.captions.show(view)
        for person in view.seats:
            for socket in list(self._of_person.get(person, ())):
                self._tell(view, socket)
        if view.call.room:
            self.floor.show(view)
        if not view.live:
            self._forget(call_id)

    def _tell(self, view: View, socket: Socket) -> None:
        call_id, line = view.call.id, socket.line
        assert line is not None, "others are not in the switchboard"
        told = self._told.setdefault(call_id, {}).setdefault(socket, Told())
        here = socket in self._bound.get(call_id, ()) and view.talks(socket.person, line) is not None
        for frame in views.news(view, socket.person, line, told, here=here):
            socket.push(encode(frame))
        if told.phase == "accepted":
            for held in self._held.pop((call_id, line), ()):
                socket.push(held)

    def _forget(self, call_id: UUID) -> None:
        self._views.pop(call_id, None)
        self._told.pop(call_id, None)
        self._bound.pop(call_id, None)
        for kept in (self._sent, self._held):
            for key in [key for key in kept if key[0] == call_id]:
                kept.pop(key)
        self._poor = {key for key in self._poor if key[0] != call_id}

    # --- what passes between two devices ---

    def passes(self, socket: Socket, command: Passed) -> bytes | None:
        """Pass on what a bound device says to the other one; returns what it is to be told after the acknowledgement, if anything.

        Raises `Refused(NOT_FOUND)` for every other connection, whoever's it is.
        """
        view, seat = self._seated(socket, command.call)
        if view.call.room and isinstance(command, calls.RtcDescription | calls.RtcCandidates):
            raise Refused(NOT_FOUND)
        if isinstance(command, calls.IceRefresh):
            return encode(calls.IceServers(command.call, *turn.servers(command.call)))
        if isinstance(command, CaptionsSound):
            self.captions.hear(seat, command)
            return None
        self._count(command, seat)
        if isinstance(command, calls.CallQuality):
            self._note(command, seat)
            if view.call.room:
                return None
        heard = encode(
            as_heard(seat.person, command) if isinstance(command, calls.CallMedia) and view.call.room else _as_heard(command)
        )
        for other in view.others(seat):
            self._send(command.call, other, heard)
        return None

    async def says(self, socket: Socket, command: Said) -> bytes | None:
        """Pass on what a device in a room says to the media server; returns what that answered, if anything. Raises Refused."""
        view, seat = self._seated(socket, command.call)
        if not view.call.room:
            raise Refused(NOT_FOUND)
        answer = await self.floor.hear(view, seat, command)
        return None if answer is None else encode(answer)

    def _seated(self, socket: Socket, call_id: UUID) -> tuple[View, Seat]:
        """The call and the seat of a connection that talks in it. Raises `Refused(NOT_FOUND)` for every other one."""
        seat = self.seat_of(socket, call_id)
        if seat is None:
            raise Refused(NOT_FOUND)
        return self._views[call_id], seat

    def seat_of(self, socket: Socket, call_id: UUID) -> Seat | None:
        """Where this connection sits, if it talks in that call now and was told so."""
        view = self._views.get(call_id)
        if view is None or not view.active or socket not in self._bound.get(call_id, ()):
            return None
        return view.talks(socket.person, socket.line)

    def carried(self, envelope: bytes) -> None:
        """What a device of another process says, perhaps to one of this one."""
        try:
            call_id, line, frame = envelopes.open_(envelope)
        except InvalidToken:
            logger.warning("an envelope of a call was not sealed by this deployment, or too long ago")
            return
        self._deliver(call_id, line, frame.encode())

    def _deliver(self, call_id: UUID, line: str, frame: bytes) -> None:
        """Send it, once its receiver knows that the call was answered."""
        socket = self._lines.get(line)
        if socket is None:
            return
        told = self._told.get(call_id, {}).get(socket)
        if told is not None and told.phase == "accepted":
            socket.push(frame)
            return
        held = self._held.setdefault((call_id, line), deque(maxlen=MAX_HELD))
        held.append(frame)
        self.look(call_id)

    def _to_line(self, line: str, frame: bytes) -> None:
        if (socket := self._lines.get(line)) is not None:
            socket.push(frame)

    def _send(self, call_id: UUID, other: Seat, frame: bytes) -> None:
        if other.line in self._lines:
            self._deliver(call_id, other.line, frame)
        else:
            self._carry(envelopes.seal(call_id, other.line, frame))

    def _count(self, command: Passed, seat: Seat) -> None:
        """Candidates belong to the description before them."""
        key = (command.call, seat.line)
        if isinstance(command, calls.RtcDescription):
            self._sent.pop(key, None)
        if isinstance(command, calls.RtcCandidates):
            sent = self._sent.get(key, 0) + len(command.candidates)
            if sent > MAX_CANDIDATES:
                raise Refused(CANDIDATES)
            self._sent[key] = sent

    def _note(self, command: calls.CallQuality, seat: Seat) -> None:
        """For how long it was poor is kept; what it was from moment to moment is not."""
        key, poor = (command.call, seat.line), command.quality == "poor"
        if poor != (key in self._poor):
            self._poor ^= {key}
            self._spawn(in_database(quality.note, command.call, seat.person, poor=poor))

    @staticmethod
    def _spawn(work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(_log_failure)


def _as_heard(command: Passed) -> msgspec.Struct:
    match command:
        case calls.RtcDescription():
            return calls.PeerDescription(command.call, command.kind, command.sdp)
        case calls.RtcCandidates():
            return calls.PeerCandidates(command.call, command.candidates)
        case calls.CallMedia():
            return calls.PeerMedia(command.call, command.audio, command.video, command.screen)
        case _:
            assert isinstance(command, calls.CallQuality), "everything else is not passed on"
            return calls.PeerQuality(command.call, command.quality)


def _log_failure(task: asyncio.Future[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.warning("a call was not brought up to date, the poll will: %s", type(error).__name__)
