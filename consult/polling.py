"""The same news over plain HTTP, for networks that let no WebSocket through: `POST /poll/`.

A poll joins the hub as a socket does and is answered at the first news, or with nothing after `wait`. Between two polls of one `line`
(one tab of one browser) its news is kept for a while, so that nothing said meanwhile is missed; a line that is new, or was forgotten,
begins with `welcome`, as a new socket does, and its owner reads again what it shows. Timelines cannot lose anything either way: each
poll says how far it has come, and is sent what comes after. A thread that is followed from now on is acknowledged, and one that may
not be read refused, under its own id. Commands go through `POST /api/commands`.
"""

from __future__ import annotations

import io
import logging
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

import msgspec
from django.core.exceptions import SuspiciousOperation
from django.core.handlers.asgi import ASGIRequest
from msgspec import Meta, Struct

from consult import callers
from consult.consumers import session_of
from consult.errors import TOO_BIG
from consult.lines import Lines
from consult.protocol.values import ClientId, Seq
from consult.ratelimit import limits
from consult.threads import in_database
from records.api.auth import anybody
from records.api.errors import INTERNAL, MALFORMED, answer
from records.errors import BAD_INPUT, SIGNED_OUT, TOO_MANY, Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from records.people import Person

    Receive = Callable[[], Awaitable[dict[str, Any]]]
    Send = Callable[[dict[str, Any]], Awaitable[None]]

logger = logging.getLogger(__name__)

MAX_WAIT_SECONDS: Final = 25
MAX_THREADS: Final = 32  # of one poll
MAX_BODY_BYTES: Final = 16 * 1024
HEADERS: Final = [
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"same-origin"),
]


class Poll(Struct, frozen=True, forbid_unknown_fields=True):
    """`line`: the tab's own name for its row of polls. `since`: the threads it follows, each with the last sequence that has arrived.
    `wait`: seconds."""

    line: ClientId
    since: Annotated[dict[UUID, Seq], Meta(max_length=MAX_THREADS)] = {}
    wait: Annotated[float, Meta(ge=0, le=MAX_WAIT_SECONDS)] = MAX_WAIT_SECONDS


read_poll: Final = msgspec.json.Decoder(Poll).decode
lines: Final = Lines()


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """One poll, from request to answer."""
    try:
        person, session, poll = await _asked(scope, receive)
        line = lines.take(person, session, poll.line)
        frames = await line.poll(person, poll.since, poll.wait, partial(_hung_up, receive))
    except Refused as refusal:
        await _refuse(send, refusal)
    except ConnectionResetError:
        return  # nobody listens any more
    except Exception:  # nobody above answers: outside Django an error would be an answer that never comes
        logger.exception("poll failed")
        await _refuse(send, Refused(INTERNAL))
    else:
        await _respond(send, 200, b'{"frames":[%s]}' % b",".join(frames))


async def _asked(scope: dict[str, Any], receive: Receive) -> tuple[Person, str, Poll]:
    body = await _read(receive)
    if scope["method"] != "POST":
        raise Refused(MALFORMED)
    person, session = await in_database(_authenticated, scope)
    if wait := limits().of(person.id).take():
        raise Refused(TOO_MANY, retry_after=wait)
    try:
        return person, session, read_poll(body)
    except msgspec.DecodeError as error:
        raise Refused(BAD_INPUT) from error


async def _read(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_BODY_BYTES:
            raise Refused(TOO_BIG)
    return body


def _authenticated(scope: dict[str, Any]) -> tuple[Person, str]:
    """Who asks, and through which session: looked up as for a socket, and checked against foreign pages as the REST interface does."""
    session = session_of(scope)
    person = callers.of_session(session) if session else None
    if person is None:
        raise Refused(SIGNED_OUT)
    try:
        anybody(ASGIRequest(scope, io.BytesIO()))
    except SuspiciousOperation as error:
        raise Refused(MALFORMED) from error
    return person, session


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _refuse(send: Send, refusal: Refused) -> None:
    more = {} if refusal.retry_after is None else {"retry_after": refusal.retry_after}
    response = answer(refusal.kind, refusal.fields, **more)
    await _respond(send, response.status_code, response.content)


async def _respond(send: Send, status: int, body: bytes) -> None:
    headers = [*HEADERS, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
