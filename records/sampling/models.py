"""Rows of quality sampling: what was drawn from what, what was found, and who signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from records.access import Relation
from records.grants import AccessGrant
from records.ledger.models import Chain
from records.people import Department, Person
from records.vault.models import DataKey

if TYPE_CHECKING:
    from uuid import UUID


class Sample(models.Model):
    """A plan and its draw. Its primary key is its own ledger chain. Reading its cases is one request under `request`, like any other."""

    chain = models.OneToOneField(Chain, on_delete=models.PROTECT, primary_key=True, db_column="id", related_name="sample")
    request = models.UUIDField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, related_name="+")  # null: all
    since = models.DateField()  # days of the hospital's time zone, both included, on which the cases were closed
    until = models.DateField()
    size = models.PositiveSmallIntegerField()
    seed = models.CharField(max_length=64)
    seed_given = models.BooleanField()  # by the person, not made here
    seq = models.BigIntegerField(default=1)  # of the leaf whose content is the population
    population = models.BinaryField()  # as draw.listed has it
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    signed_at = models.DateTimeField(null=True)  # by whoever reviewed it
    closed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            # Two distinct people, whatever the code above says.
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True, closed_at__isnull=True)
                | Q(closed_by__isnull=False, closed_at__isnull=False, signed_at__isnull=False) & ~Q(closed_by=F("made_by")),
                name="sample_closed_by_two",
            )
        ]

    def __str__(self) -> str:
        return f"sample {self.chain_id}"

    @property
    def id(self) -> UUID:
        return self.chain_id

    def relations_of(self, person: Person) -> frozenset[Relation]:
        return frozenset({Relation.REQUESTER if person.id == self.made_by_id else Relation.OTHER})


class SampleItem(models.Model):
    """One drawn case, and the grant under which it is read. Append-only."""

    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, related_name="items", db_index=False)
    position = models.PositiveSmallIntegerField()  # from 1, in the order of the draw
    grant = models.OneToOneField(AccessGrant, on_delete=models.PROTECT, related_name="sample_item")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["sample", "position"], name="sample_position_once")]

    def __str__(self) -> str:
        return f"{self.sample_id} {self.position}"


class ItemReview(models.Model):
    """What was found in one case; the newest counts until the sample is signed. Append-only, and its notes sealed."""

    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, related_name="+", db_index=False)
    seq = models.BigIntegerField()  # of its leaf in the sample's chain
    item = models.ForeignKey(SampleItem, on_delete=models.PROTECT, related_name="reviews")
    at = models.DateTimeField()
    verdict = models.CharField(max_length=12)
    findings = models.JSONField()  # [[kind, severity], ...], as the leaf has them
    body = models.BinaryField()  # sealed: JSON of the notes, in the same order

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["sample", "seq"], name="item_review_once")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.verdict}"
