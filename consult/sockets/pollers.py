"""Rows of polls that the hub takes for sockets: what is said between two polls of a tab waits here for the next one."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final
from uuid import UUID

import msgspec
from msgspec import Struct

from consult import audiences, family
from consult.protocol import Ack, CloseCode, Welcome, encode
from consult.sockets.consumers import error_frame
from consult.sockets.hub import Hub, hub
from consult.threads import in_database
from records.errors import SIGNED_OUT, TOO_MANY, Refused
from records.ledger.chains import now_ms
from records.people import CLINICAL, Person

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

MAX_ANSWER_BYTES: Final = 512 * 1024  # the rest comes with the next poll
MAX_KEPT_BYTES: Final = 1024 * 1024  # news that piles up for a line; past it the line is forgotten and begins anew
MAX_LINES: Final = 8  # of one person at one time
FULL_SECONDS: Final = 5.0  # whoever finds all lines waiting tries again after so long
KEPT_SECONDS: Final = 30.0  # how long a line outlives its last poll
GATHER_SECONDS: Final = 0.005  # what was said together arrives together


class Reached(Struct, tag_field="type", tag="timeline"):
    """What a line needs to know of a timeline frame."""

    consultation: UUID
    upto: int


reached = msgspec.json.Decoder(Reached).decode


class Poller:
    """One tab's row of polls, as the hub sees it: a socket whose frames wait for the next poll. Lives on the event loop."""

    def __init__(self, hub_: Hub, person: Person, session: str, forgotten: Callable[[], None]) -> None:
        self.hub = hub_
        self.person: UUID = person.id
        self.session = session
        self.line: str | None = None  # calls need a socket
        self.departments = person.department_ids if person.role_set & CLINICAL else frozenset()
        self.waiting = False
        self.over = False
        self._signed_out = False
        self._forgotten = forgotten
        self._turn = 0
        self._followed: dict[UUID, int] = {}  # thread -> last sequence that is queued or was said to have arrived
        self._frames: deque[bytes] = deque()
        self._bytes = 0
        self._news, self._empty = asyncio.Event(), asyncio.Event()
        self._empty.set()
        self._fading: asyncio.TimerHandle | None = None
        hub_.join(self)

    # --- what the hub asks of a socket ---

    def push(self, frame: bytes) -> None:
        if self.over:
            return
        if _is_timeline(frame):
            news = reached(frame)
            self._followed[news.consultation] = news.upto
        self._frames.append(frame)
        self._bytes += len(frame)
        self._empty.clear()
        self._news.set()
        if self._bytes > MAX_KEPT_BYTES:
            self.end()

    async def drained(self) -> None:
        await self._empty.wait()

    def close(self, code: int) -> None:
        self._signed_out = code == CloseCode.SIGNED_OUT
        self.end()

    def end(self) -> None:
        """Leave the hub. Who waits is answered; the next poll of this name begins a new line."""
        if self.over:
            return
        self.over = True
        self._stay()
        self.hub.leave(self)
        self._empty.set()
        self._news.set()
        self._forgotten()

    # --- what a poll does ---

    async def poll(
        self, person: Person, since: dict[UUID, int], seconds: float, hung_up: Callable[[], Awaitable[None]]
    ) -> list[bytes]:
        """Follow the threads of `since` from there and return the first frames; none after `seconds`, or when a later poll took over.

        `hung_up` ends when the client is gone: then ConnectionResetError, and its news waits on. Raises Refused(SIGNED_OUT).
        """
        self._turn += 1
        turn = self._turn
        self.waiting = True
        self._stay()
        self._news.set()  # an earlier poll of this line goes home
        try:
            await self._follow(person, since)
            await self._wait(seconds, hung_up)
            frames = self._take() if turn == self._turn else []
        finally:
            if turn == self._turn:
                self.waiting = False
                self._fade()
        if self._signed_out:
            raise Refused(SIGNED_OUT)
        return frames

    async def _wait(self, seconds: float, hung_up: Callable[[], Awaitable[None]]) -> None:
        if not self._frames and not self.over:
            self._news.clear()
        gone = asyncio.ensure_future(hung_up())
        news = asyncio.ensure_future(self._news.wait())
        try:
            await asyncio.wait([news, gone], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                raise ConnectionResetError
            await asyncio.sleep(GATHER_SECONDS)
        finally:
            gone.cancel()
            news.cancel()

    def _take(self) -> list[bytes]:
        taken: list[bytes] = []
        size = 0
        while self._frames and (not taken or size + len(self._frames[0]) <= MAX_ANSWER_BYTES):
            taken.append(self._frames.popleft())
            size += len(taken[-1])
        self._bytes -= size
        if not self._frames:
            self._empty.set()
        return taken

    async def _follow(self, person: Person, since: dict[UUID, int]) -> None:
        for thread in self._followed.keys() - since.keys():
            self._unfollow(thread)
        elsewhere = {thread: cursor for thread, cursor in since.items() if not self._stands(thread, cursor)}
        if not elsewhere:
            return
        refused = await in_database(_unreadable, person, list(elsewhere))
        self._drop_timelines(elsewhere)
        for thread, cursor in elsewhere.items():
            if thread in refused:
                self._unfollow(thread)
                self.push(error_frame(str(thread), refused[thread]))
                continue
            if thread not in self._followed:
                self.push(encode(Ack(str(thread), thread)))
            self._followed[thread] = cursor
            self.hub.follow(self, thread, cursor)

    def _stands(self, thread: UUID, cursor: int) -> bool:
        """Whether it follows from there already. One that was expelled asks again, and is refused."""
        return self._followed.get(thread) == cursor and self in self.hub.following.of(thread)

    def _unfollow(self, thread: UUID) -> None:
        self.hub.unfollow(self, thread)
        self._followed.pop(thread, None)

    def _drop_timelines(self, threads: Iterable[UUID]) -> None:
        """What waits for a reader who stands elsewhere is read from the table again."""
        stale = set(threads)
        self._frames = deque(
            frame for frame in self._frames if not (_is_timeline(frame) and reached(frame).consultation in stale)
        )
        self._bytes = sum(map(len, self._frames))

    # --- between two polls ---

    def _stay(self) -> None:
        if self._fading is not None:
            self._fading.cancel()
            self._fading = None

    def _fade(self) -> None:
        self._stay()
        if not self.over:
            self._fading = self.hub.loop.call_later(KEPT_SECONDS, self.end)


class Pollers:
    """The lines of this process, by person, session and name."""

    def __init__(self) -> None:
        self._of: dict[UUID, dict[tuple[str, str], Poller]] = {}

    def take(self, person: Person, session: str, name: str) -> Poller:
        """The line of that name, or a new one, which begins with `welcome`. Raises Refused(TOO_MANY) when MAX_LINES of this person wait."""
        here = hub()
        mine = self._of.get(person.id, {})
        known = mine.get((session, name))
        if known is not None and known.hub is here:
            return known
        if len(mine) >= MAX_LINES:
            self._make_room(mine)
        line = Poller(here, person, session, lambda: self._forget(person.id, (session, name)))
        line.push(encode(Welcome(person.id, now_ms())))
        self._of.setdefault(person.id, {})[session, name] = line
        return line

    def _forget(self, person: UUID, key: tuple[str, str]) -> None:
        mine = self._of.get(person, {})
        mine.pop(key, None)
        if not mine:
            self._of.pop(person, None)

    @staticmethod
    def _make_room(mine: dict[tuple[str, str], Poller]) -> None:
        idle = next((line for line in mine.values() if not line.waiting), None)
        if idle is None:
            raise Refused(TOO_MANY, retry_after=FULL_SECONDS)
        idle.end()


def _is_timeline(frame: bytes) -> bool:
    return frame.startswith(b'{"type":"timeline"')


def _unreadable(person: Person, threads: list[UUID]) -> dict[UUID, Refused]:
    """Of `threads`, those that `person` may not read, with the refusal."""
    found: dict[UUID, Refused] = {}
    for thread in threads:
        try:
            family.note_reading(person, audiences.load(person, thread))
        except Refused as refusal:
            found[thread] = refusal
    return found
