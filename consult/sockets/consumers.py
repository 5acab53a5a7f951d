"""The socket: parses frames, hands them on, sends what comes back. Holds no rules.

An ASGI application of its own instead of a Channels consumer class: those dispatch every frame through a task and a method lookup, which
cost more than storing the message does (see docs/decisions/0004).
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from consult import audiences, commands, family, protocol, timeline
from consult.calls.switchboard import Passed
from consult.commands import Caller
from consult.conversation import messages
from consult.errors import SLOW, TOO_BIG
from consult.protocol import Ack, BadFrame, BilingualText, CloseCode, ErrorFrame, Pong, Welcome, encode
from consult.ratelimit import limits, of_calls
from consult.rooms.floor import Said
from consult.sockets import tickets
from consult.sockets.handshake import NOT_OPENED, admitted, session_of
from consult.sockets.hub import hub
from consult.sockets.sendqueue import DIRECT, SendQueue
from consult.threads import in_database
from consult.writing import posting
from consult.writing.acts import Committed
from consult.writing.writer import writer
from records.errors import SIGNED_OUT, TOO_MANY, UNAVAILABLE, Refused
from records.ledger.chains import now_ms
from records.people import CLINICAL, Person
from records.vault import Retention, warm

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from consult.ratelimit import Bucket
    from consult.writing.acts import Outcome

logger = logging.getLogger(__name__)

MAX_INFLIGHT: Final = 256  # acts of one socket waiting for their commit; beyond it we stop reading
MAX_REFUSED: Final = 500  # frames in a row that came too fast; then the socket is closed


async def application(
    scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    """One WebSocket, from handshake to close."""
    await receive()  # websocket.connect
    offers, session = scope.get("subprotocols", ()), session_of(scope)
    # Also what is refused is accepted first: browsers tell a page why a socket was closed, and nothing about a failed handshake.
    await send({"type": "websocket.accept", "subprotocol": tickets.PROTOCOL if tickets.PROTOCOL in offers else None})
    try:
        person = await admitted(scope, session, offers)
    except Refused as refusal:
        await send({"type": "websocket.send", "text": error_frame(None, refusal).decode()})
        await send({"type": "websocket.close", "code": NOT_OPENED[refusal.kind.code]})
        return
    await Connection(person, session, receive, SendQueue(send, scope.get(DIRECT), too_slow)).run()


def too_slow() -> tuple[bytes, int]:
    """What a reader is told that lets too much pile up, and its close code."""
    return error_frame(None, Refused(SLOW)), CloseCode.SLOW_READER


class Connection:
    """One signed-in device. Everything here runs on the event loop; actions run in threads, messages in the writer."""

    __slots__ = (
        "_all_answered", "_bucket", "_busy", "_call_bucket", "_hub", "_inflight", "_queue", "_receive", "_refused", "_wanted",
        "close", "departments", "drained", "line", "person", "push", "session",
    )  # fmt: skip

    def __init__(self, person: Person, session: str, receive: Callable[[], Awaitable[Any]], queue: SendQueue) -> None:
        self._hub = hub()
        self.person: UUID = person.id
        self.session = session
        self.line: str | None = secrets.token_hex(8)
        self.departments = person.department_ids if person.role_set & CLINICAL else frozenset()
        self.push = queue.push
        self.close = queue.close
        self.drained = queue.drained
        self._receive, self._queue = receive, queue
        self._bucket = limits().of(person.id)
        self._call_bucket: Bucket | None = None
        self._refused = 0  # frames in a row that came too fast
        self._busy = False  # with a frame that has to wait for something: those behind it wait too
        self._inflight = 0
        self._all_answered: asyncio.Future[None] | None = None  # what an action, or too many acts in flight, wait for
        self._wanted = 0  # acts in flight down to which they wait

    async def run(self) -> None:
        """Serve until either side closes."""
        self.push(encode(Welcome(self.person, now_ms())))
        self._hub.join(self)  # which tells it of a call that rings
        self._queue.listen(self._at_once)
        try:
            while (message := await self._receive())["type"] == "websocket.receive":
                self._busy = True
                await self._frame(message.get("text") or message.get("bytes") or "")
                self._busy = False
        finally:
            self._hub.leave(self)
            self._queue.gone()

    # --- in ---

    def _at_once(self, frame: str) -> bool:
        """Queue a message for the next commit without a turn of the loop, if nothing has to be waited for or refused.

        False: nothing was done, and the frame shall come through `receive`.
        """
        if self._busy or self._queue.closing or self._inflight >= MAX_INFLIGHT or writer.full:
            return False
        try:
            command = protocol.parse(frame)
        except BadFrame:
            return False
        if not isinstance(command, protocol.MessageSend) or messages.needs_preparing(command) or self._bucket.take():
            return False
        self._refused = 0
        try:
            self._submit(command)
        except Refused as refusal:
            self._refuse(command.id, refusal)
        return True

    async def _frame(self, frame: str | bytes) -> None:
        if self._queue.closing:
            return
        if wait := self._bucket.take():
            await self._too_many(frame, wait)
            return
        self._refused = 0
        try:
            command = protocol.parse_bounded(frame)
        except BadFrame as problem:
            self._refuse(problem.request, commands.bad_frame(problem))
            if problem.code == TOO_BIG.code and protocol.is_of_call(frame):  # no page of ours makes one
                self.close(CloseCode.TOO_BIG)
            return
        try:
            await self._command(command)
        except Refused as refusal:
            self._refuse(command.id, refusal)
        except Exception:  # one command's fault, or the database's, ends neither the socket nor what else it asked for
            logger.exception("command %s failed", type(command).__name__)
            self._refuse(command.id, Refused(UNAVAILABLE))

    async def _too_many(self, frame: str | bytes, wait: float) -> None:
        """Say so, and stop listening to this socket for a moment: a flood slows its sender and nobody else."""
        try:
            request: str | None = protocol.parse_bounded(frame).id
        except BadFrame as problem:
            request = problem.request
        self._refuse(request, Refused(TOO_MANY, retry_after=wait))
        self._refused += 1
        if self._refused >= MAX_REFUSED:
            self.close(CloseCode.FLOOD)
        await asyncio.sleep(self._bucket.pace)

    async def _command(self, command: protocol.AnyCommand) -> None:
        match command:
            case protocol.MessageSend() | protocol.CursorAdvance():
                await self._write(command)
                return
            case protocol.TypingCommand():
                await self._hub.typists.typed(self, command)
                return
            case protocol.Ping():
                self.push(encode(Pong(command.id, now_ms())))
                return
        if type(command) in commands.OF_CALLS:
            await self._call(command)
            return
        # Acts take effect in the order in which they were sent: what went to the writer comes before what is done here.
        await self._at_most(0)
        match command:
            case protocol.TimelineFollow():
                await self._follow(command)
            case protocol.TimelineUnfollow():
                self._hub.unfollow(self, command.consultation)
                self.push(encode(Ack(command.id, command.consultation)))
            case _:
                self.push(encode(await in_database(commands.run, Caller(self.person, self.session), command)))

    async def _call(self, command: Any) -> None:
        """What two devices say to each other is passed on here; the rest of a call is an act."""
        self._call_bucket = self._call_bucket or of_calls()
        if wait := self._call_bucket.take():
            self._refuse(command.id, Refused(TOO_MANY, retry_after=wait))
            self.close(CloseCode.FLOOD)
            return
        if isinstance(command, Passed | Said):
            exchange = self._hub.calls
            more = exchange.passes(self, command) if isinstance(command, Passed) else await exchange.says(self, command)
            self.push(encode(Ack(command.id, call=command.call)))
            if more is not None:
                self.push(more)
            return
        await self._at_most(0)
        ack = await in_database(commands.run_call, Caller(self.person, self.session, self.line or ""), command)
        self.push(encode(ack))
        if isinstance(command, commands.TAKES_SEAT) and ack.call is not None:
            self._hub.calls.bind(self, ack.call)

    async def _follow(self, command: protocol.TimelineFollow) -> None:
        following = self._hub.following
        with following.opening(command.consultation):
            page = await in_database(self._first_page, command.consultation, command.since)
            self.push(encode(Ack(command.id, command.consultation)))
            following.follow(self, command.consultation, command.since, page)

    def _first_page(self, thread: UUID, since: int) -> timeline.Page:
        person = commands.present(Caller(self.person, self.session))
        family.note_reading(person, audiences.load(person, thread))
        warm(thread, Retention.DIALOGUE)  # here, and not on the writer's thread when this person writes
        return timeline.since(thread, since)

    async def _write(self, command: protocol.MessageSend | protocol.CursorAdvance) -> None:
        """Queue for the next commit; the answer comes back on the writer's thread. The next frame does not wait for it, unless too
        many wait already: those of this socket, or those of everybody."""
        body = b""
        if isinstance(command, protocol.MessageSend) and messages.needs_preparing(command):
            await self._at_most(0)
            body = await in_database(commands.prepare, Caller(self.person, self.session), command)
        if self._inflight >= MAX_INFLIGHT:
            await self._at_most(MAX_INFLIGHT - 1)
        if writer.full:
            await self._hub.room_to_write()
        self._submit(command, body)

    def _submit(self, command: protocol.MessageSend | protocol.CursorAdvance, body: bytes = b"") -> None:
        done = partial(self._hub.wakeups.put, self._answered, command)
        posting.submit(self.person, self.session, command, done, body)
        self._inflight += 1

    async def _at_most(self, wanted: int) -> None:
        """Wait until at most so many acts of this socket are on their way."""
        while self._inflight > wanted:
            self._wanted = wanted
            self._all_answered = asyncio.get_running_loop().create_future()
            await self._all_answered

    def _answered(self, command: protocol.Command, outcome: Outcome) -> None:
        self._inflight -= 1
        if self._all_answered is not None and self._inflight <= self._wanted and not self._all_answered.done():
            self._all_answered.set_result(None)
        if isinstance(outcome, Committed):
            self.push(encode(commands.acknowledge(command, outcome)))
            return
        self._refuse(command.id, outcome)
        if outcome.kind is SIGNED_OUT:
            self.close(CloseCode.SIGNED_OUT)

    def _refuse(self, request: str | None, refusal: Refused) -> None:
        self.push(error_frame(request, refusal))


def error_frame(request: str | None, refusal: Refused) -> bytes:
    """A refusal as an `error` frame."""
    kind = refusal.kind
    fields = {name: BilingualText(**words) for name, words in refusal.fields.items()} if refusal.fields else None
    return encode(ErrorFrame(request, kind.code, BilingualText(kind.zh, kind.en), kind.retry, fields, refusal.retry_after))
