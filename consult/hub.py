"""The sockets of this process, what each follows, and how far each has got.

What this process commits goes straight to its followers. What others commit is read from the table when the bell rings, or at the poll,
which also closes the sockets of people who may no longer be here. Everything runs on the one event loop that serves the sockets.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final

from consult import doorbell, presence, timeline
from consult.doorbell import Ring
from consult.letterbox import Letterbox
from consult.protocol import (
    CloseCode,
    ConsultationChanged,
    Cursors,
    CursorState,
    QueueChanged,
    Typing,
    encode,
    timeline_frame,
)
from consult.threads import in_database
from consult.writer import writer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from consult.acts import Delta, Moved
    from consult.presence import Socket

logger = logging.getLogger(__name__)

POLL_SECONDS: Final = 2.0
SLOW_SECONDS: Final = 5.0


class Hub:
    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.letters = Letterbox(self.loop)
        self.sockets: set[Socket] = set()
        self._of_person: dict[UUID, set[Socket]] = {}
        self._followers: dict[UUID, dict[Socket, int]] = {}  # consultation -> socket -> last sequence sent
        self._behind: dict[UUID, asyncio.Task[None]] = {}  # consultations being read from the table
        self._again: set[UUID] = set()
        self._bell = doorbell.attach(self.answer)
        self._deaf = writer.listen(self._committed_from_thread)
        self._poll = self.loop.create_task(self._poll_forever())

    def close(self) -> None:
        self._deaf()
        self._poll.cancel()
        doorbell.detach()

    # --- who is here ---

    def join(self, socket: Socket) -> None:
        self.sockets.add(socket)
        self._of_person.setdefault(socket.person, set()).add(socket)

    def leave(self, socket: Socket) -> None:
        self.sockets.discard(socket)
        mine = self._of_person.get(socket.person, set())
        mine.discard(socket)
        if not mine:
            self._of_person.pop(socket.person, None)
        for consultation in [id_ for id_, followers in self._followers.items() if socket in followers]:
            self.unfollow(socket, consultation)

    def follow(self, socket: Socket, consultation: UUID, since: int) -> None:
        """Send `socket` everything after `since`, then everything new. The caller has checked that it may read."""
        self._followers.setdefault(consultation, {})[socket] = since
        self._look(consultation)

    def unfollow(self, socket: Socket, consultation: UUID) -> None:
        followers = self._followers.get(consultation)
        if followers is not None:
            followers.pop(socket, None)
            if not followers:
                del self._followers[consultation]

    # --- what this process committed ---

    def _committed_from_thread(self, deltas: Sequence[Delta]) -> None:
        self.letters.put(self._committed, deltas)

    def _committed(self, deltas: Sequence[Delta]) -> None:
        rings = []
        for delta in deltas:
            if delta.events:
                self._deliver(delta.consultation, delta.first_seq, delta.head, delta.events, delta.audience)
                rings.append(Ring("timeline", delta.consultation, delta.head, tuple(delta.audience)))
            if delta.cursors:
                self._show_cursors(delta.consultation, delta.cursors)
                rings.append(Ring("cursors", delta.consultation))
        self._bell.ring_others(rings)

    def _deliver(self, consultation: UUID, first: int, head: int, events: list[bytes], audience: frozenset[UUID]) -> None:
        """Send contiguous events starting at `first`; followers that are further back make us read the table."""
        followers = self._followers.get(consultation, {})
        frames: dict[int, bytes] = {}
        large = sum(map(len, events)) > 2 * timeline.PAGE_BYTES  # comes in pages, not at once
        for socket, cursor in list(followers.items()):
            if socket.person not in audience:
                self._expel(socket, consultation)
            elif cursor < first - 1 or (large and len(events) > 1):
                self._look(consultation)
            elif cursor < first - 1 + len(events):
                skip = cursor - (first - 1)
                frame = frames.get(skip)
                if frame is None:
                    frame = frames[skip] = timeline_frame(consultation, events[skip:], first - 1 + len(events), head)
                followers[socket] = first - 1 + len(events)
                socket.push(frame)
        self._nudge(consultation, audience, followers)

    def _nudge(self, consultation: UUID, people: Iterable[UUID], followers: dict[Socket, int]) -> None:
        """Devices of the same people that show something else learn that there is news."""
        frame = None
        for person in people:
            for socket in self._of_person.get(person, ()):
                if socket not in followers:
                    frame = frame or encode(ConsultationChanged(consultation))
                    socket.push(frame)

    def _expel(self, socket: Socket, consultation: UUID) -> None:
        """Somebody who may no longer read it stops hearing of it at once."""
        self.unfollow(socket, consultation)
        socket.push(encode(ConsultationChanged(consultation)))

    # --- what the bell says ---

    def answer(self, rings: Sequence[Ring]) -> None:
        for ring in rings:
            handler = getattr(self, "_on_" + ring.kind.partition("-")[0], None)
            if handler is not None:
                handler(ring)

    def _on_timeline(self, ring: Ring) -> None:
        followers = self._followers.get(ring.id, {})
        if any(cursor < ring.head for cursor in followers.values()):
            self._look(ring.id)
        self._nudge(ring.id, ring.people, followers)

    def _on_cursors(self, ring: Ring) -> None:
        if ring.id in self._followers:
            self._spawn(self._read_cursors(ring.id))

    def _on_changed(self, ring: Ring) -> None:
        frame = encode(ConsultationChanged(ring.id))
        heard = set(self._followers.get(ring.id, ()))
        for person in ring.people:
            heard |= self._of_person.get(person, set())
        for socket in heard:
            socket.push(frame)

    def _on_queue(self, ring: Ring) -> None:
        frame = encode(QueueChanged())
        for socket in self.sockets:
            if ring.id in socket.departments:
                socket.push(frame)

    def _on_typing(self, ring: Ring) -> None:
        (person,) = ring.people
        self._show_typing(ring.id, person, on=ring.kind == "typing-on")

    def _on_gone(self, ring: Ring) -> None:
        """A person was signed out everywhere or deactivated: look at once instead of at the next poll."""
        self._spawn(self._check_presence(self._of_person.get(ring.id, set())))

    # --- typing and cursors, which cost nothing durable ---

    def typing(self, socket: Socket, consultation: UUID, *, on: bool) -> None:
        if socket in self._followers.get(consultation, {}):
            kind = "typing-on" if on else "typing-off"
            self._bell.ring_here([Ring(kind, consultation, 0, (socket.person,))])

    def _show_typing(self, consultation: UUID, person: UUID, *, on: bool) -> None:
        frame = encode(Typing(consultation, person, on))
        for socket in self._followers.get(consultation, {}):
            if socket.person != person:
                socket.push(frame)

    def _show_cursors(self, consultation: UUID, cursors: Iterable[Moved]) -> None:
        frame = encode(Cursors(consultation, [CursorState(*cursor) for cursor in cursors]))
        for socket in self._followers.get(consultation, {}):
            socket.push(frame)

    async def _read_cursors(self, consultation: UUID) -> None:
        self._show_cursors(consultation, await in_database(presence.cursors, consultation))

    # --- reading the table ---

    def _look(self, consultation: UUID) -> None:
        """Read what the followers of a consultation lack. One reader at a time; a ring meanwhile means once more."""
        if consultation in self._behind:
            self._again.add(consultation)
            return
        task = self.loop.create_task(self._catch_up(consultation))
        self._behind[consultation] = task
        task.add_done_callback(lambda _: self._caught_up(consultation))

    def _caught_up(self, consultation: UUID) -> None:
        self._behind.pop(consultation, None)
        if consultation in self._again:
            self._again.discard(consultation)
            self._look(consultation)

    async def _catch_up(self, consultation: UUID) -> None:
        try:
            while followers := self._followers.get(consultation):
                after = min(followers.values())
                page = await in_database(timeline.since, consultation, after)
                self._deliver_page(consultation, after, page)
                if page.upto >= page.head:
                    return
                await self._drained(consultation)
        except Exception as error:  # noqa: BLE001 - whatever it is, the poll heals it
            # The poll looks again; what was not sent is still in the table.
            logger.warning("timeline not read: %s", type(error).__name__)

    async def _drained(self, consultation: UUID) -> None:
        """Wait until what was sent has left, so that catching up does not look like slow reading; one who reads nothing holds up
        the others by SLOW_SECONDS a page at most."""
        waits = [asyncio.ensure_future(socket.drained()) for socket in self._followers.get(consultation, {})]
        if waits:
            _, late = await asyncio.wait(waits, timeout=SLOW_SECONDS)
            for wait in late:
                wait.cancel()

    def _deliver_page(self, consultation: UUID, after: int, page: timeline.Page) -> None:
        if page.events:
            self._deliver(consultation, after + 1, page.head, page.events, page.audience)
            return
        for socket in list(self._followers.get(consultation, {})):
            if socket.person not in page.audience:
                self._expel(socket, consultation)

    # --- the poll, which heals lost rings ---

    async def _poll_forever(self) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                await self._check_presence(self.sockets)
                heads = await in_database(presence.heads, list(self._followers))
            except Exception as error:  # noqa: BLE001 - whatever it is, the poll heals it
                logger.warning("poll failed, trying again: %s", type(error).__name__)
                continue
            for consultation, head in heads.items():
                if any(cursor < head for cursor in self._followers.get(consultation, {}).values()):
                    self._look(consultation)

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
