"""Asking to read consultations, and talking with the approver about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from records.access import loaded, require
from records.errors import NOT_FOUND, Refused
from records.grants import sensitive, signed
from records.grants.models import AccessGrant, GrantNote
from records.grants.terms import MAX_CASES, NOT_RETURNED, NOT_WAITING, NOW, REQUESTED, parts
from records.ledger.models import Chain
from records.people import Role
from records.vault import Retention, data_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.db.models import QuerySet

    from records.people import Person

State, Kind = AccessGrant.State, GrantNote.Kind


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked for. `since` and `until` are days of the hospital's time zone, both included; `tell`: NOW or one of DELAYS."""

    content: Sequence[str]
    purpose: str
    hours: int
    case_number: str = ""
    since: date | None = None
    until: date | None = None
    tell: str = NOW


def request(person: Person, case_id: UUID, *, reason: str, **terms: Any) -> AccessGrant:
    """Ask to read one consultation. Raises Refused(NOT_FOUND) when there is none."""
    return request_each(person, [case_id], reason, Terms(**terms))[0]


def request_each(
    person: Person, case_ids: Sequence[UUID], reason: str, terms: Terms, *, most: int = MAX_CASES
) -> list[AccessGrant]:
    """Ask to read consultations: one grant for each, decided together. Raises Refused(NOT_FOUND) unless all of them are there."""
    require(person, "grant.request")
    ids = list(dict.fromkeys(case_ids))
    known = Chain.objects.filter(id__in=ids, kind=Chain.Kind.CONSULTATION).count()
    if not 0 < known == len(ids) <= most:
        raise Refused(NOT_FOUND)
    asked: list[AccessGrant] = []
    approvers = sensitive.approvers(ids)
    with transaction.atomic():
        for case_id in ids:
            chain = Chain.objects.create(kind=Chain.Kind.GRANT)
            grant = AccessGrant(
                chain=chain, case_id=case_id, request=asked[0].id if asked else chain.id, requester=person,
                approvers=approvers[case_id], requested_at=timezone.now(), key_id=data_key(chain.id, Retention.ACCESS).id,
                **{**asdict(terms), "content": parts(terms.content)},
            )  # fmt: skip
            grant.asked = signed.terms(grant)
            grant.reason = signed.append(grant, REQUESTED, person, "reason", reason, grant.asked)
            grant.save(force_insert=True)
            asked.append(grant)
    return asked


@transaction.atomic
def answer(person: Person, grant_id: UUID, text: str) -> AccessGrant:
    """Give the detail that was asked for; the request waits again. Raises Refused(NOT_RETURNED)."""
    grant = signed.locked(person, "grant.answer", grant_id, sampled=False)
    together = bound(grant, State.RETURNED)
    if not together:
        raise Refused(NOT_RETURNED)
    for one in together:
        signed.note(one, Kind.ANSWERED, person, text)
        one.state = State.WAITING
        one.save(update_fields=["state"])
    return together[0]


@transaction.atomic
def comment(person: Person, grant_id: UUID, text: str) -> AccessGrant:
    """Add to the thread of a request that is not decided yet. Raises Refused(NOT_WAITING)."""
    grant = signed.locked(person, "grant.comment", grant_id, sampled=False)
    together = bound(grant, State.WAITING, State.RETURNED)
    if not together:
        raise Refused(NOT_WAITING)
    for one in together:
        signed.note(one, Kind.COMMENTED, person, text)
    return together[0]


def bound(grant: AccessGrant, *states: str) -> list[AccessGrant]:
    """All that was asked for together with this grant and is in one of these states, locked; this one first."""
    rows = AccessGrant.objects.select_for_update().filter(request=grant.request, requester=grant.requester_id, state__in=states)
    return sorted(rows.order_by("chain_id"), key=lambda row: row.id != grant.id)


def load(person: Person, action: str, grant_id: UUID) -> AccessGrant:
    """The grant for this act, or Refused(NOT_FOUND)."""
    return loaded(person, action, AccessGrant.objects.select_related("requester", "approver").filter(chain_id=grant_id).first())


def listed(person: Person, *, to_approve: bool) -> QuerySet[AccessGrant]:
    """One's own requests, or those of others that one may decide; newest first. An inbox never holds one's own.

    A sample's are decided on its own page."""
    require(person, "grant.list")
    rows = AccessGrant.objects.filter(sample_item=None, rater_reading=None).order_by("-requested_at", "chain_id")
    if not to_approve:
        return rows.filter(requester=person)
    return rows.exclude(requester=person) if Role.APPROVER in person.role_set else rows.none()
