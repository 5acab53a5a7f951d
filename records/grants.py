"""Access grants: what a compliance officer may read, why, until when, and who agreed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from records.ledger.models import Chain
from records.people import Person
from records.vault.models import DataKey


class AccessGrant(models.Model):
    """A request to read one consultation, and the decision on it. Its primary key is its own ledger chain."""

    class State(models.TextChoices):
        WAITING = "waiting"
        APPROVED = "approved"
        REJECTED = "rejected"
        REVOKED = "revoked"

    chain = models.OneToOneField(Chain, on_delete=models.PROTECT, primary_key=True, db_column="id", related_name="grant")
    case = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="grants")
    requester = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="access_requests")
    approver = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="access_decisions")
    content = models.JSONField()  # a subset of conversation, recordings, transcripts
    purpose = models.CharField(max_length=16)
    case_number = models.CharField(max_length=64, blank=True)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    reason = models.BinaryField()  # sealed: people write health words here
    hours = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    requested_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            # Two distinct people, whatever the code above says.
            models.CheckConstraint(
                condition=models.Q(approver__isnull=True) | ~models.Q(approver=models.F("requester")),
                name="approver_is_not_requester",
            )
        ]

    def __str__(self) -> str:
        return f"{self.chain_id} {self.state}"
