"""Who cares for a patient now: the relation that opens a chart, its follow-ups and its recordings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from records import relatives
from records.access import Relation
from records.people import CareRelationship

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from records.people import Person


def in_force(at: datetime | None = None) -> Q:
    """The condition on CareRelationship rows that hold at `at` (now)."""
    moment = at or timezone.now()
    return Q(since__lte=moment) & (Q(until__isnull=True) | Q(until__gt=moment))


def patients_of(clinician: Person) -> QuerySet[CareRelationship, UUID]:
    """The ids of the patients in this person's care now."""
    return CareRelationship.objects.filter(in_force(), clinician=clinician).values_list("patient_id", flat=True)


@dataclass(frozen=True, slots=True)
class Patient:
    """A patient as the subject of an access question."""

    id: UUID

    def relations_of(self, person: Person) -> frozenset[Relation]:
        found = set()
        if person.id == self.id:
            found.add(Relation.SELF)
        if CareRelationship.objects.filter(in_force(), patient_id=self.id, clinician=person).exists():
            found.add(Relation.CARE)
        return frozenset(found) or relatives.relations(self.id, person)


def join(patient_id: UUID, clinician_id: UUID, reason: str) -> None:
    """Put a clinician on a patient's care team, or back on it. `reason`: consultation, follow-up."""
    CareRelationship.objects.update_or_create(
        patient_id=patient_id, clinician_id=clinician_id, reason=reason, defaults={"until": None}
    )
