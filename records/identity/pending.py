"""A sign-in half done: the password was right, a second factor or a password of one's own is still to come. It is kept in a session that
is nobody's yet: nothing else opens with it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from django.utils.crypto import constant_time_compare

from records.identity import factors, passwords
from records.identity.fresh import factor_required, is_staff
from records.people import Person

if TYPE_CHECKING:
    from django.http import HttpRequest

SECONDS: Final = 300
_KEY: Final = "pending"
SHOW, SET_UP, CHOOSE = "show", "set_up", "password"


class Waiting(NamedTuple):
    """`shown`: the kind of the second factor, once there was one."""

    person: Person
    method: str
    step: str
    shown: str | None


def step_for(person: Person, method: str, shown: str | None) -> str | None:
    """What comes next before the session: to show a factor, to set one up, to choose another password than an operator's, or nothing."""
    if is_staff(person) and shown is None:
        if factors.kinds(person):
            return SHOW
        if factor_required():
            return SET_UP
    return CHOOSE if method == "password" and passwords.is_made(person) else None


def begin(request: HttpRequest, person: Person, method: str, step: str, shown: str | None) -> None:
    """Remember whose sign-in this is. Whoever was signed in here is not any more: the caller has ended that session."""
    request.session.cycle_key()
    request.session.set_expiry(SECONDS)
    request.session[_KEY] = {
        "person": str(person.id),
        "password": person.get_session_auth_hash(),
        "method": method,
        "step": step,
        "shown": shown,
        "at": time.time(),
    }


def of(request: HttpRequest) -> Waiting | None:
    """The sign-in that waits here; None when there is none, it is old, or the account changed since."""
    kept: dict[str, Any] | None = request.session.get(_KEY)
    if kept is None or not 0 <= time.time() - kept["at"] <= SECONDS:
        return None
    person = Person.objects.filter(id=UUID(kept["person"]), is_active=True).first()
    if person is None or not constant_time_compare(kept["password"], person.get_session_auth_hash()):
        return None
    return Waiting(person, kept["method"], kept["step"], kept.get("shown"))


def end(request: HttpRequest) -> None:
    """Forget it."""
    if request.session.pop(_KEY, None) is not None:
        request.session.set_expiry(None)
