"""Who follows which thread in this process, and how far each follower has got. Lives on the hub's event loop.

What this process commits is sent at once to those who stand just before it. Those further back are sent pages read from the table: the
next one only when their connection has taken the last, so that catching up never looks like slow reading, and one who reads
nothing holds up nobody else.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from consult import timeline
from consult.protocol import ConsultationChanged, encode, timeline_frame
from consult.threads import in_database

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from uuid import UUID

    from consult.presence import Socket
    from consult.timeline import Page

logger = logging.getLogger(__name__)

AT_ONCE: Final = timeline.PAGE_BYTES  # a larger commit is sent in pages
PACED: Final = 128 * 1024  # after a frame of this size the next one waits until the connection has taken it


class Following:
    def __init__(self) -> None:
        self._followers: dict[UUID, dict[Socket, int]] = {}  # thread -> socket -> last sequence sent
        self._of_socket: dict[Socket, set[UUID]] = {}
        self._behind: dict[UUID, asyncio.Task[None]] = {}  # threads being read from the table
        self._again: set[UUID] = set()  # of those, the ones to be read once more
        self._pausing: dict[tuple[Socket, UUID], asyncio.Task[None]] = {}  # who has not taken its last large frame yet
        self._late: set[tuple[Socket, UUID]] = set()  # of those, whom there is more to read for
        self._opening: dict[UUID, int] = {}  # threads whose first page somebody is reading now
        self._missed: set[UUID] = set()  # of those, the ones that grew, or that somebody left, meanwhile
        self._doubted: set[tuple[Socket, UUID]] = set()  # who may belong no more: they hear nothing before the table was asked

    def of(self, thread: UUID) -> Mapping[Socket, int]:
        return self._followers.get(thread, {})

    def hearing(self, thread: UUID) -> list[Socket]:
        """Those of its followers who belong to it, as far as is known."""
        return [socket for socket in self.of(thread) if (socket, thread) not in self._doubted]

    def followed_by(self, socket: Socket) -> list[UUID]:
        return list(self._of_socket.get(socket, ()))

    @property
    def threads(self) -> list[UUID]:
        return list(self._followers)

    def lags(self, thread: UUID, head: int) -> bool:
        """Whether somebody who follows has not been sent everything up to `head`."""
        return any(cursor < head for cursor in self.of(thread).values())

    # --- coming and going ---

    @contextmanager
    def opening(self, thread: UUID) -> Iterator[None]:
        """Around reading a first page and `follow`: what is committed in between is not lost."""
        self._opening[thread] = self._opening.get(thread, 0) + 1
        try:
            yield
        finally:
            self._opening[thread] -= 1
            if not self._opening[thread]:
                del self._opening[thread]
                self._missed.discard(thread)

    def follow(self, socket: Socket, thread: UUID, since: int, page: Page | None = None) -> None:
        """Send `socket` everything after `since`, of which `page` was read already, then everything new.

        The caller has checked that it may read.
        """
        self._followers.setdefault(thread, {})[socket] = since
        self._of_socket.setdefault(socket, set()).add(thread)
        if page is None:
            self.look(thread)
            return
        self._send_page(socket, thread, page)
        if page.upto < page.head:
            self._pause(socket, thread, late=True)
        if thread in self._missed:
            self.look(thread)

    def unfollow(self, socket: Socket, thread: UUID) -> None:
        followers = self._followers.get(thread)
        if followers is not None and followers.pop(socket, None) is not None:
            self._of_socket[socket].discard(thread)
            if not followers:
                del self._followers[thread]
        self._late.discard((socket, thread))
        self._doubted.discard((socket, thread))
        if (pause := self._pausing.pop((socket, thread), None)) is not None:
            pause.cancel()

    def leave(self, socket: Socket) -> None:
        for thread in list(self._of_socket.get(socket, ())):
            self.unfollow(socket, thread)
        self._of_socket.pop(socket, None)

    # --- who may belong no more ---

    def doubt(self, thread: UUID, person: UUID) -> None:
        """This person may not belong to it any more: their sockets hear nothing of it from now on, unless the table says that they do."""
        if thread in self._opening:
            self._missed.add(thread)
        doubted = {(socket, thread) for socket in self.of(thread) if socket.person == person}
        self._doubted |= doubted
        if doubted:
            self.look(thread)

    def compare(self, audiences: Mapping[UUID, Collection[UUID]]) -> None:
        """Doubt followers who are not in the audience of their thread, and look again for those in doubt already (at the poll)."""
        for thread in {thread for _, thread in self._doubted}:
            self.look(thread)
        for thread, audience in audiences.items():
            for person in {socket.person for socket in self.of(thread)}.difference(audience):
                self.doubt(thread, person)

    def _expel(self, socket: Socket, thread: UUID) -> None:
        """Somebody who may no longer read it stops hearing of it at once."""
        self.unfollow(socket, thread)
        socket.push(encode(ConsultationChanged(thread)))

    # --- what this process committed ---

    def deliver(self, thread: UUID, first: int, head: int, events: list[bytes], audience: Collection[UUID]) -> None:
        """Send contiguous events starting at `first`; followers that are further back make us read the table."""
        if thread in self._opening:
            self._missed.add(thread)
        frames: dict[int, bytes] = {}
        upto = first - 1 + len(events)
        large = len(events) > 1 and sum(map(len, events)) > AT_ONCE
        followers = self._followers.get(thread, {})
        waiting = {*self._pausing, *self._doubted} if self._doubted else self._pausing
        for socket, cursor in list(followers.items()):
            if socket.person not in audience:  # or came in after this was committed
                self.doubt(thread, socket.person)
            elif cursor < first - 1 or large or (socket, thread) in waiting:
                self.look(thread)
            elif cursor < upto:
                skip = cursor - (first - 1)
                frame = frames.get(skip)
                if frame is None:
                    frame = frames[skip] = timeline_frame(thread, events[skip:], upto, head)
                followers[socket] = upto
                self._push(socket, thread, frame)

    def _push(self, socket: Socket, thread: UUID, frame: bytes) -> None:
        socket.push(frame)
        if len(frame) > PACED:
            self._pause(socket, thread)

    # --- what has to be read from the table ---

    def grew(self, thread: UUID, head: int) -> None:
        """Another process committed up to `head`."""
        if thread in self._opening:
            self._missed.add(thread)
        if self.lags(thread, head):
            self.look(thread)

    def look(self, thread: UUID) -> None:
        """Read what the followers of a thread lack. One reader at a time; a call meanwhile means once more."""
        self._late |= {(socket, thread) for socket in self.of(thread) if (socket, thread) in self._pausing}
        if thread in self._behind:
            self._again.add(thread)
            return
        task = asyncio.get_running_loop().create_task(self._catch_up(thread))
        self._behind[thread] = task
        task.add_done_callback(lambda _: self._caught_up(thread))

    def _caught_up(self, thread: UUID) -> None:
        self._behind.pop(thread, None)
        if thread in self._again:
            self._again.discard(thread)
            self.look(thread)

    def _ready(self, thread: UUID) -> dict[Socket, int]:
        """Followers whose connection has taken what they were sent before."""
        return {socket: at for socket, at in self.of(thread).items() if (socket, thread) not in self._pausing}

    async def _catch_up(self, thread: UUID) -> None:
        try:
            while ready := self._ready(thread):
                after = min(ready.values())
                doubted = self._doubted & {(socket, thread) for socket in ready}
                page = await in_database(timeline.since, thread, after)
                for socket in ready:
                    if socket in self.of(thread):
                        self._send_page(socket, thread, page, after)
                self._doubted -= doubted  # whoever is still here belongs, and was asked about after the doubt
                if page.upto >= page.head:
                    return
                for socket in self._ready(thread):
                    self._pause(socket, thread, late=True)
        except Exception as error:  # noqa: BLE001 - whatever it is, the poll heals it
            # The poll looks again; what was not sent is still in the table.
            logger.warning("timeline not read: %s", type(error).__name__)

    def _send_page(self, socket: Socket, thread: UUID, page: Page, after: int | None = None) -> None:
        """Send what the socket lacks of a page that begins after sequence `after` (None: after its own cursor)."""
        if socket.person not in page.audience:
            self._expel(socket, thread)
            return
        followers = self._followers[thread]
        skip = 0 if after is None else followers[socket] - after
        if skip < 0:  # it has begun again further back meanwhile
            self.look(thread)
        elif lacks := page.events[skip:]:
            followers[socket] = page.upto
            socket.push(timeline_frame(thread, lacks, page.upto, page.head))

    def _pause(self, socket: Socket, thread: UUID, *, late: bool = False) -> None:
        """Send this follower nothing more of the thread until its connection has taken everything; then read on if it is late."""
        task = asyncio.get_running_loop().create_task(socket.drained())
        self._pausing[socket, thread] = task
        if late:
            self._late.add((socket, thread))
        task.add_done_callback(lambda _: self._resume(socket, thread))

    def _resume(self, socket: Socket, thread: UUID) -> None:
        if self._pausing.pop((socket, thread), None) is not None and (socket, thread) in self._late:
            self._late.discard((socket, thread))
            self.look(thread)
