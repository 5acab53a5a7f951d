"""A call that is being recorded: one window of consent, the tracks of its devices, and their pieces as they came in."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from records.ledger.models import Chain
from records.people import Person
from records.vault.models import DataKey


class Capture(models.Model):
    """One time that a call was recorded: since everybody agreed, until it was stopped, taken back, or the call was over.

    Whether it may be recorded is decided above this app, which copies the window here. Times are ms since epoch, of the server's clock.
    """

    class State(models.TextChoices):
        ON = "on"
        WAITING = "waiting"  # over; devices may still have sound to send
        JOINING = "joining"
        DONE = "done"  # `recording` holds all of it
        EMPTY = "empty"  # nothing came
        DROPPED = "dropped"  # somebody took the consent back: what had come was destroyed
        FAILED = "failed"  # the tracks are kept and could not be joined

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    call = models.UUIDField()
    generation = models.PositiveSmallIntegerField()  # counts the times that this call was recorded
    thread = models.ForeignKey(Chain, on_delete=models.PROTECT, related_name="captures")
    patient = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    people = models.JSONField()  # ids of everybody who agreed
    silent = models.JSONField(default=list)  # those of them from whom nothing came for minutes
    listened_at = models.DateTimeField(null=True)  # when it was looked whose voice does not come
    on_at = models.BigIntegerField()
    off_at = models.BigIntegerField(null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ON)
    recording = models.OneToOneField("transcription.Recording", on_delete=models.PROTECT, null=True, related_name="capture")
    attempt = models.PositiveSmallIntegerField(default=0)  # of joining
    sent_at = models.DateTimeField(null=True)  # when a worker was last told of it
    holder = models.UUIDField(null=True)  # who joins now
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["call", "generation"], name="capture_once")]
        indexes: ClassVar = [
            models.Index(fields=["state"], condition=models.Q(state__in=["on", "waiting", "joining"]), name="capture_sweep"),
        ]

    def __str__(self) -> str:
        return f"{self.call}/{self.generation} {self.state}"


class Track(models.Model):
    """One take of one person's voice, by their own device or by the server: a file that grows. A device that starts anew makes another."""

    class State(models.TextChoices):
        OPEN = "open"
        ENDED = "ended"  # the device has sent all of it
        SEALED = "sealed"  # `recording` holds it
        DROPPED = "dropped"  # destroyed, or nothing came

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    capture = models.ForeignKey(Capture, on_delete=models.PROTECT, related_name="tracks")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    client_id = models.CharField(max_length=64)
    started_at = models.BigIntegerField()  # ms since epoch of the server's clock, of its first sample
    captured_ms = models.BigIntegerField(default=0)  # how much of its own time the device has sent
    missing_ms = models.BigIntegerField(default=0)  # how much of it cannot be heard
    size = models.BigIntegerField(default=0)  # bytes received
    length = models.BigIntegerField(null=True)  # bytes in all, once the device knows
    last_at = models.DateTimeField(default=timezone.now)  # when something last came
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    by_server = models.BooleanField(
        default=False
    )  # taken from what the media server heard, and not from the person's own device
    interrupted = models.BooleanField(default=False)  # the page that recorded died: what it had not kept is lost
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    recording = models.OneToOneField("transcription.Recording", on_delete=models.PROTECT, null=True, related_name="track")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "client_id"], name="track_client_once")]

    def __str__(self) -> str:
        return f"{self.id} {self.state}"


class Piece(models.Model):
    """Some bytes of a track, as they came in one request: sealed, in a file of their own, until the track is complete."""

    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="pieces")
    offset = models.BigIntegerField()
    size = models.PositiveIntegerField()  # bytes of plaintext
    path = models.CharField(max_length=200)  # relative to the media directory
    sha256 = models.BinaryField(max_length=32)  # of the ciphertext

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["track", "offset"], name="piece_once")]

    def __str__(self) -> str:
        return f"{self.track_id}@{self.offset}"
