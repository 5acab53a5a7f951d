"""A photo or document that somebody put into a conversation: the row; its bytes are sealed segments beside the database."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from records.ledger.models import Chain
from records.people import Person
from records.vault.models import DataKey


class Attachment(models.Model):
    """Its uploader's alone until a message names it. `sha256` of its manifest then stands in that message's sealed body."""

    class Kind(models.TextChoices):
        IMAGE = "image"
        PDF = "pdf"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    thread = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="attachments")
    uploader = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    client_id = models.CharField(max_length=80)  # of the message it was made for, with a suffix
    touched_at = models.DateTimeField(default=timezone.now)  # when it was uploaded, or last given to a message
    # Client id of the message it was given to; null while there is none. With thread and uploader it names the event.
    message = models.CharField(max_length=64, null=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    media_type = models.CharField(max_length=32)
    size = models.PositiveIntegerField()  # bytes of plaintext
    width = models.PositiveIntegerField(null=True)  # pixels, upright
    height = models.PositiveIntegerField(null=True)
    pages = models.PositiveIntegerField(null=True)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    name = models.BinaryField()  # sealed file name
    received = models.BinaryField()  # sealed SHA-256 of the bytes that were uploaded: a repeated upload is known by it
    thumb = models.BinaryField(null=True)  # sealed JPEG of at most 480 by 640 pixels
    segments = models.JSONField()  # [bytes of plaintext, SHA-256 of the ciphertext (hex)] of each, in order

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["uploader", "client_id"], name="attachment_client_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["touched_at"], name="attachment_sweep"),
            models.Index(fields=["uploader", "touched_at"], name="attachment_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.kind}"
