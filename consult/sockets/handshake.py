"""Who may open a socket: a page of this host, in a session, with a ticket that nobody has used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.http import parse_cookie

from consult.errors import ORIGIN, TICKET
from consult.protocol import CloseCode
from consult.sockets import tickets
from consult.threads import in_database
from records.errors import SIGNED_OUT, UNAVAILABLE, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from records.people import Person

NOT_OPENED: Final = {
    ORIGIN.code: CloseCode.ORIGIN,
    SIGNED_OUT.code: CloseCode.SIGNED_OUT,
    TICKET.code: CloseCode.TICKET,
    UNAVAILABLE.code: CloseCode.UNAVAILABLE,
}


async def admitted(scope: dict[str, Any], session: str, offers: Iterable[str]) -> Person:
    """Who opens this socket. Raises Refused with one of NOT_OPENED."""
    if not origin_allowed(scope):
        raise Refused(ORIGIN)
    return await in_database(tickets.admitted, session, tickets.offered(offers))


def session_of(scope: dict[str, Any]) -> str:
    """The key in the session's cookie; empty when there is none, or what is there can be none."""
    cookies = b"; ".join(value for name, value in scope["headers"] if name == b"cookie").decode("latin-1")
    key: str = parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME, "")
    return key if key.isalnum() else ""


def origin_allowed(scope: dict[str, Any]) -> bool:
    """Only pages of this very host, or of an origin named in the settings, may open a socket."""
    headers = dict(scope["headers"])
    origin = headers.get(b"origin", b"").decode("latin-1")
    if origin in settings.XINQIAO_ORIGINS:
        return True
    parts = urlsplit(origin)
    schemes = {"https"} if settings.XINQIAO_HTTPS else {"http", "https"}
    return parts.scheme in schemes and parts.netloc == headers.get(b"host", b"").decode("latin-1")
