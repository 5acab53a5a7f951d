"""Follow-ups: who calls which patient, when, and after which consultation."""

from __future__ import annotations

import uuid

from django.db import models

from records.ledger.models import Chain
from records.people import Person


class FollowUp(models.Model):
    """One follow-up call to make. `origin` is the chain of the consultation it follows."""

    class State(models.TextChoices):
        DUE = "due"
        DONE = "done"
        NO_ANSWER = "no_answer"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    patient = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="follow_ups")
    assigned_to = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="assigned_follow_ups")
    origin = models.ForeignKey(Chain, on_delete=models.PROTECT, null=True, related_name="follow_ups")
    title_zh = models.CharField(max_length=120)
    title_en = models.CharField(max_length=120)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.DUE)

    def __str__(self) -> str:
        return str(self.id)
