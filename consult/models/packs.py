"""Evidence packs that were asked for: the job, and the sealed file it leaves for a few days."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils import timezone

from records.grants import AccessGrant
from records.people import Person
from records.vault.models import DataKey

if TYPE_CHECKING:
    from records.access import Relation


class EvidencePack(models.Model):
    """One export under one grant or several: a row with a lease, so that a killed worker loses nothing."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        EXPIRED = "expired"  # its file is deleted

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    grant = models.ForeignKey(AccessGrant, on_delete=models.PROTECT, related_name="packs")
    requested_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    also = models.ManyToManyField(AccessGrant, related_name="+")  # one grant a case: the cases of a patient, or of a period
    content = models.JSONField(default=list)  # which parts of what is granted; empty: all
    printed = models.BooleanField(default=False)  # with a form to be printed
    quality = models.BooleanField(default=False)  # with what quality review found in its cases
    created_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    progress = models.FloatField(default=0)  # 0..1
    failure = models.CharField(max_length=40, blank=True)  # code of a named failure
    attempt = models.PositiveIntegerField(default=0)
    holder = models.UUIDField(null=True)  # who makes it now
    lease_until = models.DateTimeField(null=True)
    name = models.CharField(max_length=80, blank=True)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, null=True, related_name="+")
    segments = models.JSONField(default=list)  # [bytes of plaintext, SHA-256 of the ciphertext (hex)] of each, in order
    size = models.BigIntegerField(null=True)  # bytes of the pack
    sha256 = models.CharField(max_length=64, blank=True)  # of the pack, hex
    expires_at = models.DateTimeField(null=True)  # when the file is deleted

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "lease_until"], name="pack_sweep")]

    def __str__(self) -> str:
        return f"{self.id} {self.state}"

    @property
    def grants(self) -> list[AccessGrant]:
        return [self.grant, *self.also.order_by("requested_at", "chain_id")]

    def relations_of(self, person: Person) -> frozenset[Relation]:
        """Those in which the person stands to every grant of it."""
        return frozenset.intersection(*(grant.relations_of(person) for grant in self.grants))
