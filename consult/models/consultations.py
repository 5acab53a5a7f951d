"""A consultation, the threads beside it, their sealed events, and how far each participant has got.

A thread is anything with a timeline: a consultation, the side thread of its clinicians, or a patient's notices. Its id is its chain's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils import timezone

from consult.relations import kin, relations
from records.access import Relation
from records.ledger.chains import now_ms
from records.ledger.models import Chain
from records.people import Department, Person
from records.vault.models import DataKey

if TYPE_CHECKING:
    from uuid import UUID


class Consultation(models.Model):
    """One case. Its primary key is its ledger chain, whose sequence is also the timeline's."""

    class State(models.TextChoices):
        QUEUED = "queued"
        ACTIVE = "active"
        CLOSED = "closed"

    class Kept(models.TextChoices):
        """What has become of the words of a closed case."""

        SEALED = "sealed"  # its patient wants it erased, and the law wants it kept: ordinary staff no longer read it
        SHREDDED = "shredded"

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
    # Service terms: how often the patient may ask on after an answer, and until when. None: without bound.
    rounds = models.PositiveSmallIntegerField(null=True)
    rounds_used = models.PositiveSmallIntegerField(default=0)
    until = models.DateTimeField(null=True)
    kept = models.CharField(max_length=8, choices=Kept.choices, blank=True, default="")
    # Whom the patient lets in, as `relations.kin` reads it: kept here because every batch reads and locks this row (see family.py).
    family = models.TextField(null=True)
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
        if self.kept == self.Kept.SHREDDED:
            return frozenset()
        return relations(
            person.id,
            patient=self.patient_id,
            assignee=None if self.kept else self.assignee_id,
            waits_in=self.department_id if self.state == self.State.QUEUED else None,
            departments=person.department_ids,
            family=() if self.kept else kin(self.family, now_ms()),
        )


class SideThread(models.Model):
    """What clinicians say to each other about a case. Never the patient's to see, at any endpoint."""

    chain = models.OneToOneField(Chain, on_delete=models.PROTECT, primary_key=True, db_column="id")
    about = models.OneToOneField(Consultation, on_delete=models.PROTECT, related_name="side")
    last_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"beside {self.about_id}"


class SideMember(models.Model):
    """A colleague who was invited. Whoever treats the case belongs to it without a row."""

    side = models.ForeignKey(SideThread, on_delete=models.PROTECT, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["side", "person"], name="side_member_once")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.side_id}"


class NoticeThread(models.Model):
    """What the hospital sends a patient outside any case."""

    chain = models.OneToOneField(Chain, on_delete=models.PROTECT, primary_key=True, db_column="id")
    patient = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="notices")

    def __str__(self) -> str:
        return f"notices of {self.patient_id}"


class Event(models.Model):
    """One sealed act of a thread; row `seq` belongs to leaf `seq` of its chain."""

    # No indexes but the constraints below: every index is paid for by every message. Client ids begin with their time, so that those
    # of a moment lie on few pages, whatever their threads.
    thread = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="events", db_index=False)
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    at = models.BigIntegerField()  # ms since epoch
    sender = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    client_id = models.CharField(max_length=64, null=True)
    # No constraint: wrapped keys are backed up apart, and a shredded one is gone while its events stand.
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    body = models.BinaryField()  # sealed JSON

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["thread", "seq"], name="event_seq_once"),
            models.UniqueConstraint(fields=["client_id", "thread", "sender"], name="event_client_once"),
        ]

    def __str__(self) -> str:
        return f"{self.thread_id}#{self.seq} {self.kind}"


class Retraction(models.Model):
    """Participants are no longer shown the act `of`; `seq` is the act that took it back. Append-only."""

    thread = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="+", db_index=False)
    of = models.BigIntegerField()
    seq = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["thread", "of"], name="retracted_once")]

    def __str__(self) -> str:
        return f"{self.thread_id}#{self.of} by #{self.seq}"


class Cursor(models.Model):
    """How far one participant has received and read, and since when (ms since epoch): one row a person, not one a message."""

    thread = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="cursors")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    delivered = models.BigIntegerField(default=0)
    read = models.BigIntegerField(default=0)
    delivered_at = models.BigIntegerField(null=True)
    read_at = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["thread", "person"], name="cursor_once")]

    def __str__(self) -> str:
        return f"{self.thread_id} {self.person_id} {self.read}"
