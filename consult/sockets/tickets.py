"""Tickets for sockets: signed, for one session of one person, for half a minute, and good for one opening.

A handshake is a GET that no CSRF token can go with, so a page asks for a ticket with a POST that has one, and shows it in the handshake
as a subprotocol: addresses are written down by proxies and browsers, subprotocols are not. Nothing is stored until a ticket is used.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from django.core import signing
from django.core.cache import cache
from redis.exceptions import RedisError

from consult import callers
from consult.errors import TICKET
from records.errors import SIGNED_OUT, UNAVAILABLE, Refused
from records.sessions import session_tag

if TYPE_CHECKING:
    from collections.abc import Iterable

    from records.people import Person

TICKET_SECONDS: Final = 30
# Used ones are remembered for longer than they are good, for hosts whose clocks differ by as much.
USED_SECONDS: Final = 2 * TICKET_SECONDS
LONGEST_TICKET: Final = 120  # characters

PROTOCOL: Final = "xinqiao"  # what the server chooses: a browser fails a socket whose server chose none of what it offered
_OFFER: Final = "ticket."


def issue(person: Person, session_key: str) -> str:
    """A new ticket, of characters that a subprotocol may have (RFC 9110, token)."""
    return _signer(person, session_key).sign(secrets.token_urlsafe(16))


def offered(subprotocols: Iterable[str]) -> str:
    """The ticket among what a handshake offers; empty when there is none."""
    return next((name.removeprefix(_OFFER) for name in subprotocols if name.startswith(_OFFER)), "")


def admitted(session_key: str, ticket: str) -> Person:
    """Who opens a socket with this session and ticket; the ticket is used up.

    Raises Refused: SIGNED_OUT, TICKET, or UNAVAILABLE while it cannot be known which tickets were used.
    """
    person = callers.of_session(session_key) if session_key else None
    if person is None:
        raise Refused(SIGNED_OUT)
    redeem(person, session_key, ticket)
    return person


def redeem(person: Person, session_key: str, ticket: str) -> None:
    """Use a ticket up. Raises Refused(TICKET) for one that is foreign, altered, over or used, whichever process it was used at."""
    try:
        name = _signer(person, session_key).unsign(ticket[:LONGEST_TICKET], max_age=TICKET_SECONDS)
    except signing.BadSignature as error:
        raise Refused(TICKET) from error
    try:
        first = cache.add(f"socket-ticket:{name}", 1, USED_SECONDS)
    except RedisError as error:
        raise Refused(UNAVAILABLE) from error
    if not first:
        raise Refused(TICKET)


def _signer(person: Person, session_key: str) -> signing.TimestampSigner:
    """Signatures of one person's session: another's does not verify."""
    return signing.TimestampSigner(sep=".", salt=f"xinqiao.socket:{person.id}:{session_tag(session_key)}")
