"""Break-glass: somebody is in danger and nobody is there to agree. One person opens one case at once, for an hour at most; it is an
alarm from that moment until a second person has reviewed it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog
from django.db import transaction
from django.utils import timezone

from records.access import require
from records.errors import NOT_FOUND, Refused
from records.grants import signed
from records.grants.models import AccessGrant
from records.grants.terms import (
    BROKEN,
    GLASS_OVERDUE,
    GLASS_UNREVIEWED,
    REVIEW_WITHIN,
    REVIEWED,
    REVIEWED_ALREADY,
    URGENT_CONTENT,
    URGENT_MINUTES,
)
from records.ledger.models import Chain
from records.people import Person, Role
from records.vault import Retention, data_key

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

log = structlog.get_logger(__name__)
REVIEWERS_NAMED: Final = 3  # when it is said whom to ask


@transaction.atomic
def break_glass(person: Person, case_id: UUID, *, reason: str) -> AccessGrant:
    """Open one consultation now. It can be read and not exported. Raises Refused: NOT_FOUND; GLASS_UNREVIEWED where this person broke
    the same glass before, GLASS_OVERDUE where they broke any a day ago, and nobody has reviewed it."""
    require(person, "grant.break_glass")
    if not Chain.objects.filter(id=case_id, kind=Chain.Kind.CONSULTATION).exists():
        raise Refused(NOT_FOUND)
    _nothing_unreviewed(person, case_id)
    now = timezone.now().replace(microsecond=0)  # as the leaf writes it
    chain = Chain.objects.create(kind=Chain.Kind.GRANT)
    grant = AccessGrant(
        chain=chain, case_id=case_id, request=chain.id, requester=person, urgent=True, purpose="safety", hours=1,
        content=list(URGENT_CONTENT), state=AccessGrant.State.APPROVED, requested_at=now,
        expires_at=now + timedelta(minutes=URGENT_MINUTES), key_id=data_key(chain.id, Retention.ACCESS).id,
    )  # fmt: skip
    grant.asked = signed.terms(grant)
    grant.reason = signed.append(grant, BROKEN, person, "reason", reason, signed.outcome(grant))
    grant.save(force_insert=True)
    transaction.on_commit(lambda: log.error("glass.broken", grant=str(grant.id), case=str(case_id), person=str(person.id)))
    return grant


def _nothing_unreviewed(person: Person, case_id: UUID) -> None:
    """Locks the person: of two requests at once the second sees the first."""
    Person.objects.select_for_update().get(id=person.id)
    mine = AccessGrant.objects.filter(urgent=True, reviewed_at__isnull=True, requester=person)
    kind = GLASS_UNREVIEWED if mine.filter(case=case_id).exists() else GLASS_OVERDUE if any(map(overdue, mine)) else None
    if kind is not None:
        reviewers = Person.objects.filter(is_active=True, roles__role=Role.APPROVER).exclude(id=person.id).order_by("login")
        names = list(reviewers.values_list("name", flat=True)[:REVIEWERS_NAMED])
        zh, en = "、".join(names) or "审批人", ", ".join(names) or "an approver"
        raise Refused(replace(kind, zh=kind.zh.format(who=zh), en=kind.en.format(who=en)))


@transaction.atomic
def review(person: Person, grant_id: UUID, *, finding: str, text: str) -> AccessGrant:
    """Close the alarm with a finding. Never one's own. Raises Refused(REVIEWED_ALREADY)."""
    grant = signed.locked(person, "grant.review", grant_id)
    if not grant.urgent:
        raise Refused(NOT_FOUND)
    if grant.reviewed_at is not None:
        raise Refused(REVIEWED_ALREADY)
    grant.reviewer, grant.finding, grant.reviewed_at = person, finding, timezone.now()
    grant.review = signed.append(grant, REVIEWED, person, "review", text, {"finding": finding})
    grant.save(update_fields=["reviewer", "finding", "review", "reviewed_at"])
    return grant


def alarms(person: Person) -> QuerySet[AccessGrant]:
    """Every glass that was broken and not reviewed, the oldest first: one's own, and for an approver everybody's."""
    require(person, "grant.list")
    rows = AccessGrant.objects.filter(urgent=True, reviewed_at__isnull=True).order_by("requested_at")
    return rows if Role.APPROVER in person.role_set else rows.filter(requester=person)


def overdue(grant: AccessGrant) -> bool:
    """Whether nobody has reviewed it within the time."""
    return grant.urgent and grant.reviewed_at is None and timezone.now() - grant.requested_at > REVIEW_WITHIN
