"""The patient's record: entries are added or amended, never overwritten."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models

from records.ledger.models import Chain
from records.people import Person
from records.vault.models import DataKey


class Chart(models.Model):
    """One patient's record; its primary key is its ledger chain."""

    chain = models.OneToOneField(Chain, on_delete=models.PROTECT, primary_key=True, db_column="id")
    patient = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="chart")

    def __str__(self) -> str:
        return str(self.chain_id)


class ChartEntry(models.Model):
    """One sealed entry. An amendment is a new entry that names the one it amends."""

    class Kind(models.TextChoices):
        PROBLEM = "problem"
        ALLERGY = "allergy"
        MEDICATION = "medication"
        READING = "reading"
        NOTE = "note"
        RISK = "risk"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    chart = models.ForeignKey(Chart, on_delete=models.PROTECT, related_name="entries")
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    at = models.BigIntegerField()  # ms since epoch
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    client_id = models.CharField(max_length=64)
    amends = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="amended_by")
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    body = models.BinaryField()  # sealed JSON {text, value?, reason?}

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["chart", "seq"], name="chart_seq_once"),
            models.UniqueConstraint(fields=["chart", "author", "client_id"], name="chart_client_once"),
        ]

    def __str__(self) -> str:
        return f"{self.chart_id}#{self.seq} {self.kind}"
