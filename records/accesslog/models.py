"""One row for each act of access, so that the log is read by index; the leaf alone is evidence. And who looked through each month of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import F, Q

from records.access import Relation
from records.ledger.models import Chain, Leaf
from records.people import Person
from records.vault.models import DataKey

if TYPE_CHECKING:
    from uuid import UUID


class AccessEntry(models.Model):
    """An act of access by what it is looked for. Written with its leaf, from nothing but the leaf and its grant. Append-only."""

    # No constraint: leaves and people are never deleted.
    leaf = models.OneToOneField(Leaf, on_delete=models.PROTECT, primary_key=True, db_constraint=False, related_name="access")
    at = models.BigIntegerField()  # ms since epoch
    act = models.CharField(max_length=12)  # of kinds.Act
    actor = models.ForeignKey(  # null: the system, or an operator's command
        Person, on_delete=models.PROTECT, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    case = models.UUIDField(null=True)
    purpose = models.CharField(max_length=16, null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["at", "leaf"], name="access_by_time"),
            models.Index(fields=["actor", "at", "leaf"], name="access_by_actor"),
            models.Index(fields=["case", "at", "leaf"], name="access_by_case", condition=models.Q(case__isnull=False)),
            models.Index(fields=["act", "at", "leaf"], name="access_by_act"),
            models.Index(fields=["purpose", "at", "leaf"], name="access_by_purpose", condition=models.Q(purpose__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.leaf_id} {self.act}"


class AccessReview(models.Model):
    """A month of the log, and who answers for having looked through it. Its primary key is its own ledger chain."""

    chain = models.OneToOneField(
        Chain, on_delete=models.PROTECT, primary_key=True, db_column="id", related_name="access_review"
    )
    month = models.DateField(unique=True)  # its first day, in the hospital's time zone
    due_on = models.DateField()
    reviewer = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")  # null: nobody is named yet
    signed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    signed_seq = models.BigIntegerField(null=True)  # of the leaf of the signature
    note = models.BinaryField(null=True)  # sealed: what the reviewer wrote
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+", db_constraint=False)

    class Meta:
        constraints: ClassVar = [
            # Whoever signs is whoever was named, whatever the code says.
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True, signed_at__isnull=True)
                | Q(signed_by__isnull=False, signed_at__isnull=False, reviewer__isnull=False, signed_by=F("reviewer")),
                name="access_review_by_named",
            )
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"

    @property
    def id(self) -> UUID:
        return self.chain_id

    def relations_of(self, person: Person) -> frozenset[Relation]:
        return frozenset({Relation.ANY, *({Relation.ASSIGNED} if person.id == self.reviewer_id else ())})


class HintNote(models.Model):
    """What somebody said of a hint: it holds for the acts of the hint up to one leaf. Append-only, and its words sealed."""

    review = models.ForeignKey(AccessReview, on_delete=models.PROTECT, related_name="notes", db_index=False)
    seq = models.BigIntegerField()  # of its leaf in the review's chain
    hint = models.CharField(max_length=40)
    through = models.BigIntegerField()
    outcome = models.CharField(max_length=12)  # of reviews.OUTCOMES
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    body = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["review", "seq"], name="hint_note_once"),
            models.UniqueConstraint(fields=["review", "hint", "through"], name="hint_settled_once"),
        ]

    def __str__(self) -> str:
        return f"{self.review_id} {self.hint}"
