"""Rows of retention: rules, legal holds, tombstones, confirmed runs, and what patients asked for. Guarded by triggers (triggers.py)."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from records.access import Relation
from records.ledger.models import Chain
from records.people import Person
from records.vault.models import DataKey, Retention

if TYPE_CHECKING:
    from uuid import UUID


class RetentionRule(models.Model):
    """The term of one class, in months. The minimum only ever grows."""

    retention = models.CharField(max_length=16, primary_key=True, choices=Retention.choices)
    minimum = models.PositiveSmallIntegerField()
    maximum = models.PositiveSmallIntegerField()
    set_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")  # null: the preset
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(maximum__gte=F("minimum")), name="maximum_is_not_below_minimum"),
            models.CheckConstraint(
                condition=Q(retention=Retention.DIALOGUE, minimum__gte=36)
                | Q(retention=Retention.RECORD, minimum__gte=72)
                | Q(retention=Retention.ACCESS, minimum__gte=6),
                name="minimum_is_not_below_the_law",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.retention} {self.minimum}-{self.maximum}"


class LegalHold(models.Model):
    """法律保全: content of a patient, or of one case, that is not destroyed whatever else says so. Its primary key is its ledger chain."""

    chain = models.OneToOneField(Chain, on_delete=models.PROTECT, primary_key=True, db_column="id", related_name="hold")
    patient = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Chain, on_delete=models.PROTECT, null=True, related_name="holds")  # null: all of the patient's
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    reason = models.BinaryField()  # sealed
    placed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(default=timezone.now)
    review_on = models.DateField(
        null=True
    )  # when somebody looks whether it is still needed; null: placed before there were such days
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")  # for its release
    asked_at = models.DateTimeField(null=True)
    asked_why = models.BinaryField(null=True)  # sealed
    released_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            # Two distinct people, whatever the code above says.
            models.CheckConstraint(
                condition=Q(released_by__isnull=True, released_at__isnull=True)
                | Q(released_by__isnull=False, released_at__isnull=False, asked_by__isnull=False)
                & ~Q(released_by=F("asked_by")),
                name="hold_released_by_two",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["patient"], condition=Q(released_at=None), name="hold_in_force")]

    def __str__(self) -> str:
        return f"hold {self.chain_id}"

    @property
    def id(self) -> UUID:
        return self.chain_id

    def relations_of(self, person: Person) -> frozenset[Relation]:
        """OTHER: anybody but the person who asked for its release."""
        return frozenset({Relation.ANY} if person.id == self.asked_by_id else {Relation.ANY, Relation.OTHER})


class HoldRefusal(models.Model):
    """A release that was asked for and did not come: taken back, or declined. Append-only, and its words sealed; the leaves of both acts
    stand in the hold's chain."""

    hold = models.ForeignKey(LegalHold, on_delete=models.PROTECT, related_name="refusals", db_index=False)
    seq = models.BigIntegerField()  # of its leaf
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    why = models.BinaryField()
    asked_seq = models.BigIntegerField()  # of the leaf by which the release was asked for
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    asked_why = models.BinaryField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["hold", "seq"], name="hold_refusal_once")]

    def __str__(self) -> str:
        return f"{self.hold_id}#{self.seq}"


class Tombstone(models.Model):
    """One data key that was destroyed, with all it opened. Append-only; `seq` is its leaf in the chain of retention."""

    seq = models.BigIntegerField(primary_key=True)
    key_id = models.UUIDField(unique=True)
    scope = models.UUIDField(db_index=True)
    retention = models.CharField(max_length=16, choices=Retention.choices)
    about = models.UUIDField(null=True)  # the one recording that the key opened; null: everything of its scope and class
    patient_id = models.UUIDField(null=True)
    case_id = models.UUIDField(null=True)
    at = models.BigIntegerField()  # ms since epoch

    def __str__(self) -> str:
        return f"tombstone {self.seq}"


class RetentionRun(models.Model):
    """A preview that somebody confirmed: exactly these keys are destroyed, and no others."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    digest = models.CharField(max_length=64)  # of the preview that was confirmed, hex
    confirmed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")  # null: at the terminal
    confirmed_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.id)


class RetentionItem(models.Model):
    """One key of a run."""

    class State(models.TextChoices):
        PLANNED = "planned"
        DONE = "done"
        SPARED = "spared"  # a hold or a newer act came between

    run = models.ForeignKey(RetentionRun, on_delete=models.PROTECT, related_name="items")
    key_id = models.UUIDField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.PLANNED)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "key_id"], name="run_item_once")]

    def __str__(self) -> str:
        return f"{self.key_id} {self.state}"


class RightsRequest(models.Model):
    """What a patient asked for under data-protection law: that one consultation be erased. Its primary key is its ledger chain."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SEALED = "sealed"  # granted; the minimum is not over: ordinary staff no longer read it
        DONE = "done"  # destroyed
        REFUSED = "refused"

    chain = models.OneToOneField(Chain, on_delete=models.PROTECT, primary_key=True, db_column="id", related_name="rights")
    patient = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, null=True, related_name="+", db_constraint=False)
    reason = models.BinaryField(null=True)  # sealed: why it was refused or granted
    sealed_until = models.DateTimeField(null=True)  # when the last of it may be destroyed
    done_at = models.DateTimeField(null=True)
    certificate = models.TextField(blank=True)  # a signed note; it names no word of what was destroyed

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(state__in=["waiting", "sealed", "done"]), name="erasure_asked_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.chain_id} {self.state}"

    @property
    def id(self) -> UUID:
        return self.chain_id

    def relations_of(self, person: Person) -> frozenset[Relation]:
        return frozenset({Relation.SELF} if person.id == self.patient_id else {Relation.ANY})
