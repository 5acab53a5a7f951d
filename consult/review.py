"""Compliance: reading one case under a grant. Every function leaves its leaf in the grant's chain before it opens anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec
import structlog

from consult import timeline
from consult.models import Consultation, Event
from records import grants
from records.api.charts import moment
from records.ledger import contents
from records.ledger.audit import Report, check_chain
from records.ledger.leaves import parse
from records.ledger.models import Leaf
from records.people import Person
from records.vault import KeyMissing, SealBroken

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from records.grants import AccessGrant

log = structlog.get_logger(__name__)

State = Literal["verified", "pending", "mismatch", "unknown"]
KINDS = ("consultation.", "message.", "receipt.")


class Conversation(NamedTuple):
    grant: AccessGrant
    events: list[dict[str, Any]]
    people: list[Person]
    report: Report


def register() -> None:
    """Tell the ledger's audit where the ciphertexts of a consultation's leaves are."""
    for kind in KINDS:
        contents.register(kind, contents.from_table("consult_event", chain="consultation_id"))


def states(case_ids: Iterable[UUID]) -> dict[UUID, str]:
    """What the integrity badge of each case says now; checked afresh, so for one page of cases at a time."""
    return {case_id: check_chain(case_id).state for case_id in case_ids}


def conversation(person: Person, grant_id: UUID) -> Conversation:
    """The whole timeline as the ledger has it, each act with its proof. Raises Refused(NOT_FOUND) without a grant in force."""
    grant = grants.open_for_reading(person, grant_id, "conversation", "conversation.read")
    report = check_chain(grant.case_id)
    rows = {row.seq: row for row in Event.objects.filter(consultation_id=grant.case_id)}
    leaves = Leaf.objects.filter(chain_id=grant.case_id).select_related("place").order_by("seq")
    sound = _sound(report)
    events = [_event(leaf, rows.get(leaf.seq), sound) for leaf in leaves]
    return Conversation(grant, events, _people(grant.case_id, events), report)


def _sound(report: Report) -> range:
    """The sequences that nothing speaks against: all before the first finding, none when a finding concerns the whole."""
    if not report.findings:
        return range(1, report.entries + 1)
    return range(1, min(finding.seq or 1 for finding in report.findings))


def _event(leaf: Leaf, row: Event | None, sound: range) -> dict[str, Any]:
    """One act. The leaf says what happened when; the row only holds the words, and without them the body is None."""
    body, said = _body(row), parse(bytes(leaf.data))
    place = getattr(leaf, "place", None)
    return {
        "seq": leaf.seq,
        "kind": leaf.kind,
        "at": leaf.at,
        "sender": said.actor,
        "client_id": said.ids.get("client"),
        "body": body,
        "hash": bytes(leaf.hash).hex(),
        "sealed_at": moment(leaf.at),
        "tree_index": place.index if place else None,
        "verified": leaf.seq in sound and place is not None and body is not None,
    }


def _body(row: Event | None) -> dict[str, Any] | None:
    if row is None:
        return None
    try:
        opened: dict[str, Any] = msgspec.json.decode(timeline.body_of(row))
    except (SealBroken, KeyMissing):
        log.exception("review.unreadable", consultation=str(row.consultation_id), seq=row.seq)
        return None
    return opened


def _people(case_id: UUID, events: Iterable[dict[str, Any]]) -> list[Person]:
    """Everybody who appears in the case: the patient first."""
    patient = Consultation.objects.values_list("patient_id", flat=True).get(chain_id=case_id)
    senders = {event["sender"] for event in events if event["sender"]}
    people = Person.objects.filter(id__in=senders | {patient}).prefetch_related("roles", "departments")
    return sorted(people, key=lambda person: (person.id != patient, person.name))
