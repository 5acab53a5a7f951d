"""A consultation, its sealed events, and how far each participant has got."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils import timezone

from consult.packs import EvidencePack
from consult.relations import relations
from records.access import Relation
from records.ledger.models import Chain
from records.people import Department, Person
from records.vault.models import DataKey

if TYPE_CHECKING:
    from uuid import UUID

__all__ = ["Consultation", "Cursor", "Event", "EvidencePack"]


class Consultation(models.Model):
    """One case. Its primary key is its ledger chain, whose sequence is also the timeline's."""

    class State(models.TextChoices):
        QUEUED = "queued"
        ACTIVE = "active"
        CLOSED = "closed"

    chain = models.OneToOneField(Chain, on_delete=models.PROTECT, primary_key=True, db_column="id")
    patient = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="consultations")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="consultations")
    assignee = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="assigned_consultations")
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    red_flags = models.JSONField(default=list)  # codes ticked at intake
    opened_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    # Set when the patient speaks, cleared by a human answer: different from unread.
    needs_reply_since = models.DateTimeField(null=True)
    last_at = models.DateTimeField(default=timezone.now)
    # Intake commands are idempotent by this.
    client_id = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient", "client_id"], name="consultation_client_once"),
            models.CheckConstraint(
                condition=~models.Q(state="active") | models.Q(assignee__isnull=False), name="active_has_assignee"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["department", "state", "opened_at"], name="queue_order")]

    def __str__(self) -> str:
        return str(self.chain_id)

    @property
    def id(self) -> UUID:
        return self.chain_id

    def relations_of(self, person: Person) -> frozenset[Relation]:
        return relations(
            person.id,
            patient=self.patient_id,
            assignee=self.assignee_id,
            waits_in=self.department_id if self.state == self.State.QUEUED else None,
            departments=person.department_ids,
        )


class Event(models.Model):
    """One sealed act of a consultation; row `seq` belongs to leaf `seq` of its chain."""

    # No indexes but the constraints below, which begin with the consultation: every index is paid for by every message.
    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="events", db_index=False)
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    at = models.BigIntegerField()  # ms since epoch
    sender = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    client_id = models.CharField(max_length=64, null=True)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+", db_index=False)
    body = models.BinaryField()  # sealed JSON

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["consultation", "seq"], name="event_seq_once"),
            models.UniqueConstraint(fields=["consultation", "sender", "client_id"], name="event_client_once"),
        ]

    def __str__(self) -> str:
        return f"{self.consultation_id}#{self.seq} {self.kind}"


class Cursor(models.Model):
    """How far one participant has received and read: two numbers a person, not a row a message."""

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="cursors")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    delivered = models.BigIntegerField(default=0)
    read = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["consultation", "person"], name="cursor_once")]

    def __str__(self) -> str:
        return f"{self.consultation_id} {self.person_id} {self.read}"
