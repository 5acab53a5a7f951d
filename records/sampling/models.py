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
    # A second rater, who grades every case without seeing what the first one found; null: there is none.
    rater = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    rater_request = models.UUIDField(null=True)  # theirs to read the same cases; null until they take part
    rater_signed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            # Two distinct people, whatever the code above says.
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True, closed_at__isnull=True)
                | Q(closed_by__isnull=False, closed_at__isnull=False, signed_at__isnull=False) & ~Q(closed_by=F("made_by")),
                name="sample_closed_by_two",
            ),
            models.CheckConstraint(
                condition=Q(rater__isnull=True, rater_signed_at__isnull=True)
                | ~Q(rater=F("made_by"))
                & (Q(closed_by__isnull=True) | Q(rater_signed_at__isnull=False) & ~Q(closed_by=F("rater"))),
                name="sample_rated_by_two",
            ),
        ]

    def __str__(self) -> str:
        return f"sample {self.chain_id}"

    @property
    def id(self) -> UUID:
        return self.chain_id

    def relations_of(self, person: Person) -> frozenset[Relation]:
        known = {self.made_by_id: Relation.REQUESTER, self.rater_id: Relation.RATER}
        return frozenset({known.get(person.id, Relation.OTHER)})

    @property
    def raters(self) -> list[UUID]:
        """Who grades its cases, the first one first."""
        return [self.made_by_id, *([self.rater_id] if self.rater_id else [])]

    @property
    def rated(self) -> bool:
        """Whether every rater has signed; until then neither sees what the other found."""
        return self.signed_at is not None and (self.rater_id is None or self.rater_signed_at is not None)


class SampleItem(models.Model):
    """One drawn case, and the grant under which it is read. Append-only."""

    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, related_name="items", db_index=False)
    position = models.PositiveSmallIntegerField()  # from 1, in the order of the draw
    grant = models.OneToOneField(AccessGrant, on_delete=models.PROTECT, related_name="sample_item")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["sample", "position"], name="sample_position_once")]

    def __str__(self) -> str:
        return f"{self.sample_id} {self.position}"


class RaterReading(models.Model):
    """The grant under which the second rater reads a drawn case. Append-only."""

    item = models.OneToOneField(SampleItem, on_delete=models.PROTECT, primary_key=True, related_name="second")
    grant = models.OneToOneField(AccessGrant, on_delete=models.PROTECT, related_name="rater_reading")

    def __str__(self) -> str:
        return f"{self.item_id} second"


class ItemReview(models.Model):
    """What a rater found in one case; the newest counts until that rater has signed. Append-only, and its notes sealed."""

    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, related_name="+", db_index=False)
    seq = models.BigIntegerField()  # of its leaf in the sample's chain
    item = models.ForeignKey(SampleItem, on_delete=models.PROTECT, related_name="reviews")
    by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+"
    )  # null, from before: who made the sample
    at = models.DateTimeField()
    verdict = models.CharField(max_length=12)
    findings = models.JSONField()  # [[kind, severity], ...], as the leaf has them
    body = models.BinaryField()  # sealed: JSON of the notes, in the same order

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["sample", "seq"], name="item_review_once")]

    def __str__(self) -> str:
        return f"{self.item_id} {self.verdict}"


class ItemResolution(models.Model):
    """What holds of a case that two raters graded differently: what they agreed on in talk, once the other confirms it, or what a
    third person decided. The newest that stands counts. Append-only, and its words sealed."""

    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, related_name="+", db_index=False)
    seq = models.BigIntegerField()
    item = models.ForeignKey(SampleItem, on_delete=models.PROTECT, related_name="resolutions")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    how = models.CharField(max_length=8)  # of terms.HOW
    confirms = models.BigIntegerField(null=True)  # seq of the row that this one agrees to
    verdict = models.CharField(max_length=12)
    findings = models.JSONField()
    body = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sample", "seq"], name="item_resolution_once"),
            models.UniqueConstraint(fields=["sample", "confirms"], name="item_resolution_confirmed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.how}"
