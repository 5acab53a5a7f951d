"""The doorbell: tells every process that there is something to look at. Never what it is.

A ring carries ids and a sequence number; a lost one heals on the next ring, on reconnect, or at the poll of `hub.py`. This module is the
only caller of `group_send`. Rings of this process are handled here directly; those for other processes are gathered for 20 ms, because
one `group_send` costs more than a hundred messages, and not sent at all by a process that hears of no other.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections import deque
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from redis.exceptions import RedisError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

logger = logging.getLogger(__name__)

GROUP: Final = "bell"
GATHER_SECONDS: Final = 0.02
RETRY_SECONDS: Final = 1.0
RENEW_SECONDS: Final = 5.0  # a Redis that was emptied or failed over has forgotten the group's members, and says nothing
COMPANY_SECONDS: Final = 3 * RENEW_SECONDS  # how long a process that was heard counts as there
MAX_CARRIED: Final = 16  # frames of calls in one message of the layer, each of 64 KiB at most
MAX_RINGS: Final = 500  # in one message of the layer


class Ring(NamedTuple):
    """kind: timeline, cursors, changed, queue, typing-on, typing-off, draft, left, gone, shred, call, due. `people` is who may care (of
    `left`: who may belong no more); `head` the last sequence (of `due`: the time)."""

    kind: str
    id: UUID
    head: int = 0
    people: tuple[UUID, ...] = ()

    def packed(self) -> list[Any]:
        return [self.kind, self.id.hex, self.head, [person.hex for person in self.people]]

    @classmethod
    def unpack(cls, packed: Sequence[Any]) -> Ring:
        kind, id_, head, people = packed
        return cls(kind, UUID(id_), head, tuple(UUID(person) for person in people))


class Bell:
    """This process's end of the doorbell, living on the event loop that serves its sockets."""

    def __init__(self, answer: Callable[[Sequence[Ring]], None], carried: Callable[[bytes], None] | None = None) -> None:
        self.loop = asyncio.get_running_loop()
        self.name = secrets.token_hex(8)
        self._answer, self._carried = answer, carried
        self._carrying: deque[bytes] = deque()
        self._carrier: asyncio.Task[None] | None = None
        self._outgoing: dict[tuple[str, UUID], Ring] = {}
        self._flush: asyncio.TimerHandle | None = None
        self._company_until = 0.0  # on the loop's clock
        self._tasks: set[asyncio.Task[None]] = set()
        self._start(self._listen())

    @property
    def alone(self) -> bool:
        """Whether no other process that serves sockets was heard lately."""
        return self.loop.time() > self._company_until

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()

    def ring_here(self, rings: Sequence[Ring]) -> None:
        """Answer in this process, and tell the others. On the loop only."""
        self._answer(rings)
        self.ring_others(rings)

    def ring_others(self, rings: Sequence[Ring]) -> None:
        """Gather for the other processes; of several rings for one thing the last says it all, and all of their people hear it."""
        if self.alone:
            return
        for ring in rings:
            before = self._outgoing.get((ring.kind, ring.id))
            people = ring.people if before is None else (*{*before.people, *ring.people},)
            self._outgoing[ring.kind, ring.id] = ring._replace(people=people)
        if self._outgoing and self._flush is None:
            self._flush = self.loop.call_later(GATHER_SECONDS, self._send_gathered)

    def carry(self, envelope: bytes) -> None:
        """Take what a device says in a call to the process that has the other one, in order. The one thing that goes through the layer
        and is no ring: it is sealed, nothing keeps it, and who misses it asks again. On the loop only."""
        if self.alone:
            return
        self._carrying.append(envelope)
        self._carry_on()

    def _carry_on(self) -> None:
        if self._carrier is None and self._carrying:
            self._carrier = self._start(self._carry_all())
            self._carrier.add_done_callback(self._carried_all)

    async def _carry_all(self) -> None:
        while self._carrying:
            load = [self._carrying.popleft() for _ in range(min(len(self._carrying), MAX_CARRIED))]
            await _send([], self.name, load)

    def _carried_all(self, _: asyncio.Task[None]) -> None:
        self._carrier = None
        self._carry_on()  # what came after the last look

    def _send_gathered(self) -> None:
        self._flush = None
        rings, self._outgoing = list(self._outgoing.values()), {}
        for start in range(0, len(rings), MAX_RINGS):
            self._start(_send(rings[start : start + MAX_RINGS], self.name))

    def _start(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _listen(self) -> None:
        """Hear the other processes for as long as this one lives; without the layer, wait and try again."""
        while True:
            try:
                layer = get_channel_layer()
                channel = await layer.new_channel()
                renewing = self._start(self._stay_in_group(layer, channel))
                try:
                    await self._answer_others(layer, channel)
                finally:
                    renewing.cancel()
            except Exception as error:  # noqa: BLE001 - whatever it is, the poll heals it
                logger.warning("doorbell deaf, the poll goes on: %s", type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)

    async def _answer_others(self, layer: Any, channel: str) -> None:
        while True:
            message = await layer.receive(channel)
            if message["from"] != self.name:
                if message["from"]:
                    await self._meet()
                self._answer([Ring.unpack(packed) for packed in message["rings"]])
                for envelope in message.get("carried", ()):
                    if self._carried is not None:
                        self._carried(envelope)

    async def _meet(self) -> None:
        """Another process that serves sockets is there. One that is new to us learns of us at once."""
        new = self.alone
        self._company_until = self.loop.time() + COMPANY_SECONDS
        if new:
            await _send([], self.name)

    async def _stay_in_group(self, layer: Any, channel: str) -> None:
        """Join, and join again should the layer have forgotten us, and say that we are there. Ends when the layer is away: then
        receiving fails too, and starts us anew."""
        with contextlib.suppress(OSError, RedisError):
            while True:
                await layer.group_add(GROUP, channel)
                await _send([], self.name)
                await asyncio.sleep(RENEW_SECONDS)


class _Attached:
    """The one bell of this process."""

    bell: Bell | None = None


def attach(answer: Callable[[Sequence[Ring]], None], carried: Callable[[bytes], None] | None = None) -> Bell:
    """Make this process answer rings on the running loop; one answerer a process."""
    detach()
    _Attached.bell = bell = Bell(answer, carried)
    return bell


def detach() -> None:
    if _Attached.bell is not None:
        _Attached.bell.close()
        _Attached.bell = None


def ring(*rings: Ring) -> None:
    """Ring from any thread, after commit. Never raises: nothing durable depends on it."""
    if (bell := _Attached.bell) is not None:
        with contextlib.suppress(RuntimeError):  # the loop was closed: this process serves no sockets any more
            bell.loop.call_soon_threadsafe(bell.ring_here, rings)
            return
    try:
        async_to_sync(_send)(rings, "")
    except RuntimeError as error:  # called on a loop that serves no sockets: the poll will find it
        logger.warning("doorbell not rung: %s", type(error).__name__)


async def _send(rings: Sequence[Ring], name: str, carried: Sequence[bytes] = ()) -> None:
    message = {"type": "bell.ring", "from": name, "rings": [ring.packed() for ring in rings], "carried": carried}
    with contextlib.suppress(asyncio.CancelledError):
        try:
            await get_channel_layer().group_send(GROUP, message)
        except Exception as error:  # noqa: BLE001 - whatever it is, the poll heals it
            logger.warning("doorbell not rung, the poll will find it: %s", type(error).__name__)
