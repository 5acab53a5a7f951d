"""The socket: parses frames, hands them on, sends what comes back. Holds no rules.

An ASGI application of its own instead of a Channels consumer class: those dispatch every frame through a task and a method lookup, which
cost more than storing the message does (see docs/decisions).
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user

from consult import audiences, commands, messages, posting, protocol
from consult.acts import Committed
from consult.commands import Caller
from consult.errors import ORIGIN, SLOW, TOO_BIG
from consult.hub import hub
from consult.protocol import Ack, BadFrame, BilingualText, CloseCode, ErrorFrame, Pong, Welcome, encode
from consult.ratelimit import Bucket
from consult.threads import in_database
from records.errors import SIGNED_OUT, TOO_MANY, UNAVAILABLE, Refused
from records.ledger.chains import now_ms
from records.people import CLINICAL, Person

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from consult.acts import Outcome

logger = logging.getLogger(__name__)

MAX_OUTBOX_BYTES: Final = 1024 * 1024  # a reader that lets this much pile up is closed and resumes by cursor
MAX_INFLIGHT: Final = 256  # acts of one socket waiting for their commit; beyond it we stop reading


async def application(
    scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    """One WebSocket, from handshake to close."""
    await receive()  # websocket.connect
    await send({"type": "websocket.accept"})
    refusal = None if origin_allowed(scope) else (ORIGIN, CloseCode.ORIGIN)
    person = None
    if refusal is None:
        person = await in_database(_signed_in, scope)
        refusal = None if person else (SIGNED_OUT, CloseCode.SIGNED_OUT)
    if refusal is not None or person is None:
        kind, code = refusal or (SIGNED_OUT, CloseCode.SIGNED_OUT)
        await send({"type": "websocket.send", "text": error_frame(None, Refused(kind)).decode()})
        await send({"type": "websocket.close", "code": code})
        return
    await Connection(person, scope["session"].session_key, receive, send).run()


def origin_allowed(scope: dict[str, Any]) -> bool:
    """Only pages of this very host, or of an origin named in the settings, may open a socket."""
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin-1")
    if origin in settings.XINQIAO_ORIGINS:
        return True
    parts = urlsplit(origin)
    return parts.scheme in {"http", "https"} and parts.netloc == headers.get(b"host", b"").decode("latin-1")


def _signed_in(scope: dict[str, Any]) -> Person | None:
    """The active person of the session, with roles and departments read."""
    person = get_user(SimpleNamespace(session=scope["session"]))  # type: ignore[arg-type]  # all it reads of a request
    if not isinstance(person, Person) or not person.is_active:
        return None
    assert person.role_set is not None
    assert person.department_ids is not None
    return person


class Connection:
    """One signed-in device. Everything here runs on the event loop; actions run in threads, messages in the writer."""

    def __init__(
        self,
        person: Person,
        session: str,
        receive: Callable[[], Awaitable[Any]],
        send: Callable[[Any], Awaitable[None]],
    ) -> None:
        self.person: UUID = person.id
        self.session = session
        self.departments = person.department_ids if person.role_set & CLINICAL else frozenset()
        self.caller = Caller(person.id, session)
        self._receive, self._send = receive, send
        self._loop = asyncio.get_running_loop()
        self._bucket = Bucket(settings.XINQIAO_FRAMES_PER_SECOND, settings.XINQIAO_FRAMES_BURST)
        self._outbox: deque[bytes] = deque()
        self._outbox_bytes = 0
        self._outbox_filled = asyncio.Event()
        self._outbox_empty = asyncio.Event()
        self._outbox_empty.set()
        self._letters = hub().letters
        self._inflight = 0
        self._room = asyncio.Event()
        self._room.set()
        self._close_code: int | None = None

    async def run(self) -> None:
        """Serve until either side closes."""
        hub().join(self)
        self.push(encode(Welcome(self.person, now_ms())))
        self._sending = self._loop.create_task(self._flush())
        try:
            while (message := await self._receive())["type"] == "websocket.receive":
                await self._frame(message.get("text") or message.get("bytes") or "")
                await self._room.wait()
        finally:
            hub().leave(self)
            self._sending.cancel()
            self._outbox_empty.set()

    # --- in ---

    async def _frame(self, frame: str | bytes) -> None:
        if self._close_code is not None:
            return
        if not self._bucket.take():
            self._refuse(None, Refused(TOO_MANY))
            self.close(CloseCode.FLOOD)
            return
        if len(frame) > protocol.MAX_FRAME_BYTES:
            self._refuse(None, Refused(TOO_BIG))
            return
        try:
            command = protocol.parse(frame)
        except BadFrame as problem:
            self._refuse(problem.request, commands.bad_frame(problem))
            return
        try:
            await self._command(command)
        except Refused as refusal:
            self._refuse(command.id, refusal)
        except Exception:
            logger.exception("command %s failed", type(command).__name__)
            self._refuse(command.id, Refused(UNAVAILABLE))

    async def _command(self, command: protocol.AnyCommand) -> None:
        match command:
            case protocol.MessageSend() if messages.needs_preparing(command):
                self._submit(command, await in_database(commands.prepare, self.caller, command))
            case protocol.MessageSend() | protocol.CursorAdvance():
                self._submit(command)
            case protocol.TypingCommand():
                hub().typing(self, command.consultation, on=command.on)
            case protocol.Ping():
                self.push(encode(Pong(command.id, now_ms())))
            case protocol.TimelineFollow():
                await in_database(self._may_read, command.consultation)
                self.push(encode(Ack(command.id, command.consultation)))
                hub().follow(self, command.consultation, command.since)
            case protocol.TimelineUnfollow():
                hub().unfollow(self, command.consultation)
                self.push(encode(Ack(command.id, command.consultation)))
            case _:
                self.push(encode(await in_database(commands.run, self.caller, command)))

    def _may_read(self, consultation: UUID) -> None:
        audiences.load(commands.present(self.caller), consultation)

    def _submit(self, command: protocol.MessageSend | protocol.CursorAdvance, body: bytes = b"") -> None:
        """Queue for the next commit; the answer comes back on the writer's thread. The next frame does not wait for it."""
        posting.submit(self.person, self.session, command, partial(self._letters.put, self._answered, command), body)
        self._inflight += 1
        if self._inflight >= MAX_INFLIGHT:
            self._room.clear()

    def _answered(self, command: protocol.Command, outcome: Outcome) -> None:
        self._inflight -= 1
        self._room.set()
        if isinstance(outcome, Committed):
            self.push(encode(commands.acknowledge(command, outcome)))
            return
        self._refuse(command.id, outcome)
        if outcome.kind is SIGNED_OUT:
            self.close(CloseCode.SIGNED_OUT)

    # --- out ---

    def push(self, frame: bytes) -> None:
        """Queue a frame; a reader too slow for its bound is closed."""
        if self._close_code is not None:
            return
        self._outbox.append(frame)
        self._outbox_bytes += len(frame)
        self._outbox_empty.clear()
        self._outbox_filled.set()
        if self._outbox_bytes > MAX_OUTBOX_BYTES:
            self._hang_up()

    def _hang_up(self) -> None:
        """Close on a reader that is too slow, past the queue: its task waits for room that this reader may never make."""
        self._outbox.clear()
        self._outbox_empty.set()
        self._close_code = CloseCode.SLOW_READER
        self._sending.cancel()
        farewell = (
            {"type": "websocket.send", "text": error_frame(None, Refused(SLOW)).decode()},
            {"type": "websocket.close", "code": self._close_code},
        )
        self._last_words = [asyncio.ensure_future(self._send(message)) for message in farewell]

    async def drained(self) -> None:
        """Return when everything queued has left, or never will."""
        await self._outbox_empty.wait()

    def close(self, code: int) -> None:
        """Close after what is queued has been sent. Later frames are dropped: the client resumes by cursor."""
        if self._close_code is None:
            self._close_code = code
            self._outbox_filled.set()

    def _refuse(self, request: str | None, refusal: Refused) -> None:
        self.push(error_frame(request, refusal))

    async def _flush(self) -> None:
        while True:
            await self._outbox_filled.wait()
            self._outbox_filled.clear()
            while self._outbox:
                frame = self._outbox.popleft()
                self._outbox_bytes -= len(frame)
                await self._send({"type": "websocket.send", "text": frame.decode()})
            self._outbox_empty.set()
            if self._close_code is not None:
                await self._send({"type": "websocket.close", "code": self._close_code})
                return


def error_frame(request: str | None, refusal: Refused) -> bytes:
    """A refusal as an `error` frame."""
    kind = refusal.kind
    fields = {name: BilingualText(**words) for name, words in refusal.fields.items()} if refusal.fields else None
    return encode(ErrorFrame(request, kind.code, BilingualText(kind.zh, kind.en), kind.retry, fields))
