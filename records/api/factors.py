"""Second factors: shown to finish a sign-in or to confirm it, set up, listed, taken away.

A sign-in half done has no session yet. What it may do, showing a factor or setting up its first, is open to whoever has its cookie.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import segno
from allauth.core.internal import ratelimit
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field, StringConstraints
from redis.exceptions import RedisError

from records import sessions
from records.api.auth import OPEN, OWN, SignedInRequest, acts, anybody, signed_in
from records.api.schemas import Body, Words
from records.api.session import Session, Step, begun, session_of, step_of
from records.errors import SIGNED_OUT, TOO_MANY, UNAVAILABLE, ErrorKind, Refused
from records.identity import factors, fresh, passkeys, pending, totp
from records.identity.models import Factor
from records.people import Person

router = Router(tags=["session"])

Code = Annotated[str, StringConstraints(min_length=6, max_length=16)]
SIGN_IN_AGAIN: Final = ErrorKind(
    "factor.sign_in_again", 403, "请先退出，再重新登录，然后设置。", "Please sign out and in again before you set this up."
)
_SECRET: Final = "totp"  # noqa: S105 - the name under which a new secret waits in the session


class Methods(Schema):
    """How the person who is signing in, or signed in, can show a second factor. None: there is none yet."""

    methods: list[Literal["totp", "passkey", "recovery"]]


class Shown(Body):
    """One of the two: a code of the app or a recovery code, or what a passkey signed (AuthenticationResponseJSON)."""

    code: Code | None = None
    passkey: dict[str, Any] | None = None


class Options(Schema):
    """What the browser hands to navigator.credentials."""

    options: dict[str, Any]


class NewApp(Schema):
    """`path` draws the QR code of `address` in a square of `size` units; `secret` is for typing."""

    secret: str
    address: str
    path: str
    size: int


class AppCode(Body):
    code: Code


class NewPasskey(Body):
    name: Annotated[Words, StringConstraints(min_length=1, max_length=60)]
    passkey: dict[str, Any]


class SetUp(Schema):
    """`recovery_codes`: with the first factor, never shown again. Where a sign-in waited for this: `session`, or the `step` left."""

    recovery_codes: list[str] | None
    session: Session | None
    step: Step | None


class FactorRow(Schema):
    id: UUID
    kind: Literal["totp", "passkey", "recovery"]
    name: str
    added_at: datetime
    used_at: datetime | None
    left: Annotated[int | None, Field(description="recovery codes not used yet")]


class RecoveryCodes(Schema):
    codes: list[str]


@router.get("/session/factor", auth=anybody, response=Methods)
@acts(OPEN)
def methods(request: HttpRequest) -> dict[str, Any]:
    """The kinds of second factors that this person can show."""
    return {"methods": sorted(factors.kinds(_somebody(request)))}


@router.post("/session/factor/passkey", auth=anybody, response=Options)
@acts(OPEN)
def ask_passkey(request: HttpRequest) -> dict[str, Any]:
    """A challenge for the passkeys of the person who is signing in, or confirms."""
    return {"options": passkeys.begin_showing(request, _somebody(request))}


@router.post("/session/factor", auth=anybody, response={200: Session, 202: Step})
@acts(OPEN)
def show(request: HttpRequest, body: Shown) -> Any:
    """Show a second factor: finishes a sign-in, unless a step is left (202), or makes a session fresh."""
    person = _somebody(request)
    attempt = _counted(request, person)
    shown = factors.show_code(person, body.code) if body.code else passkeys.show(request, person, body.passkey or {})
    attempt.rollback()
    waiting = pending.of(request)
    if waiting is not None:
        return begun(person, sessions.proceed(request, person, waiting.method, shown))
    sessions.confirm(request, person, shown)
    return session_of(person)


@router.get("/session/fresh", auth=signed_in, response={204: None})
@acts(OWN)
def is_fresh(request: SignedInRequest) -> Status[None]:
    """204 when a factor was shown lately, else 403 `factor.stale`: for pages, before they begin a download."""
    factors.must_be_staff(request.auth)
    fresh.require_fresh(request)
    return Status(204, None)


@router.get("/me/factors", auth=signed_in, response=list[FactorRow])
@acts(OWN)
def mine(request: SignedInRequest) -> list[dict[str, Any]]:
    """The second factors that this person has set up, oldest first; no secret is among them."""
    factors.must_be_staff(request.auth)
    return [_row(factor) for factor in factors.listed(request.auth)]


@router.post("/me/factors/totp", auth=anybody, response=NewApp)
@acts(OPEN)
def begin_totp(request: HttpRequest) -> dict[str, Any]:
    """A secret for an authenticator app; it counts once its first code was sent back."""
    person = _may_set_up(request)
    secret = request.session[_SECRET] = totp.new_secret()
    address = totp.address(secret, person.login, settings.XINQIAO_HOSPITAL_ZH)
    return {"secret": secret, "address": address, **drawn(address)}


@router.put("/me/factors/totp", auth=anybody, response=SetUp)
@acts(OPEN)
def finish_totp(request: HttpRequest, body: AppCode) -> dict[str, Any]:
    """End setting up an authenticator app with a code that it shows; the first factor brings recovery codes, shown this once."""
    person = _may_set_up(request)
    secret = request.session.get(_SECRET)
    if secret is None:
        raise Refused(factors.WRONG)
    attempt = _counted(request, person)
    with transaction.atomic():
        _still_may(request, person)
        factors.add_totp(person, secret, body.code)
        attempt.rollback()
        codes = factors.recovery_codes_if_none(person)
        del request.session[_SECRET]
        return _set_up(request, person, codes, factors.Kind.TOTP)


@router.post("/me/factors/passkey", auth=anybody, response=Options)
@acts(OPEN)
def begin_passkey(request: HttpRequest) -> dict[str, Any]:
    """Begin making a passkey: what the browser's WebAuthn asks for."""
    return {"options": passkeys.begin_adding(request, _may_set_up(request))}


