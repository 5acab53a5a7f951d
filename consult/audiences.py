"""Who belongs to a thread: one look that tells its kind, who hears of it, and how a person stands to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from consult.models import Consultation, NoticeThread, SideThread
from consult.relations import Kind, beside, kin, rule
from records.access import Relation, allowed
from records.errors import NOT_FOUND, Refused
from records.ledger.chains import now_ms

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from uuid import UUID

    from records.people import Person


@dataclass(frozen=True, slots=True)
class Thread:
    """`consultation`: the case itself, or the one a side thread is about; None for notices. `audience`: who may read it now."""

    kind: Kind
    id: UUID
    patient: UUID
    consultation: Consultation | None
    audience: frozenset[UUID]

    def relations_of(self, person: Person) -> frozenset[Relation]:
        if self.kind is Kind.SIDE:
            return beside(person.id, patient=self.patient, assignee=None, members=self.audience)
        if self.kind is Kind.NOTICES:
            return frozenset({Relation.SELF} if person.id == self.patient else ())
        assert self.consultation is not None, "a consultation's thread has its row"
        return self.consultation.relations_of(person)

    def may(self, person: Person, action: str, *more: Relation) -> bool:
        """Whether `person` may do here what is called `action` in a consultation. `more`: how they stand to what is in it."""
        name = rule(self.kind, action)
        return name is not None and person.is_active and allowed(person.role_set, name, self.relations_of(person) | {*more})


def find(thread_id: UUID) -> Thread | None:
    return find_each([thread_id]).get(thread_id)


def find_each(ids: Collection[UUID]) -> dict[UUID, Thread]:
    """Those threads that there are, in as few statements as for one."""
    found: dict[UUID, Thread] = {}
    for kind in (_consultations, _sides, _notices):
        if missing := set(ids) - set(found):
            found |= {thread.id: thread for thread in kind(missing)}
    return found


def load(person: Person, thread_id: UUID, action: str = "consultation.read", *more: Relation) -> Thread:
    """The thread, for somebody who may do `action` there (named as in a consultation); else `Refused(NOT_FOUND)`."""
    thread = find(thread_id)
    if thread is None or not thread.may(person, action, *more):
        raise Refused(NOT_FOUND)
    return thread


def audience(thread_id: UUID) -> frozenset[UUID]:
    """Who hears of it: exactly those who may read it."""
    case = Consultation.objects.filter(chain_id=thread_id).only("patient_id", "assignee_id", "kept", "family").first()
    if case is not None:
        return _participants(case)
    thread = find(thread_id)
    return thread.audience if thread else frozenset()


def audience_of_each(ids: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
    """`audience` of those threads that there are, without their people."""
    cases = Consultation.objects.filter(chain__in=ids).only("chain_id", "patient_id", "assignee_id", "kept", "family")
    sides = SideThread.objects.filter(chain__in=ids).select_related("about").prefetch_related("members")
    found = {case.id: _participants(case) for case in cases} | {side.chain_id: colleagues(side) for side in sides}
    return found | {row.chain_id: frozenset({row.patient_id}) for row in NoticeThread.objects.filter(chain__in=ids)}


def colleagues(side: SideThread) -> frozenset[UUID]:
    """Who was invited, and who treats the case; never its patient."""
    if side.about.kept:
        return frozenset()
    people = {*(member.person_id for member in side.members.all()), side.about.assignee_id}
    return frozenset(person for person in people if person is not None and person != side.about.patient_id)


def _consultations(ids: Collection[UUID]) -> Iterator[Thread]:
    for row in Consultation.objects.select_related("patient", "department", "assignee").filter(chain__in=ids):
        yield Thread(Kind.CONSULTATION, row.id, row.patient_id, row, _participants(row))


def _sides(ids: Collection[UUID]) -> Iterator[Thread]:
    for row in SideThread.objects.select_related("about").prefetch_related("members").filter(chain__in=ids):
        yield Thread(Kind.SIDE, row.chain_id, row.about.patient_id, row.about, colleagues(row))


def _notices(ids: Collection[UUID]) -> Iterator[Thread]:
    for row in NoticeThread.objects.filter(chain__in=ids):
        yield Thread(Kind.NOTICES, row.chain_id, row.patient_id, None, frozenset({row.patient_id}))


def _participants(consultation: Consultation) -> frozenset[UUID]:
    if consultation.kept:
        return frozenset({consultation.patient_id} if consultation.kept == Consultation.Kept.SEALED else ())
    relatives = (one.person for one in kin(consultation.family, now_ms()))
    return frozenset(id_ for id_ in (consultation.patient_id, consultation.assignee_id, *relatives) if id_ is not None)
