"""Rows of a broadcast: what a clinician writes once to many patients, what became of it for each, and who wants none. Sealed."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils import timezone

from records.access import Relation
from records.ledger.models import Chain
from records.people import Person
from records.vault.models import DataKey

if TYPE_CHECKING:
    from uuid import UUID


class Broadcast(models.Model):
    """One notice to a cohort. Its primary key is its ledger chain: composed, perhaps stopped, finished."""

    class State(models.TextChoices):
        SENDING = "sending"
        DONE = "done"
        STOPPED = "stopped"

    chain = models.OneToOneField(Chain, on_delete=models.PROTECT, primary_key=True, db_column="id")
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    client_id = models.CharField(max_length=64)
    cohort = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)
    seq = models.BigIntegerField(default=1)  # of the leaf that holds the words
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+", db_index=False)
    body = models.BinaryField()  # sealed JSON {title, text}
    state = models.CharField(max_length=16, choices=State.choices, default=State.SENDING)
    # A worker holds it by an id of its own until `lease_until`; `sent_at` is when the workers were last told.
    holder = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["author", "client_id"], name="broadcast_client_once")]
        indexes: ClassVar = [models.Index(fields=["state", "lease_until"], name="broadcast_sweep")]

    def __str__(self) -> str:
        return f"{self.chain_id} {self.state}"

    @property
    def id(self) -> UUID:
        return self.chain_id

    def relations_of(self, person: Person) -> frozenset[Relation]:
        return frozenset({Relation.AUTHOR} if person.id == self.author_id else ())


class Addressees(models.Model):
    """Some of the patients of a broadcast to very many, from its writing until each has a row of their own. Fixed with the broadcast: the
    cohort may be another in a minute. Few enough for one transaction."""

    broadcast = models.ForeignKey(Broadcast, on_delete=models.PROTECT, related_name="addressees")
    number = models.PositiveIntegerField()
    people = models.BinaryField()  # `number` ids, 16 bytes each

    def __str__(self) -> str:
        return f"{self.number} of {self.broadcast_id}"

    @property
    def ids(self) -> list[UUID]:
        people = bytes(self.people)
        return [uuid.UUID(bytes=people[at : at + 16]) for at in range(0, len(people), 16)]


class BroadcastRecipient(models.Model):
    """One patient of a broadcast. Once sent, `seq` of `thread` is the notice; whether it was read says the patient's cursor."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        OPTED_OUT = "opted_out"
        FAILED = "failed"

    broadcast = models.ForeignKey(Broadcast, on_delete=models.PROTECT, related_name="recipients", db_index=False)
    patient = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    failure = models.CharField(max_length=40, blank=True)  # code
    thread = models.ForeignKey(Chain, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    seq = models.BigIntegerField(null=True)
    at = models.DateTimeField(null=True)  # when it was sent, or found not to be wanted

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["broadcast", "patient"], name="recipient_once")]
        indexes: ClassVar = [models.Index(fields=["broadcast", "state", "id"], name="recipient_states")]

    def __str__(self) -> str:
        return f"{self.broadcast_id} {self.patient_id} {self.state}"


class NoticeChoice(models.Model):
    """Whether a patient wants notices that go to many. Without a row they do. Each change is an act in their notices."""

    patient = models.OneToOneField(Person, on_delete=models.PROTECT, primary_key=True, related_name="+")
    opted_out = models.BooleanField(default=False)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.patient_id} {'no' if self.opted_out else 'yes'}"
