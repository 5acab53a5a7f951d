"""Whom a clinician may write to at once: groups of patients by who cares for them.

The table of permissions decides which relation is enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from records.access import Relation, allowed, require
from records.care import in_force, patients_of
from records.errors import NOT_FOUND, Refused
from records.people import CareRelationship, Department, Person, Role
from records.plans import FollowUp

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

SEND: Final = "broadcast.send"
MINE, DUE, DEPARTMENT = "mine", "due", "department:"
DUE_WITHIN: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Cohort:
    """A group of patients, as it is now. `patients`: active ones."""

    id: str
    zh: str
    en: str
    patients: QuerySet[Person]


def offered(person: Person) -> list[Cohort]:
    """The groups that this clinician may write to. Raises Refused(NOT_FOUND) for anybody else."""
    require(person, "broadcast.list")
    found = []
    if _enough(person, Relation.CARE):
        due = FollowUp.objects.filter(state=FollowUp.State.DUE, due_at__lt=timezone.now() + DUE_WITHIN)
        mine = Q(id__in=patients_of(person))
        found = [
            Cohort(MINE, "我的患者", "My patients", _patients(mine)),
            Cohort(
                DUE,
                "我的患者中 7 天内该随访的",
                "My patients with a follow-up due within 7 days",
                _patients(mine & Q(id__in=due.values("patient"))),
            ),
        ]
    if _enough(person, Relation.DEPARTMENT):
        departments = Department.objects.filter(id__in=person.department_ids).order_by("code")
        found += [
            Cohort(
                f"{DEPARTMENT}{row.id}",
                f"{row.name_zh}正在诊疗的患者",
                f"Patients in the care of {row.name_en}",
                _patients(Q(id__in=_in_care_of({row.id}))),
            )
            for row in departments
        ]
    return found


def chosen(person: Person, cohort: str) -> Cohort:
    """One of the groups offered; else Refused(NOT_FOUND)."""
    for one in offered(person):
        if one.id == cohort:
            return one
    raise Refused(NOT_FOUND)


def reachable(person: Person, among: Collection[UUID]) -> set[UUID]:
    """Of these people, the active patients to whom `person` may write at once now."""
    if not person.is_active:
        return set()
    within = Q(pk__in=[])
    if _enough(person, Relation.CARE):
        within |= Q(id__in=patients_of(person))
    if _enough(person, Relation.DEPARTMENT):
        within |= Q(id__in=_in_care_of(person.department_ids))
    return set(_patients(within).filter(id__in=among).values_list("id", flat=True))


def _enough(person: Person, relation: Relation) -> bool:
    return allowed(person.role_set, SEND, frozenset({relation}))


def _patients(within: Q) -> QuerySet[Person]:
    return Person.objects.filter(within, is_active=True, roles__role=Role.PATIENT).order_by("id")


def _in_care_of(departments: Collection[UUID]) -> QuerySet[CareRelationship, UUID]:
    """The patients of every clinician of these departments."""
    rows = CareRelationship.objects.filter(in_force(), clinician__departments__in=departments)
    return rows.values_list("patient_id", flat=True)
