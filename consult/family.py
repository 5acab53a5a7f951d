"""A patient's family in the patient's consultations: who may see and speak stands on each case's row, which every batch reads and
locks anyway. So a look at it costs a message nothing, and after the commit that shuts somebody out no act of theirs is stored."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import Q

from consult.calls import ending
from consult.doorbell import Ring, ring
from consult.models import Consultation
from consult.relations import Kin, keep, kin
from records.access import Relation
from records.charts import chart_of, note_opening
from records.family import on_changed
from records.people import Person
from records.relatives import FamilyAccess, current
from records.views import BRIEF, bilingual, brief

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from uuid import UUID

    from consult.audiences import Thread

SEES: Final = ~Q(messages=FamilyAccess.Messages.NONE)


def listen() -> None:
    """Hear of every change, once."""
    if follow not in on_changed:
        on_changed.append(follow)


def follow(patient: UUID) -> None:
    """Write who is let in now onto the patient's cases, in the caller's transaction; those shut out hear nothing more from its commit
    on. What is sealed or shredded names nobody, so the writer knows no relative there, and stays so."""
    kept = _kept(patient)
    rings = []
    for case in Consultation.objects.select_for_update().filter(patient=patient, kept="").order_by("chain_id"):
        if case.family == kept:
            continue
        lost = _people(case.family) - _people(kept)
        rings.append(Ring("left", case.id, 0, tuple(lost)))
        rings.append(Ring("changed", case.id, 0, tuple(_people(case.family) | _people(kept))))
        Consultation.objects.filter(chain_id=case.id).update(family=kept)
        case.family = kept
        ending.settle(case)
    if rings:
        transaction.on_commit(partial(ring, *rings))


def admit(case: Consultation) -> None:
    """The same for a case that was just opened. Its row must exist: it holds off whoever changes the family meanwhile."""
    case.family = _kept(case.patient_id)
    if case.family is not None:
        Consultation.objects.filter(chain_id=case.id).update(family=case.family)


def helped_by(person: Person) -> Any:
    """The patients who let this person see their consultations now, as a subquery of ids."""
    return FamilyAccess.objects.filter(current(), SEES, relative=person).values("patient")


def note_reading(person: Person, thread: Thread) -> None:
    """A relative who reads a case leaves a leaf in its patient's chart, where the patient sees it. Of anybody else's nothing is asked."""
    case = thread.consultation
    if case is not None and Relation.FAMILY in thread.relations_of(person):
        note_opening(chart_of(case.patient), person, "conversation.read", case.id)


def introduced(case: Consultation) -> list[dict[str, Any]]:
    """Everybody who was ever let in, as their words are marked: with the name of the patient for whom they speak."""
    titles = spoken_for([case.patient_id])
    found = Person.objects.filter(id__in=titles).prefetch_related(*BRIEF)
    return [{**brief(person), "title": titles[person.id]} for person in found]


def spoken_for(patients: Collection[UUID]) -> dict[UUID, dict[str, str]]:
    """Everybody whom these patients ever let in -> whose family they are, in words."""
    names: dict[UUID, list[str]] = defaultdict(list)
    rows = FamilyAccess.objects.filter(patient__in=patients).values_list("relative", "patient__name").distinct()
    for relative, name in rows.order_by("patient__name"):
        names[relative].append(name)
    return {one: bilingual(f"{'、'.join(found)}的家人", f"family of {', '.join(found)}") for one, found in names.items()}


def _kept(patient: UUID) -> str | None:
    rows: Iterable[FamilyAccess] = FamilyAccess.objects.filter(current(), SEES, patient=patient).order_by("relative")
    return keep([_kin(row) for row in rows])


def _kin(row: FamilyAccess) -> Kin:
    """Who may speak for the patient does so in calls too where calls are ticked."""
    asks = row.messages == FamilyAccess.Messages.ASK
    return Kin(row.relative_id, int(row.until.timestamp() * 1000), asks, asks and row.calls)


def _people(kept: str | None) -> set[UUID]:
    return {one.person for one in kin(kept, 0)}
