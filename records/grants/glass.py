"""Break-glass: somebody is in danger and nobody is there to agree. One person opens one case at once, for an hour at most; it is an
alarm from that moment until a second person has reviewed it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from django.db import transaction
from django.utils import timezone

from records.access import require
from records.errors import NOT_FOUND, Refused
from records.grants import signed
from records.grants.models import AccessGrant
from records.grants.terms import BROKEN, REVIEW_WITHIN, REVIEWED, REVIEWED_ALREADY, URGENT_CONTENT, URGENT_MINUTES
from records.ledger.models import Chain
from records.people import Role
from records.vault import Retention, data_key

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from records.people import Person

log = structlog.get_logger(__name__)


@transaction.atomic
def break_glass(person: Person, case_id: UUID, *, reason: str) -> AccessGrant:
    """Open one consultation now. It can be read and not exported. Raises Refused(NOT_FOUND)."""
    require(person, "grant.break_glass")
    if not Chain.objects.filter(id=case_id, kind=Chain.Kind.CONSULTATION).exists():
        raise Refused(NOT_FOUND)
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
