"""Where somebody is signed in: one row a session, so that its owner sees it and it can be ended from elsewhere."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

from django.contrib.sessions.models import Session
from django.utils import timezone

from records.identity.models import SignIn

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from django.http import HttpRequest

    from records.people import Person

# The first that a browser's own words contain. Browsers name those that they resemble after themselves: order matters.
BROWSERS: Final = (
    ("MicroMessenger/", "WeChat"), ("Edg", "Edge"), ("OPR/", "Opera"),
    ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
SYSTEMS: Final = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux"),
)  # fmt: skip
PREFIX_BITS: Final = {4: 24, 6: 48}


def remember(request: HttpRequest, person: Person, method: str, address: str) -> None:
    """Note the session that has just begun, and drop what is left of sessions that ran out."""
    mine = SignIn.objects.filter(person=person)
    lapsed = set(mine.values_list("session_key", flat=True)) - living(mine.values_list("session_key", flat=True))
    mine.filter(session_key__in=lapsed).delete()
    agent = request.headers.get("User-Agent", "")
    key = request.session.session_key or ""
    SignIn.objects.create(person=person, session_key=key, method=method, device=device_of(agent), place=place_of(address))


def listed(person: Person) -> list[SignIn]:
    """The sessions of a person that still live, newest first."""
    mine = list(SignIn.objects.filter(person=person).order_by("-at"))
    alive = living(one.session_key for one in mine)
    return [one for one in mine if one.session_key in alive]


def delete(person: Person, *, only: UUID | None = None, but: str | None = None) -> list[str]:
    """End the sessions of a person: the sign-in `only`, or all but the session with the key `but`. Returns their keys.

    The caller tells the sockets.
    """
    rows = SignIn.objects.filter(person=person).exclude(session_key=but or "")
    found = list((rows if only is None else rows.filter(id=only)).values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=found).delete()
    SignIn.objects.filter(session_key__in=found).delete()
    return found


def clear() -> int:
    """Drop every session that ran out, sign-ins half done among them, and what was noted of it. Returns how many there were."""
    cleared, _ = Session.objects.filter(expire_date__lte=timezone.now()).delete()
    SignIn.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return cleared


def living(keys: Iterable[str]) -> set[str]:
    """Of these session keys, those whose session is not over."""
    alive = Session.objects.filter(session_key__in=list(keys), expire_date__gt=timezone.now())
    return set(alive.values_list("session_key", flat=True))


def device_of(agent: str) -> str:
    """ "Chrome, Windows" from what the browser says of itself; empty when it says nothing we know."""
    names = (next((name for mark, name in marks if mark in agent), "") for marks in (BROWSERS, SYSTEMS))
    return ", ".join(name for name in names if name)


def place_of(address: str) -> str:
    """The network of an address, without the part that names a machine; empty for what is no address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    return str(ipaddress.ip_network((found, PREFIX_BITS[found.version]), strict=False).network_address)
