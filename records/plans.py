"""Follow-ups: who calls which patient, when, and after which consultation. What somebody who leaves was to do waits for a colleague."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar, Final

import msgspec
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q

from records.access import Relation, loaded, require
from records.care import Patient, join, patients_of
from records.charts import Chart, chart_of
from records.errors import SIGNED_OUT, ErrorKind, Refused
from records.ledger import chains
from records.ledger.models import Chain
from records.people import Department, Person, stays
from records.vault import Context, data_key, device_key, open_key, seal, unseal
from records.vault.models import DataKey, Retention

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet


PLANNED, RETURNED, TAKEN = "follow_up.planned", "follow_up.returned", "follow_up.taken"
CARE_REASON: Final = "follow-up"

ANOTHERS: Final = ErrorKind(
    "follow_up.taken", 409, "这通电话已经有同事来打了。", "A colleague makes this call already. Please look at the list again."
)


class Title(msgspec.Struct, frozen=True):
    """What a call is about, in both languages where both were written."""

    zh: str
    en: str


SHREDDED: Final = Title("已按规定销毁", "Shredded")


class FollowUp(models.Model):
    """One follow-up call to make. `origin` is the chain of the consultation it follows.

    `assigned_to` null: it waits for anybody of `department`, to which it was given when somebody left.
    """

    class State(models.TextChoices):
        DUE = "due"
        DONE = "done"
        NO_ANSWER = "no_answer"
        REFUSED = "refused"  # the patient wants no calls about this
        NEEDS_DOCTOR = "needs_doctor"
        WRONG_NUMBER = "wrong_number"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    patient = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="follow_ups")
    assigned_to = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="assigned_follow_ups")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, related_name="+")
    origin = models.ForeignKey(Chain, on_delete=models.PROTECT, null=True, related_name="follow_ups")
    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="follow_ups")
    seq = models.BigIntegerField()  # of its leaf in the chart's chain
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    title = models.BinaryField()  # sealed JSON `Title`: people write health words here
    planned_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    due_at = models.DateTimeField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.DUE)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["chart", "seq"], name="follow_up_seq_once"),
            models.CheckConstraint(
                condition=Q(assigned_to__isnull=False) | Q(department__isnull=False), name="follow_up_is_somebodys"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def words(self) -> Title:
        """The title, opened; of one that was shredded, that it was."""
        if not self.title:
            return SHREDDED
        context = _context(self.chart_id, self.seq, self.planned_by_id)
        return msgspec.json.decode(unseal(open_key(self.key_id), context, bytes(self.title)), type=Title)

    def relations_of(self, person: Person) -> frozenset[Relation]:
        """How the person stands to the patient, ASSIGNED for whoever is to call, DEPARTMENT for those whose queue it was given to."""
        found = set(Patient(self.patient_id).relations_of(person))
        if person.id == self.assigned_to_id:
            found.add(Relation.ASSIGNED)
        if self.department_id in person.department_ids and person.id != self.patient_id:
            found.add(Relation.DEPARTMENT)
        return frozenset(found)


def follow_ups_for(person: Person) -> QuerySet[FollowUp]:
    """What this clinician is to call about, what is planned for the patients in their care, and what waits in their departments; the
    earliest due first. Each row says whether it is `cared_for`: about a patient in their care."""
    require(person, "follow_up.list")
    waiting = Q(assigned_to=None, department__in=person.department_ids) & ~Q(patient=person)
    shown = Q(assigned_to=person) | Q(cared_for=True) | waiting
    cared_for = Exists(patients_of(person).filter(patient=OuterRef("patient")))
    return FollowUp.objects.annotate(cared_for=cared_for).filter(shown).order_by("due_at", "id")


def follow_up_to_record(person: Person, follow_up_id: uuid.UUID) -> FollowUp:
    """Load a follow-up for the person who may add the recording of its call. Raises Refused(NOT_FOUND)."""
    return loaded(person, "follow_up.record", FollowUp.objects.select_related("patient").filter(id=follow_up_id).first())


def device_key_of(follow_up: FollowUp) -> bytes:
    """What the device that records a call seals with. Raises KeyShredded. The caller has checked who asks."""
    return device_key(open_key(follow_up.key_id), "follow_up", follow_up.id)


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
    """Plan a call that `person` is to make. Raises Refused: NOT_FOUND unless the patient is in their care, SIGNED_OUT."""
    require(person, "follow_up.create", Patient(patient_id))
    if not stays(person):
        raise Refused(SIGNED_OUT)
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


@transaction.atomic
def take(person: Person, follow_up_id: uuid.UUID) -> FollowUp:
    """A call that waits becomes this person's to make, who cares for the patient from now on. Of two at once exactly one gets it; repeating
    it changes nothing. Raises Refused: NOT_FOUND, ANOTHERS, SIGNED_OUT."""
    follow_up = loaded(person, "follow_up.take", FollowUp.objects.select_for_update().filter(id=follow_up_id).first())
    if follow_up.assigned_to_id == person.id:
        return follow_up
    if follow_up.assigned_to_id is not None:
        raise Refused(ANOTHERS)
    if not stays(person):
        raise Refused(SIGNED_OUT)
    follow_up.assigned_to = person
    follow_up.save(update_fields=["assigned_to"])
    join(follow_up.patient_id, person.id, CARE_REASON)
    with chains.extend(follow_up.chart_id) as tail:
        tail.add(TAKEN, actor=person.id, ids={"follow_up": str(follow_up.id)})
    return follow_up


def hand_back_all(person: Person) -> None:
    """The calls that somebody who leaves was still to make wait for a colleague, in the caller's transaction."""
    hand_back(person, FollowUp.objects.exclude(state=FollowUp.State.DONE))


def hand_back(person: Person, which: QuerySet[FollowUp]) -> None:
    """Of `which`, what is this person's waits in the department from now on, as an act of nobody's, in the caller's transaction."""
    rows = list(which.filter(assigned_to=person).select_for_update())
    department = _department_of(person) if rows else None
    if department is None:
        return
    with chains.extend_each({row.chart_id for row in rows}) as tails:
        for row in rows:
            tails[row.chart_id].add(RETURNED, actor=None, ids={"follow_up": str(row.id)})
    FollowUp.objects.filter(id__in=[row.id for row in rows]).update(assigned_to=None, department=department)


def _department_of(person: Person) -> Department | None:
    """Where the work of somebody who leaves goes: to their speciality, or else where patients without one go. None: there are no
    departments at all, and nobody to take it."""
    own = Department.objects.filter(people=person).order_by("is_default", "code").first()
    return own or Department.objects.order_by("-is_default", "code").first()


def _context(chart: uuid.UUID, seq: int, planner: uuid.UUID) -> Context:
    return Context(PLANNED, chart, seq, planner, "", "application/json")
