"""Signing in and out. Each start and end of a session is a leaf of the system's chain: ids and method, nothing else."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING, Final

import structlog
from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.db import transaction
from redis.exceptions import RedisError

from records.errors import NOT_FOUND, SIGNED_OUT, TOO_MANY, UNAVAILABLE, ErrorKind, Refused
from records.identity import fresh, passwords, pending, signins
from records.identity.models import SignIn
from records.ledger.system import extend_system
from records.people import Person

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpRequest

log = structlog.get_logger(__name__)

# One sentence for a wrong name, a wrong password and a closed account: which of them it was is nobody's business.
SIGN_IN_FAILED: Final = ErrorKind(
    "sign_in.failed", 422, "账号或密码不对，请再试一次。", "The sign-in name or the password is not right. Please try again."
)

# Called after commit with (person, tag of the ended session or None for all of them). Whoever holds connections open
# registers here; this package cannot import them.
on_revoked: list[Callable[[UUID, str | None], None]] = []
# Called with somebody whose account is being closed, in the transaction that closes it: for whoever has work in this person's hands.
on_leaving: list[Callable[[Person], None]] = []


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """What allauth asks of this deployment."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: people are entered by the hospital."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that failed sign-ins are counted by.

        A UNIX socket has no address of its own: there, and behind the HTTPS proxy, it is the one that our proxy put last.
        """
        direct = request.META.get("REMOTE_ADDR") or ""
        forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        return (forwarded if settings.XINQIAO_HTTPS or not direct else direct) or direct or "local"


def session_tag(session_key: str) -> str:
    """A name for a session that is safe to send around: the key itself would let its reader be that person."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:32]


def sign_in(request: HttpRequest, login: str, password: str) -> tuple[Person, str | None]:
    """Check the password. Returns the person, and the step that is left (see `pending.step_for`), or None when the session began.

    Raises Refused as `_known_by`, or `passwords.LAPSED`.
    """
    person = _known_by(request, login, password)
    passwords.must_open(person)
    return person, proceed(request, person, "password")


def _known_by(request: HttpRequest, login: str, password: str) -> Person:
    """The person whose password this is; failures are counted together, wherever somebody is asked for it.

    Raises Refused: SIGN_IN_FAILED, or TOO_MANY after repeated failures; UNAVAILABLE while failures cannot be counted.
    """
    try:
        person = get_adapter(request).authenticate(request, username=login, password=password)
    except ValidationError as error:  # allauth's rate limits
        raise Refused(TOO_MANY) from error
    except RedisError as error:
        raise Refused(UNAVAILABLE) from error
    # allauth hands over closed accounts too, for a page that we do not have.
    if not isinstance(person, Person) or not person.is_active:
        log.info("sign_in.failed")
        raise Refused(SIGN_IN_FAILED)
    return person


def proceed(request: HttpRequest, person: Person, method: str, shown: str | None = None) -> str | None:
    """Begin the session of somebody whose first factor was right, unless a step is left: then that step.

    `shown`: the kind of the second factor, once there was one.
    """
    step = pending.step_for(person, method, shown)
    if step is None:
        start(request, person, method, shown)
        return None
    if isinstance(request.user, Person):
        sign_out(request, request.user)
    pending.begin(request, person, method, step, shown)
    return step


def sign_in_demo(request: HttpRequest, person_id: UUID) -> Person:
    """Start a session as one of the demo's cast, without a password. Raises Refused(NOT_FOUND) unless the demo is on."""
    if not settings.XINQIAO_DEMO:
        raise Refused(NOT_FOUND)
    person = Person.objects.filter(id=person_id, is_active=True).first()
    if person is None:
        raise Refused(NOT_FOUND)
    start(request, person, "demo", shown="demo")
    return person


