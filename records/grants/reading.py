"""Reading under a grant: the one door, and what went through it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

import msgspec
from django.db import transaction

from records.access import require
from records.errors import NOT_FOUND, Refused
from records.grants import signed
from records.grants.models import AccessGrant
from records.grants.terms import LISTED, READ, WHOLE
from records.ledger import chains
from records.ledger.models import Leaf
from records.people import Role

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from records.people import Person


class Reading(NamedTuple):
    """One reading under a grant. `at`: ms since epoch; `what`: conversation.read, recording.played ...; `part`: of CONTENT, or WHOLE."""

    at: int
    person: UUID
    what: str
    part: str
    grant: UUID


def open_for_reading(
    person: Person,
    grant_id: UUID,
    part: str,
    what: str,
    ids: Mapping[str, str] | None = None,
    action: str = "grant.read",
    *,
    of: datetime | None = None,
) -> AccessGrant:
    """The grant, once the reading stands in its chain: call this before the first byte of content is opened.

    `part` is one of CONTENT and must be within the grant, or WHOLE: all that is within it. `what` names the act
    (conversation.read, recording.played ...). `of` is when the one thing to be opened was said or recorded; what is opened without it
    is for the caller to pass through `grant.covers`. Raises Refused(NOT_FOUND) for anything but a grant of this person's that is in
    force and covers the part and the time.
    """
    with transaction.atomic():
        grant = signed.locked(person, action, grant_id)
        if (part != WHOLE and part not in grant.content) or (of is not None and not grant.covers(of)):
            raise Refused(NOT_FOUND)
        signed.unaltered(grant)
        with chains.extend(grant.id) as tail:
            tail.add(READ, actor=person.id, ids={**(ids or {}), "case": str(grant.case_id), "part": part, "what": what})
    return grant


def readings(person: Person, grant_id: UUID | None = None) -> list[Reading]:
    """Readings under grants, newest first, at most LISTED: an officer's own; for an approver, everybody's."""
    require(person, "grant.list")
    seen = AccessGrant.objects.all() if Role.APPROVER in person.role_set else AccessGrant.objects.filter(requester=person)
    if grant_id is not None:
        seen = seen.filter(chain_id=grant_id)
    leaves = Leaf.objects.filter(chain__in=seen.values("chain"), kind=READ).order_by("-at", "-id")[:LISTED]
    return [reading(leaf) for leaf in leaves]


def reading(leaf: Leaf) -> Reading:
    """What a leaf of kind READ says."""
    said = msgspec.json.decode(bytes(leaf.data))
    return Reading(leaf.at, UUID(said["actor"]), said["ids"]["what"], said["ids"]["part"], leaf.chain_id)
