"""Wrapped data keys. Kept apart from what they seal, so they can be backed up apart and for a shorter time."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models


class Retention(models.TextChoices):
    """How long something must be kept; one data key per scope and class, so each can be shredded alone."""

    DIALOGUE = "dialogue"  # text, audio, video: at least 3 years
    RECORD = "record"  # medical record: at least 15 years
    ACCESS = "access"  # access and security logs: at least 6 months


class DataKey(models.Model):
    """A 32-byte key wrapped by the key-encrypting key `kek_id` at `kek_version`.

    `scope` is the id of a chain: a consultation, a chart, a grant.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    scope = models.UUIDField(db_index=True)
    retention = models.CharField(max_length=16, choices=Retention.choices)
    epoch = models.PositiveIntegerField(default=1)
    wrapped = models.BinaryField()
    kek_id = models.CharField(max_length=64)
    kek_version = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["scope", "retention", "epoch"], name="data_key_once")]

    def __str__(self) -> str:
        return f"{self.scope} {self.retention} {self.epoch}"
