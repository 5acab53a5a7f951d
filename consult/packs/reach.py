"""What a pack of one consultation, of a patient's, or of a period's would hold: counted before it is asked for, and not opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from consult.models import Consultation
from consult.models.attachments import Attachment
from consult.oversight import cases, filters
from consult.packs.exhibits import Reached
from records import grants
from records.grants import AccessGrant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from consult.oversight.filters import Rows
    from records.people import Person

MOST: Final = 200  # consultations of one pack, and as many named that would be missing


class Scope(NamedTuple):
    """Beside the grant's own case: those of its patient, those opened on these days (both included), or those that are both."""

    patient: bool = False
    since: date | None = None
    until: date | None = None


class Inside(NamedTuple):
    """One case of the pack, by the grant that opens it. `entries`: of the conversation and beside it, sealed content in each."""

    grant: AccessGrant
    case: Any
    content: list[str]
    entries: int
    recordings: int
    transcripts: int
    attachments: int


class Reach(NamedTuple):
    """`missing`: what belongs to the scope and is not opened by a grant of this person; `total` counts all of these."""

    inside: list[Inside]
    missing: list[Any]
    total: int


def reach(person: Person, grant_id: UUID, scope: Scope, wanted: Sequence[str]) -> Reach:
    """What a pack of `wanted` parts (empty: all that is granted) would hold. Raises Refused(NOT_FOUND) without a grant in force.

    Looking for other cases is a search, and leaves the leaf of one.
    """
    grant = grants.load(person, "grant.export", grant_id)
    others = _others(grant, scope)
    mine = _granted(person, grant, others)
    missing = others.exclude(chain_id__in=mine)
    total = missing.count()
    if scope != Scope():
        cases.note_search(person, [name for name, value in scope._asdict().items() if value], len(mine) + total)
    inside = [_counted(Reached(one, wanted, counted=True)) for one in mine.values()]
    return Reach(inside, list(cases.described(missing).order_by("opened_at", "chain_id")[:MOST]), total)


def _others(grant: AccessGrant, scope: Scope) -> Rows:
    if scope == Scope():
        return Consultation.objects.none()
    rows = filters.opened_between(Consultation.objects.exclude(chain_id=grant.case_id), scope.since, scope.until)
    return rows.filter(patient__consultations=grant.case_id) if scope.patient else rows


def _granted(person: Person, grant: AccessGrant, others: Rows) -> dict[UUID, AccessGrant]:
    """By case, this grant first: the newest grant of this person that lasts and lets them export."""
    rows = AccessGrant.objects.filter(requester=person, urgent=False, state=AccessGrant.State.APPROVED)
    newest = {
        one.case_id: one for one in rows.filter(case__in=others.values("chain_id")).order_by("requested_at") if one.in_force
    }
    return {grant.case_id: grant, **dict(list(newest.items())[: MOST - 1])}


def _counted(found: Reached) -> Inside:
    said = {(event.thread_id, event.sender_id, event.client_id) for event in found.events if event.client_id}
    files = Attachment.objects.filter(thread__in=found.threads, message__isnull=False)
    carried = (
        [key for key in files.values_list("thread", "uploader", "message") if key in said]
        if "attachments" in found.parts
        else []
    )
    return Inside(
        found.grant,
        found.row,
        [part for part in grants.CONTENT if part in found.parts],
        len(found.events),
        len(found.recordings),
        len(found.transcripts),
        len(carried),
    )
