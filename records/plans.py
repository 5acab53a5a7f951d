"""Follow-ups: who calls which patient, when, and after which consultation."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.db.models import Q

from records.access import Relation, require
from records.care import Patient, patients_of
from records.charts import chart_of
from records.errors import NOT_FOUND, Refused
from records.ledger import chains
from records.ledger.models import Chain
from records.people import Person

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet


class FollowUp(models.Model):
    """One follow-up call to make. `origin` is the chain of the consultation it follows."""

    class State(models.TextChoices):
        DUE = "due"
        DONE = "done"
        NO_ANSWER = "no_answer"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    patient = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="follow_ups")
    assigned_to = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="assigned_follow_ups")
    origin = models.ForeignKey(Chain, on_delete=models.PROTECT, null=True, related_name="follow_ups")
    title_zh = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.DUE)

    def __str__(self) -> str:
        return str(self.id)

    def relations_of(self, person: Person) -> frozenset[Relation]:
        """How the person stands to the patient, and ASSIGNED for whoever is to call."""
        found = Patient(self.patient_id).relations_of(person)
        return found | {Relation.ASSIGNED} if person.id == self.assigned_to_id else found


def follow_ups_for(person: Person) -> QuerySet[FollowUp]:
    """What this clinician is to call about, and what is planned for the patients in their care; the earliest due first."""
    require(person, "follow_up.list")
    return FollowUp.objects.filter(Q(assigned_to=person) | Q(patient__in=patients_of(person))).order_by("due_at", "id")


def follow_up_to_record(person: Person, follow_up_id: uuid.UUID) -> FollowUp:
    """Load a follow-up for the person who may add the recording of its call. Raises Refused(NOT_FOUND)."""
    follow_up = FollowUp.objects.select_related("patient").filter(id=follow_up_id).first()
    if follow_up is None:
        raise Refused(NOT_FOUND)
    require(person, "follow_up.record", follow_up)
    return follow_up


@transaction.atomic
def plan(person: Person, patient_id: uuid.UUID, title: str, due_at: datetime) -> FollowUp:
    """Plan a call that `person` is to make. Raises Refused(NOT_FOUND) unless the patient is in their care."""
    require(person, "follow_up.create", Patient(patient_id))
    patient = Person.objects.get(id=patient_id)
    follow_up = FollowUp.objects.create(patient=patient, assigned_to=person, title_zh=title, title_en=title, due_at=due_at)
    with chains.extend(chart_of(patient).id) as tail:
        tail.add("follow_up.planned", actor=person.id, ids={"follow_up": str(follow_up.id)})
    return follow_up
