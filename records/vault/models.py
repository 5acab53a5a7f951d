"""Data keys and, in a table of their own, their wrapped bytes: that table can be backed up apart and for a shorter time."""

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
    """That there is, or was, a key. The row stays for as long as anything names it; what opens content is its `wrapping`.

    `scope` is the id of a chain: a consultation, a chart, a grant. `epoch` counts the keys of a scope and class from 1.
    `shredded_at` is never taken back: a wrapped key that a restore brings back does not open again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    scope = models.UUIDField(db_index=True)
    retention = models.CharField(max_length=16, choices=Retention.choices)
    epoch = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    shredded_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["scope", "retention", "epoch"], name="data_key_once")]
        indexes: ClassVar = [
            models.Index(fields=["shredded_at"], condition=models.Q(shredded_at__isnull=False), name="data_key_shredded")
        ]

    def __str__(self) -> str:
        return f"{self.scope} {self.retention} {self.epoch}"


class WrappedKey(models.Model):
    """The 32 bytes of a data key, wrapped by the key-encrypting key `kek_id` at `kek_version`.

    No constraint of the database ties it to its key: the two tables may be restored one after the other, in any order.
    """

    key = models.OneToOneField(
        DataKey, on_delete=models.PROTECT, primary_key=True, related_name="wrapping", db_constraint=False
    )
    wrapped = models.BinaryField()
    kek_id = models.CharField(max_length=64)
    kek_version = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.key_id} under {self.kek_id} version {self.kek_version}"


class Rewrapping(models.Model):
    """A run of `rotate_keys` that is under way: until `until` (ms since epoch) the database lets wrapped keys change for this version.

    A run that was killed leaves its row, which means nothing any more after ten minutes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    kek_id = models.CharField(max_length=64)
    kek_version = models.PositiveIntegerField()
    until = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.kek_id} version {self.kek_version} until {self.until}"
