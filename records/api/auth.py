"""Who is asking, and what every endpoint does: its authentication, its CSRF check and the name of its action."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from django.conf import settings
from django.http import HttpRequest
from ninja.security import APIKeyCookie
from ninja.utils import check_csrf, contribute_operation_callback

from records.access import RULES
from records.api.errors import CROSS_SITE
from records.errors import SIGNED_OUT, Refused
from records.identity.fresh import accepted
from records.people import Person

if TYPE_CHECKING:
    from collections.abc import Callable

    from ninja.operation import Operation

# Two kinds of endpoint stand outside the table of permissions.
OPEN: Final = "open"  # anybody, signed in or not
OWN: Final = "own"  # anybody signed in, about nobody but themselves

View = TypeVar("View", bound="Callable[..., object]")


class SignedInRequest(HttpRequest):
    """A request that `signed_in` let through."""

    auth: Person


class SignedIn(APIKeyCookie):
    """The person of the session cookie. Without one: 401; with a missing or foreign CSRF token on a write: 403."""

    param_name: str = settings.SESSION_COOKIE_NAME

    def __init__(self) -> None:
        super().__init__(csrf=False)  # checked below, after the session, so that a lapsed session answers 401

    def authenticate(self, request: HttpRequest, key: str | None) -> Person:
        person = request.user
        if not isinstance(person, Person) or not person.is_active or not accepted(request.session):
            raise Refused(SIGNED_OUT)
        anybody(request)
        return person


def anybody(request: HttpRequest) -> bool:
    """Let anybody through, but no write from a foreign page (signing somebody in unawares is an attack too)."""
    if check_csrf(request) is not None:
        raise Refused(CROSS_SITE)
    return True


signed_in: Final = SignedIn()


def acts(action: str) -> Callable[[View], View]:
    """Name what an endpoint does: an action of `records.access.RULES`, OPEN or OWN.

    The name is published as `x-action` in the OpenAPI document; the access-matrix test fails on an endpoint without one.
    Use below the router's decorator.
    """
    if action not in RULES and action not in {OPEN, OWN}:
        raise KeyError(action)

    def declare(operation: Operation) -> None:
        operation.openapi_extra = {**(operation.openapi_extra or {}), "x-action": action}

    def named(view: View) -> View:
        contribute_operation_callback(view, declare)
        return view

    return named
