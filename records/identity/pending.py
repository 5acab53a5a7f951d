"""A sign-in half done: the password was right, the second factor is still to come. It is kept in a session that is nobody's yet."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.utils.crypto import constant_time_compare

from records.identity import factors
from records.identity.fresh import factor_required, is_staff
from records.people import Person

if TYPE_CHECKING:
    from django.http import HttpRequest

SECONDS: Final = 300
_KEY: Final = "pending"
SHOW, SET_UP = "show", "set_up"


def step_for(person: Person) -> str | None:
    """What comes between the password and the session: to show a factor, to set one up, or nothing."""
    if not is_staff(person):
        return None
    if factors.kinds(person):
        return SHOW
    return SET_UP if factor_required() else None


def begin(request: HttpRequest, person: Person, method: str, step: str) -> None:
    """Remember whose sign-in this is. Whoever was signed in here is not any more: the caller has ended that session."""
    request.session.cycle_key()
    request.session.set_expiry(SECONDS)
    request.session[_KEY] = {
        "person": str(person.id),
        "password": person.get_session_auth_hash(),
        "method": method,
        "step": step,
        "at": time.time(),
    }


def of(request: HttpRequest) -> tuple[Person, str, str] | None:
    """(person, method, step) of the sign-in that waits here; None when there is none, it is old, or the account changed since."""
    kept: dict[str, Any] | None = request.session.get(_KEY)
    if kept is None or not 0 <= time.time() - kept["at"] <= SECONDS:
        return None
    person = Person.objects.filter(id=UUID(kept["person"]), is_active=True).first()
    if person is None or not constant_time_compare(kept["password"], person.get_session_auth_hash()):
        return None
    return person, kept["method"], kept["step"]


def end(request: HttpRequest) -> None:
    """Forget it."""
    if request.session.pop(_KEY, None) is not None:
        request.session.set_expiry(None)
