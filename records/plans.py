"""Follow-ups: who calls which patient, when, and after which consultation."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar, Final

import msgspec
from django.db import models, transaction
from django.db.models import Q

from records.access import Relation, require
from records.care import Patient, patients_of
from records.charts import Chart, chart_of
from records.errors import NOT_FOUND, Refused
from records.ledger import chains
from records.ledger.models import Chain
from records.people import Person
from records.vault import Context, data_key, open_key, seal, unseal
from records.vault.models import DataKey, Retention

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet


PLANNED: Final = "follow_up.planned"


class Title(msgspec.Struct, frozen=True):
    """What a call is about, in both languages where both were written."""

    zh: str
    en: str


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
    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="follow_ups")
    seq = models.BigIntegerField()  # of its leaf in the chart's chain
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    title = models.BinaryField()  # sealed JSON `Title`: people write health words here
    planned_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.DUE)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["chart", "seq"], name="follow_up_seq_once")]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def words(self) -> Title:
        """The title, opened."""
        context = _context(self.chart_id, self.seq, self.planned_by_id)
        return msgspec.json.decode(unseal(open_key(self.key_id), context, bytes(self.title)), type=Title)

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
def plan(
    person: Person,
    patient_id: uuid.UUID,
    title: Title,
    due_at: datetime,
    *,
    origin: uuid.UUID | None = None,
    id_: uuid.UUID | None = None,
) -> FollowUp:
    """Plan a call that `person` is to make. Raises Refused(NOT_FOUND) unless the patient is in their care."""
    require(person, "follow_up.create", Patient(patient_id))
    patient = Person.objects.get(id=patient_id)
    chart = chart_of(patient)
    key = data_key(chart.chain_id, Retention.RECORD)
    made = FollowUp(patient=patient, assigned_to=person, planned_by=person, chart=chart, origin_id=origin, due_at=due_at)
    made.id, made.key_id = id_ or uuid.uuid4(), key.id
    with chains.extend(chart.chain_id) as tail:
        made.seq = tail.next_seq
        made.title = seal(key, _context(chart.chain_id, made.seq, person.id), msgspec.json.encode(title))
        tail.add(PLANNED, actor=person.id, content=made.title, ids={"follow_up": str(made.id)})
    made.save(force_insert=True)
    return made


def _context(chart: uuid.UUID, seq: int, planner: uuid.UUID) -> Context:
    return Context(PLANNED, chart, seq, planner, "", "application/json")
