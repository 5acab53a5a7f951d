"""The sockets of this process, what each follows, and how far each has got.

What this process commits goes straight to its followers. What others commit is read from the table when the bell rings, or at the poll,
which also closes the sockets of people who may no longer be here. Whoever loses a thread hears nothing of it from the ring on.
Everything runs on the one event loop that serves the sockets.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from typing import TYPE_CHECKING, Any, Final

from consult import doorbell, presence
from consult.calls import watching
from consult.calls.switchboard import Switchboard
from consult.doorbell import Ring
from consult.protocol import (
    CallIsDue,
    CloseCode,
    ConsultationChanged,
    Cursors,
    CursorState,
    DraftChanged,
    QueueChanged,
    Typing,
    encode,
)
from consult.sockets.following import Following
from consult.sockets.typists import Typists
from consult.sockets.wakeups import Wakeups
from consult.threads import in_database
from consult.writing.writer import writer
from records.vault import forget

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from uuid import UUID

    from consult.presence import Socket
    from consult.writing.acts import Delta, Moved

logger = logging.getLogger(__name__)

POLL_SECONDS: Final = 2.0
COMPARED_EVERY: Final = 5  # polls: then everybody who follows is compared with who belongs, in case that ring was lost


class Hub:
    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.wakeups = Wakeups(self.loop)
        self.sockets: set[Socket] = set()
        self._of_person: dict[UUID, set[Socket]] = {}
        self.following = Following()
        self._room: asyncio.Future[None] | None = None  # what the sockets wait for while the writer's queue is full
        self.typists = Typists(self._typing)
        self.calls = Switchboard(self._carry)
        self._bell = doorbell.attach(self.answer, self.calls.carried)
        self._deaf = writer.listen(self._committed_from_thread)
        self._poll = self.loop.create_task(self._poll_forever())
        self._spawn(self._watch_calls())

    def close(self) -> None:
        self._deaf()
        self._poll.cancel()
        self.calls.captions.close()
        doorbell.detach()

    # --- who is here ---

    def join(self, socket: Socket) -> None:
        self.sockets.add(socket)
        self._of_person.setdefault(socket.person, set()).add(socket)
        self.calls.join(socket)

    def leave(self, socket: Socket) -> None:
        self.sockets.discard(socket)
        mine = self._of_person.get(socket.person, set())
        mine.discard(socket)
        if not mine:
            self._of_person.pop(socket.person, None)
        self.following.leave(socket)
        self.calls.leave(socket)

    def follow(self, socket: Socket, consultation: UUID, since: int) -> None:
        """Send `socket` everything after `since`, then everything new. The caller has checked that it may read."""
        self.following.follow(socket, consultation, since)

    def unfollow(self, socket: Socket, consultation: UUID) -> None:
        self.following.unfollow(socket, consultation)

    async def room_to_write(self) -> None:
        """Return when the writer takes more: meanwhile the sockets that have something for it are not read."""
        while writer.full:
            if self._room is None:
                self._room = self.loop.create_future()
                writer.when_room(lambda: self.wakeups.put(self._make_room))
            await asyncio.shield(self._room)

    def _make_room(self) -> None:
        if self._room is not None:
            self._room.set_result(None)
            self._room = None

    # --- what this process committed ---

    def _committed_from_thread(self, deltas: Sequence[Delta]) -> None:
        self.wakeups.put(self._committed, deltas)

    def _committed(self, deltas: Sequence[Delta]) -> None:
        rings = []
        for delta in deltas:
            if delta.events:
                self.following.deliver(delta.consultation, delta.first_seq, delta.head, delta.events, delta.audience)
                self._nudge(delta.consultation, delta.audience)
                rings.append(Ring("timeline", delta.consultation, delta.head, tuple(delta.audience)))
            if delta.cursors:
                self._show_cursors(delta.consultation, delta.cursors, delta.audience)
                rings.append(Ring("cursors", delta.consultation))
        self._bell.ring_others(rings)

    def _nudge(self, consultation: UUID, people: Iterable[UUID]) -> None:
        """Devices of the same people that show something else learn that there is news."""
        frame, followers = None, self.following.of(consultation)
        for person in people:
            for socket in self._of_person.get(person, ()):
                if socket not in followers:
                    frame = frame or encode(ConsultationChanged(consultation))
                    socket.push(frame)

    # --- what the bell says ---

    def answer(self, rings: Sequence[Ring]) -> None:
        for ring in rings:
            handler = getattr(self, "_on_" + ring.kind.partition("-")[0], None)
            if handler is not None:
                handler(ring)

    def _on_timeline(self, ring: Ring) -> None:
        self.following.grew(ring.id, ring.head)
        self._nudge(ring.id, ring.people)

    def _on_cursors(self, ring: Ring) -> None:
        if self.following.of(ring.id):
            self._spawn(self._read_cursors(ring.id))

    def _on_changed(self, ring: Ring) -> None:
        frame = encode(ConsultationChanged(ring.id))
        heard = set(self.following.of(ring.id))
        for person in ring.people:
            heard |= self._of_person.get(person, set())
        for socket in heard:
            socket.push(frame)

    def _on_due(self, ring: Ring) -> None:
        """`head` is the time of the call."""
        for person in ring.people:
            for socket in self._of_person.get(person, ()):
                socket.push(encode(CallIsDue(ring.id, ring.head)))

    def _on_queue(self, ring: Ring) -> None:
        frame = encode(QueueChanged())
        for socket in self.sockets:
            if ring.id in socket.departments:
                socket.push(frame)

    def _on_draft(self, ring: Ring) -> None:
        for person in ring.people:
            for socket in self._of_person.get(person, ()):
                socket.push(encode(DraftChanged(ring.id, ring.head)))

    def _on_typing(self, ring: Ring) -> None:
        for person in ring.people:
            self._show_typing(ring.id, person, on=ring.kind == "typing-on")

    def _on_left(self, ring: Ring) -> None:
        """These people may belong to the thread no more."""
        for person in ring.people:
            self.following.doubt(ring.id, person)

    def _on_gone(self, ring: Ring) -> None:
        """A person was signed out somewhere or deactivated: look at once instead of at the next poll. Until then they hear nothing."""
        for thread in {thread for socket in self._of_person.get(ring.id, ()) for thread in self.following.followed_by(socket)}:
            self.following.doubt(thread, ring.id)
        self._spawn(self._check_presence(self._of_person.get(ring.id, set())))

    def _on_call(self, ring: Ring) -> None:
        self.calls.look(ring.id)

    def _on_shred(self, ring: Ring) -> None:
        """A data key was destroyed in another process: it must not stay in this one's memory."""
        forget(ring.id)

    # --- typing and cursors, which cost nothing durable, for those who belong to the thread now ---

    def _typing(self, socket: Socket, consultation: UUID, kind: str) -> None:
        if socket in self.following.hearing(consultation):
            self._bell.ring_here([Ring(kind, consultation, 0, (socket.person,))])

    def _show_typing(self, consultation: UUID, person: UUID, *, on: bool) -> None:
        frame = encode(Typing(consultation, person, on))
        for socket in self.following.hearing(consultation):
            if socket.person != person:
                socket.push(frame)

    def _show_cursors(self, consultation: UUID, cursors: Iterable[Moved], audience: Collection[UUID]) -> None:
        frame = encode(Cursors(consultation, [CursorState(*cursor) for cursor in cursors]))
        for socket in self.following.hearing(consultation):
            if socket.person in audience:
                socket.push(frame)

    async def _read_cursors(self, consultation: UUID) -> None:
        self._show_cursors(consultation, *await in_database(presence.cursors, consultation))

    # --- the poll, which heals lost rings ---

    async def _poll_forever(self) -> None:
        for turn in itertools.count(1):
            await asyncio.sleep(POLL_SECONDS)
            for look in (self._look, self._watch_calls):
                try:
                    await look(compare=turn % COMPARED_EVERY == 0)
                except Exception as error:  # noqa: BLE001 - whatever it is, the poll heals it
                    logger.warning("poll failed, trying again: %s", type(error).__name__)

    async def _look(self, *, compare: bool) -> None:
        """Who is here still, what came, and who belongs where."""
        await self._check_presence(self.sockets)
        heads = await in_database(presence.heads, self.following.threads)
        belong = await in_database(presence.audiences, self.following.threads) if compare else {}
        for consultation, head in heads.items():
            self.following.grew(consultation, head)
        self.following.compare(belong)

    async def _watch_calls(self, *, compare: bool = False) -> None:
        """Say which lines are here, end what is due, and look at what changed."""
        self.calls.compare(await in_database(watching.turn, self.calls.lines, compare=compare))

    def _carry(self, envelope: bytes) -> None:
        self._bell.carry(envelope)

    async def _check_presence(self, sockets: Iterable[Socket]) -> None:
        """Close the sockets whose session is over or whose person was deactivated."""
        asked = list(sockets)
        pairs = {(socket.person, socket.session) for socket in asked}
        if not pairs:
            return
        present = await in_database(presence.still_here, pairs)
        for socket in asked:
            if (socket.person, socket.session) not in present:
                socket.close(CloseCode.SIGNED_OUT)

    def _spawn(self, work: Any) -> None:
        task = self.loop.create_task(work)
        task.add_done_callback(_log_failure)


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.warning("a look at the table failed, the poll will repeat it: %s", type(error).__name__)


class _Running:
    """The one hub of this process."""

    hub: Hub | None = None


def hub() -> Hub:
    """The hub of the running loop, started by the first socket."""
    running = _Running.hub
    if running is not None and running.loop is asyncio.get_running_loop():
        return running
    if running is not None:
        running.close()
    _Running.hub = made = Hub()
    return made