@router.put("/me/factors/passkey", auth=anybody, response=SetUp)
@acts(OPEN)
def finish_passkey(request: HttpRequest, body: NewPasskey) -> dict[str, Any]:
    """Keep a passkey that the browser made; the first factor brings recovery codes, shown this once."""
    person = _may_set_up(request)
    with transaction.atomic():
        _still_may(request, person)
        passkeys.finish_adding(request, person, body.name, body.passkey)
        codes = factors.recovery_codes_if_none(person)
        return _set_up(request, person, codes, factors.Kind.PASSKEY)


@router.post("/me/factors/recovery", auth=signed_in, response=RecoveryCodes)
@acts(OWN)
def renew_recovery(request: SignedInRequest) -> dict[str, Any]:
    """Ten new recovery codes; the ones before are worth nothing."""
    factors.must_be_staff(request.auth)
    fresh.require_fresh(request)
    with transaction.atomic():
        codes = factors.new_recovery_codes(request.auth)
        sessions.end_elsewhere(request.auth, but=request.session.session_key, by=request.auth)
    return {"codes": codes}


@router.delete("/me/factors/{uuid:factor_id}", auth=signed_in, response={204: None})
@acts(OWN)
def remove(request: SignedInRequest, factor_id: UUID) -> Status[None]:
    """Take a factor away. Asks for one shown lately; the last of a member of staff who must have one stays."""
    factors.must_be_staff(request.auth)
    fresh.require_fresh(request)
    with transaction.atomic():
        factors.remove(request.auth, factor_id)
        sessions.end_elsewhere(request.auth, but=request.session.session_key, by=request.auth)
    return Status(204, None)


def drawn(text: str) -> dict[str, Any]:
    """A QR code as one SVG path, in units of its modules: pages draw it themselves, where a data: picture would not be let in."""
    rows = list(segno.make(text, error="m").matrix_iter(border=4))
    marks = (f"M{x},{y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return {"path": "".join(marks), "size": len(rows)}


def _somebody(request: HttpRequest) -> Person:
    """The person whose sign-in waits here, else who is signed in. Raises Refused: SIGNED_OUT, or NOT_FOUND for patients."""
    waiting = pending.of(request)
    if waiting is not None:
        return waiting.person
    if not isinstance(request.user, Person) or not fresh.accepted(request.session):
        raise Refused(SIGNED_OUT)
    factors.must_be_staff(request.user)
    return request.user


def _may_set_up(request: HttpRequest) -> Person:
    """Who may add a factor now: a sign-in that waits for its first one, else somebody who has shown one lately.

    A sign-in that began before the first factor was there adds none after it: whoever waits with a password alone may be a stranger. The
    first factor of a session under way needs a session that began lately: a stolen one must not become stronger than its owner.
    """
    waiting = pending.of(request)
    if waiting is not None and waiting.step != pending.SET_UP:
        raise Refused(SIGNED_OUT)
    person = _somebody(request)
    has_one = bool(factors.kinds(person))
    if waiting is None and has_one:
        fresh.require_fresh(request)
    elif has_one or (waiting is None and not fresh.began_lately(request)):
        raise Refused(SIGN_IN_AGAIN)
    return person


def _still_may(request: HttpRequest, person: Person) -> None:
    """Ask again with the person locked, in the transaction that adds: of two sign-ins at once one adds the first factor."""
    Person.objects.select_for_update().get(id=person.id)
    _may_set_up(request)


def _set_up(request: HttpRequest, person: Person, codes: list[str] | None, kind: str) -> dict[str, Any]:
    """After a factor was added: finish the sign-in that waited for it; else make this session fresh, and end all others."""
    waiting = pending.of(request)
    if waiting is not None:
        step = sessions.proceed(request, person, waiting.method, kind)
        after = {"session": session_of(person)} if step is None else {"step": step_of(person, step)}
        return {"recovery_codes": codes, "session": None, "step": None, **after}
    sessions.confirm(request, person, kind)
    sessions.end_elsewhere(person, but=request.session.session_key, by=person)
    return {"recovery_codes": codes, "session": None, "step": None}


def _counted(request: HttpRequest, person: Person) -> Any:
    """Count a failure before the code is looked at; the caller takes it back when the code was right.

    Five within five minutes, by person, and even the right code has to wait.
    """
    try:
        attempt = ratelimit.consume(request, app="allauth.account", action="login_failed", key=f"factor-{person.id}")
    except RedisError as error:
        raise Refused(UNAVAILABLE) from error
    if not attempt:
        raise Refused(TOO_MANY)
    return attempt


def _row(factor: Factor) -> dict[str, Any]:
    left = len(factors.opened(factor)) if factor.kind == factors.Kind.RECOVERY else None
    fields = ("id", "kind", "name", "added_at", "used_at")
    return {name: getattr(factor, name) for name in fields} | {"left": left}