@transaction.atomic
def start(request: HttpRequest, person: Person, method: str, shown: str | None = None) -> None:
    """Begin a session. `shown`: the kind of the second factor, where there was one. Nobody else may call allauth's or Django's login."""
    before, key = getattr(request.user, "id", None), request.session.session_key
    pending.end(request)
    get_adapter(request).login(request, person)
    if request.session.session_key is None:  # somebody else's session was thrown away, and the new one has no name yet
        request.session.create()
    elif request.session.session_key == key:  # Django keeps the session of whoever signs in again
        request.session.cycle_key()
    fresh.begin(request.session, person, shown=shown is not None)
    signins.remember(request, person, method, get_adapter(request).get_client_ip(request))
    if before and key:  # that session is gone with its key
        SignIn.objects.filter(session_key=key).delete()
        _revoke(before, session_tag(key))
    with extend_system() as system:
        factor = {"factor_kind": shown} if shown and shown != method else {}
        system.add("session.started", actor=person.id, ids={"method": method, **factor})


def confirm(request: HttpRequest, person: Person, shown: str) -> None:
    """A second factor was shown again in a session under way."""
    fresh.show(request)
    with transaction.atomic(), extend_system() as system:
        system.add("session.confirmed", actor=person.id, ids={"factor_kind": shown})


@transaction.atomic
def sign_out(request: HttpRequest, person: Person) -> None:
    """End this session and close the sockets that it opened."""
    key = request.session.session_key
    with extend_system() as system:
        system.add("session.ended", actor=person.id)
    get_adapter(request).logout(request)
    if key:
        SignIn.objects.filter(session_key=key).delete()
        _revoke(person.id, session_tag(key))


@transaction.atomic
def end_elsewhere(person: Person, *, only: UUID | None = None, but: str | None = None, by: Person | None = None) -> int:
    """End sessions of a person from outside them (see `signins.delete`) and close their sockets. Returns how many there were.

    `by` is None for a command. Whatever changes who somebody is, or how they prove it, ends every other session of theirs.
    """
    ended = signins.delete(person, only=only, but=but)
    with extend_system() as system:
        for key in ended:
            system.add("session.ended", actor=by.id if by else None, ids={"person": str(person.id)})
            _revoke(person.id, session_tag(key))
    return len(ended)


def change_password(request: HttpRequest, person: Person, old: str, new: str) -> int:
    """Let somebody change their own password: this session goes on under another key, the others end. Returns how many those were.

    Raises Refused: `passwords.WRONG` for the old one, counted as a failed sign-in; TOO_MANY, UNAVAILABLE, or as `passwords.must_be_good`.
    """
    try:
        known = _known_by(request, person.login, old)
    except Refused as refusal:
        raise passwords.refused("old", passwords.WRONG) if refusal.kind is SIGN_IN_FAILED else refusal from None
    passwords.must_be_good(known, new)
    with transaction.atomic():
        changed, before = _chosen(known, new), request.session.session_key or ""
        update_session_auth_hash(request, changed)  # whose key may have been seen by whoever made them change it
        SignIn.objects.filter(session_key=before).update(session_key=request.session.session_key)
        _revoke(person.id, session_tag(before))
        return end_elsewhere(changed, but=request.session.session_key, by=changed)


def choose_password(request: HttpRequest, new: str) -> Person:
    """Finish a sign-in with a password that an operator made, by choosing another. Returns whose session began.

    Raises Refused: SIGNED_OUT when no sign-in waits for that, or as `passwords.must_be_good`.
    """
    waiting = pending.of(request)
    if waiting is None or waiting.step != pending.CHOOSE:
        raise Refused(SIGNED_OUT)
    passwords.must_be_good(waiting.person, new)
    with transaction.atomic():
        person = _chosen(waiting.person, new)
        end_elsewhere(person, by=person)
        start(request, person, waiting.method, waiting.shown)
    return person


def _chosen(person: Person, new: str) -> Person:
    chosen = passwords.put(person, new)
    with extend_system() as system:
        system.add("password.changed", actor=person.id)
    return chosen


@transaction.atomic
def deactivate(person: Person, by: Person | None = None) -> None:
    """Close an account: no session of it is accepted any more, its sockets close, and what it had in hand goes to others. `by` is None
    for a command."""
    person.is_active = False
    person.save(update_fields=["is_active"])
    for hook in on_leaving:
        hook(person)
    with extend_system() as system:
        system.add("person.deactivated", actor=by.id if by else None, ids={"person": str(person.id)})
    _revoke(person.id, None)


def _revoke(person: UUID, tag: str | None) -> None:
    for hook in on_revoked:
        transaction.on_commit(partial(hook, person, tag))
