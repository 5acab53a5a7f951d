"""One row for each act of access, so that the log is read by index. The leaf alone is evidence."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from records.ledger.models import Leaf
from records.people import Person


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
