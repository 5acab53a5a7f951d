"""What is written and not yet said: a draft for each person and thread, and messages that wait for their time. Sealed."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from records.ledger.models import Chain
from records.people import Person
from records.vault.models import DataKey


class Draft(models.Model):
    """What a person has begun to write in a thread. Emptied, the row stays: its version never counts back."""

    thread = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="drafts")
    version = models.PositiveBigIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    body = models.BinaryField(default=bytes)  # sealed text; nothing once emptied

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["thread", "person"], name="draft_once")]

    def __str__(self) -> str:
        return f"{self.thread_id} {self.person_id} {self.version}"


class ScheduledMessage(models.Model):
    """A message that its sender wants sent at `at`. The words are kept while they may still be needed: until it is sent or cancelled."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        FAILED = "failed"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    thread = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="+", db_index=False)
    sender = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    # Also the client id of the message that it becomes: however often that is tried, it is one message.
    client_id = models.CharField(max_length=64)
    at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    failure = models.CharField(max_length=40, blank=True)  # code
    seq = models.BigIntegerField(null=True)  # of the message, once sent
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+", db_index=False)
    body = models.BinaryField(default=bytes)  # sealed text

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sender", "thread", "client_id"], name="scheduled_client_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["state", "at"], name="scheduled_due")]

    def __str__(self) -> str:
        return f"{self.thread_id} {self.state} {self.at:%Y-%m-%dT%H:%M}"
