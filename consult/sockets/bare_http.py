"""HTTP that is answered before Django: where its middleware would hold a thread for half a minute, or cost more than the answer.

Who asks is looked up as for a socket, and checked against foreign pages as the REST interface does.
"""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.handlers.asgi import ASGIRequest
from django.http.multipartparser import MultiPartParserError

from consult import callers
from consult.errors import TOO_BIG
from consult.sockets.handshake import session_of
from records.api.auth import anybody
from records.api.errors import INTERNAL, MALFORMED, answer
from records.errors import SIGNED_OUT, Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from records.people import Person

    Receive = Callable[[], Awaitable[dict[str, Any]]]
    Send = Callable[[dict[str, Any]], Awaitable[None]]
    Scope = dict[str, Any]

logger = logging.getLogger(__name__)

MAX_BODY_BYTES: Final = 16 * 1024
HEADERS: Final = [
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"same-origin"),
    *([(b"strict-transport-security", b"max-age=%d" % settings.SECURE_HSTS_SECONDS)] if settings.SECURE_HSTS_SECONDS else []),
]


def posted(answering: Callable[[Scope, Receive, bytes], Awaitable[bytes]]) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """The ASGI application that answers each POST with the JSON that `answering` makes of its scope and body, or in a coded error."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            content = await answering(scope, receive, await _body(scope, receive))
        except Refused as refusal:
            await _refuse(send, refusal)
        except ConnectionResetError:
            return  # nobody listens any more
        except Exception:  # nobody above answers: outside Django an error would be an answer that never comes
            logger.exception("%s failed", scope["path"])
            await _refuse(send, Refused(INTERNAL))
        else:
            await _respond(send, 200, content)

    return application


def authenticated(scope: Scope) -> tuple[Person, str]:
    """Who asks, and through which session. Blocking; raises Refused: SIGNED_OUT, CROSS_SITE or MALFORMED."""
    session = session_of(scope)
    person = callers.of_session(session) if session else None
    if person is None:
        raise Refused(SIGNED_OUT)
    try:
        request = ASGIRequest(scope, io.BytesIO())
        request.get_host()
        anybody(request)
    except (SuspiciousOperation, MultiPartParserError) as error:
        raise Refused(MALFORMED) from error
    return person, session


async def _body(scope: Scope, receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > MAX_BODY_BYTES:
            raise Refused(TOO_BIG)
    if scope["method"] != "POST":
        raise Refused(MALFORMED)
    return body


async def _refuse(send: Send, refusal: Refused) -> None:
    more = {} if refusal.retry_after is None else {"retry_after": refusal.retry_after}
    response = answer(refusal.kind, refusal.fields, **more)
    await _respond(send, response.status_code, response.content)


async def _respond(send: Send, status: int, body: bytes) -> None:
    headers = [*HEADERS, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
