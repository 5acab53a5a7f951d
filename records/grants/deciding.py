"""The second person: agrees to a request, to less than was asked, or to nothing; asks for more detail; ends what was agreed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from records.errors import Refused
from records.grants import sensitive, signed
from records.grants.asking import bound
from records.grants.models import AccessGrant, GrantNote
from records.grants.terms import AGREED, DECIDED, NOT_ACTIVE, NOT_WAITING, NOW, REVOKED, SAME_APPROVER, TOO_LONG, WIDER, parts

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from records.people import Person

State = AccessGrant.State


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What an approver takes away from a request; None: nothing. `cases`: those that may be read at all."""

    hours: int | None = None
    content: Sequence[str] | None = None
    since: date | None = None
    until: date | None = None
    tell_now: bool = False
    cases: Collection[UUID] | None = None


AS_ASKED = Narrowing()


@transaction.atomic
def decide(
    person: Person, grant_id: UUID, *, approve: bool, reason: str, narrowed: Narrowing = AS_ASKED, sampled: bool = False
) -> AccessGrant:
    """Approve, for at most what was asked, or reject: for all that was asked together. Never the requester's own. `sampled`: what is
    decided are a sample's grants, all or none, by `records.sampling`.

    A case of a sensitive department waits on until somebody else agrees too, to no more than the first did. Raises Refused.
    """
    grant = signed.locked(person, "grant.decide", grant_id, sampled=sampled)
    together = bound(grant, State.WAITING)
    if grant.state != State.WAITING:
        raise Refused(NOT_WAITING)
    if narrowed.cases is not None and not set(narrowed.cases) <= {one.case_id for one in together}:
        raise Refused(WIDER)
    now = timezone.now().replace(microsecond=0)  # as the leaf writes it
    needed = sensitive.needed(together)
    for one in together:
        signed.unaltered(one)
        agreed = approve and (narrowed.cases is None or one.case_id in narrowed.cases)
        if agreed and one.first_approver_id == person.id:
            raise Refused(SAME_APPROVER)
        if agreed:
            _narrow(one, narrowed)
        if agreed and one.first_approver_id is None and needed[one.id] > 1:
            _agree_first(one, person, now, reason)
        else:
            _decide(one, person, now, reason, agreed=agreed)
    return together[0]


@transaction.atomic
def give_back(person: Person, grant_id: UUID, *, reason: str) -> AccessGrant:
    """Return a request for more detail. Raises Refused(NOT_WAITING)."""
    grant = signed.locked(person, "grant.decide", grant_id, sampled=False)
    together = bound(grant, State.WAITING)
    if grant.state != State.WAITING:
        raise Refused(NOT_WAITING)
    for one in together:
        signed.unaltered(one)
        signed.note(one, GrantNote.Kind.RETURNED, person, reason)
        one.state = State.RETURNED
        one.save(update_fields=["state"])
    return together[0]


@transaction.atomic
def revoke(person: Person, grant_id: UUID, *, reason: str) -> AccessGrant:
    """End a grant before its time. Raises Refused(NOT_ACTIVE) when it is not in force."""
    grant = signed.locked(person, "grant.revoke", grant_id)
    if not grant.in_force:
        raise Refused(NOT_ACTIVE)
    grant.state = State.REVOKED
    grant.revocation = signed.append(grant, REVOKED, person, "revocation", reason, {})
    grant.save(update_fields=["state", "revocation"])
    return grant


def _narrow(grant: AccessGrant, by: Narrowing) -> None:
    """Take away what the approver does not agree to. Raises Refused(TOO_LONG or WIDER) for anything beyond what was asked."""
    if by.hours is not None and by.hours > grant.hours:
        raise Refused(TOO_LONG)
    content = grant.content if by.content is None else parts(by.content)
    since, until = by.since or grant.since, by.until or grant.until
    earlier = grant.since is not None and since is not None and since < grant.since
    later = grant.until is not None and until is not None and until > grant.until
    if not content or not set(content) <= set(grant.content) or earlier or later:
        raise Refused(WIDER)
    grant.hours, grant.content = by.hours or grant.hours, content
    grant.since, grant.until = since, until
    grant.tell = NOW if by.tell_now else grant.tell


def _agree_first(grant: AccessGrant, person: Person, now: datetime, reason: str) -> None:
    grant.first_approver, grant.first_decided_at, grant.agreed = person, now, signed.terms(grant)
    grant.first_decision = signed.append(grant, AGREED, person, "first_decision", reason, grant.agreed)
    grant.save()


def _decide(grant: AccessGrant, person: Person, now: datetime, reason: str, *, agreed: bool) -> None:
    grant.approver, grant.decided_at = person, now
    grant.state = State.APPROVED if agreed else State.REJECTED
    grant.expires_at = now + timedelta(hours=grant.hours) if agreed else None
    grant.decision = signed.append(grant, DECIDED, person, "decision", reason, signed.outcome(grant))
    grant.save()
