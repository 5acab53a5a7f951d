"""What a session knows about its beginning, and how long ago a second factor was shown in it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

from records.errors import ErrorKind, Refused
from records.people import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

    from records.people import Person

STALE: Final = ErrorKind(
    "factor.stale", 403, "这一步需要再次确认是您本人。", "Please confirm once more that it is you before this step."
)
FRESH_SECONDS: Final = 600
_KEY: Final = "identity"


def is_staff(person: Person) -> bool:
    """Whether this person acts as anything but a patient."""
    return bool(person.role_set - {Role.PATIENT})


def factor_required() -> bool:
    """Whether staff without a second factor must set one up before anything else."""
    return bool(settings.XINQIAO_STAFF_FACTOR == "required")


def begin(session: Any, person: Person, *, shown: bool) -> None:
    """Mark a session that has just begun. `shown`: with a second factor."""
    now = time.time()
    session[_KEY] = {"staff": is_staff(person), "began_at": now, "shown_at": now if shown else None}


def show(request: HttpRequest) -> None:
    """A second factor was shown in this session just now."""
    request.session[_KEY] = {**request.session[_KEY], "shown_at": time.time()}


def accepted(session: Mapping[str, Any]) -> bool:
    """Whether this session's data let somebody in: of staff, where factors are required, only after one was shown.

    Ask wherever a session is looked up. What a person may act as is fixed for a session: whoever gets or loses a role signs in again.
    """
    mark = session.get(_KEY)
    if not isinstance(mark, dict):
        return False
    return not (mark["staff"] and mark["shown_at"] is None and factor_required())


def require_fresh(request: HttpRequest, seconds: int = FRESH_SECONDS) -> None:
    """Raise Refused(STALE) unless a second factor was shown in this session within `seconds`. A demo's sign-in counts as one."""
    if not _within(request, "shown_at", seconds):
        raise Refused(STALE)


def began_lately(request: HttpRequest, seconds: int = FRESH_SECONDS) -> bool:
    """Whether this session began within `seconds`."""
    return _within(request, "began_at", seconds)


def _within(request: HttpRequest, name: str, seconds: int) -> bool:
    at = request.session.get(_KEY, {}).get(name)
    return at is not None and 0 <= time.time() - at <= seconds
