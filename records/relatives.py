"""Whom a patient lets in: to what, and until when. What is done about it stands in `family.py`, which knows charts; charts know this."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar, Final

from django.db import models
from django.utils import timezone

from records.access import Relation
from records.people import Person

if TYPE_CHECKING:
    from uuid import UUID


class FamilyAccess(models.Model):
    """One person let in by one patient: to the consultations, to parts of the record, to the recorded calls."""

    class Messages(models.TextChoices):
        """What they may do in the patient's consultations."""

        NONE = "none"
        SEE = "see"
        ASK = "ask"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    patient = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="family_let_in")
    relative = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="family_of")
    messages = models.CharField(max_length=8, choices=Messages.choices)
    record = models.BooleanField(default=False)  # every entry but medication
    medication = models.BooleanField(default=False)
    calls = models.BooleanField(default=False)  # recorded ones: sound and transcript
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # by either of the two, or by a later grant

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(patient=models.F("relative")), name="family_is_somebody_else"),
            models.UniqueConstraint(
                fields=["patient", "relative"], condition=models.Q(ended_at__isnull=True), name="family_let_in_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(messages="none") | models.Q(record=True) | models.Q(medication=True) | models.Q(calls=True),
                name="family_let_in_to_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.relative_id} for {self.patient_id}"

    @property
    def state(self) -> str:
        if self.ended_at is not None:
            return "ended"
        return "current" if timezone.now() < self.until else "expired"

    @property
    def scopes(self) -> tuple[str, ...]:
        """The parts it opens, by the names of these fields."""
        opened = {"messages": self.messages != self.Messages.NONE, **{part: getattr(self, part) for part in _RECORD}}
        return tuple(part for part, is_open in opened.items() if is_open)

    def relations_of(self, person: Person) -> frozenset[Relation]:
        if person.id == self.patient_id:
            return frozenset({Relation.SELF})
        return frozenset({Relation.FAMILY} if person.id == self.relative_id else ())


_RECORD: Final = ("record", "medication", "calls")
_RELATIONS: Final = {
    "messages": Relation.FAMILY,
    "record": Relation.FAMILY_RECORD,
    "medication": Relation.FAMILY_MEDICATION,
    "calls": Relation.FAMILY_CALLS,
}


def current() -> models.Q:
    """The condition on rows that hold now."""
    return models.Q(ended_at__isnull=True, until__gt=timezone.now())


def relations(patient: UUID, person: Person) -> frozenset[Relation]:
    """How this person stands to what is recorded of the patient, as a relative whom the patient lets in now."""
    row = FamilyAccess.objects.filter(current(), patient=patient, relative=person).first()
    return frozenset(_RELATIONS[part] for part in row.scopes) if row else frozenset()
