"""Recordings sealed in segments, the job that transcribes each, and the versions of its transcript."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.utils import timezone

from records.care import Patient
from records.ledger.models import Chain
from records.people import Person
from records.plans import FollowUp
from records.vault.models import DataKey
from transcription.exchanges import Exchange
from transcription.tracks.models import Capture, Piece, Track

if TYPE_CHECKING:
    from records.access import Relation

__all__ = ["Capture", "Exchange", "Job", "Piece", "Recording", "Segment", "Track", "Transcript"]


class Recording(models.Model):
    """One audio file, complete and sealed: of a follow-up call, a voice note said in a thread, or of a call within a thread.

    Its bytes live in `Segment`s, its name is sealed. A voice note has no leaf and no job before its message is posted.
    """

    class Origin(models.TextChoices):
        CALL = "call"  # a follow-up by telephone
        VOICE = "voice"
        TRACK = "track"  # one side of a call within a thread, recorded by that person's device; nobody transcribes it alone
        TALK = "talk"  # a call within a thread: its tracks joined, for listening; its words are taken from the tracks

    class State(models.TextChoices):
        UNSENT = "unsent"  # a voice note whose message is not known to be posted
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        NEEDS_REVIEW = "needs_review"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    patient = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="recordings")
    origin = models.CharField(max_length=8, choices=Origin.choices, default=Origin.CALL)
    follow_up = models.ForeignKey(FollowUp, on_delete=models.PROTECT, null=True, related_name="recordings")
    thread = models.ForeignKey(Chain, on_delete=models.PROTECT, null=True, related_name="voice_notes")
    # Client id of the voice note's message, and when it was last about to be posted. Whether it was, its thread knows.
    message = models.CharField(max_length=64, null=True)
    message_at = models.DateTimeField(null=True)
    uploaded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    client_id = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)  # when it was made; of a call within a thread, when that began
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    name = models.BinaryField()  # sealed file name
    media_type = models.CharField(max_length=64)
    language = models.CharField(max_length=8, default="auto")  # as chosen: auto, zh, en
    detected = models.CharField(max_length=8, blank=True)  # as heard
    size = models.BigIntegerField(default=0)  # bytes of plaintext
    duration_s = models.FloatField(null=True)
    channels = models.PositiveSmallIntegerField(null=True)
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    failure = models.CharField(max_length=40, blank=True)  # code of a named failure
    warnings = models.JSONField(default=list)  # codes
    outline = models.BinaryField(null=True)  # sealed JSON `notes.Outline` of a voice note
    peaks = models.BinaryField(null=True)  # sealed JSON `peaks.Peaks` of a call, once it was decoded
    markers = models.JSONField(null=True)  # [{"kind": "consent" | "mark", "at": seconds}], as its recorder set them
    exchange = models.ForeignKey(Exchange, on_delete=models.PROTECT, null=True, related_name="+")  # that handed it over
    call_id = models.CharField(max_length=120, null=True)  # the exchange's own, as a hash
    manifest = models.BinaryField()  # of the segments (records.vault.manifest); its leaf is in the chart's chain
    seq = models.BigIntegerField(null=True)  # sequence of that leaf

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["uploaded_by", "client_id"], name="recording_client_once"),
            models.UniqueConstraint(
                fields=["exchange", "call_id"], condition=models.Q(exchange__isnull=False), name="exchange_call_once"
            ),
            models.CheckConstraint(
                condition=models.Q(origin="call", follow_up__isnull=False, thread__isnull=True)
                | models.Q(origin__in=["voice", "track", "talk"], follow_up__isnull=True, thread__isnull=False),
                name="recording_has_its_place",
            ),
            models.CheckConstraint(
                condition=models.Q(state="unsent", origin="voice", seq__isnull=True)
                | (~models.Q(state="unsent") & models.Q(seq__isnull=False)),
                name="recording_is_in_the_ledger",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def relations_of(self, person: Person) -> frozenset[Relation]:
        """To a call. Who may hear a voice note is decided by its thread, which is not known here."""
        if self.follow_up is not None:
            return self.follow_up.relations_of(person)
        return frozenset() if self.origin == Recording.Origin.VOICE else Patient(self.patient_id).relations_of(person)


class Segment(models.Model):
    """A run of a recording's bytes, sealed on its own so that a Range opens only what it needs."""

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="segments")
    index = models.PositiveIntegerField()
    size = models.PositiveIntegerField()  # bytes of plaintext
    path = models.CharField(max_length=200)  # relative to the media directory
    sha256 = models.BinaryField(max_length=32)  # of the ciphertext

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["recording", "index"], name="segment_once")]

    def __str__(self) -> str:
        return f"{self.recording_id}[{self.index}]"


class Job(models.Model):
    """The work of transcribing one recording: a row with a lease, so that a killed worker loses nothing."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    class Priority(models.IntegerChoices):
        BACKLOG = 0  # imported in bulk: whenever nobody waits
        NORMAL = 1
        WAITED_FOR = 2  # somebody said that she is waiting

    recording = models.OneToOneField(Recording, on_delete=models.PROTECT, related_name="job")
    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    progress = models.FloatField(default=0)  # 0..1
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    tries = models.PositiveSmallIntegerField(default=1)  # how often somebody had it queued
    attempt = models.PositiveIntegerField(default=0)  # of workers, in this try
    holder = models.UUIDField(null=True)  # who runs it now
    lease_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(default=timezone.now)  # when a message for it last went to the broker
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["state", "lease_until"], name="job_sweep"),
            models.Index(fields=["state", "-priority", "created_at"], name="job_turn"),
        ]

    def __str__(self) -> str:
        return f"{self.recording_id} {self.state}"


class Transcript(models.Model):
    """One version of what was said. Version 1 is the machine's; a correction is a new version beside it."""

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="transcripts")
    version = models.PositiveIntegerField()
    based_on = models.PositiveIntegerField(null=True)
    author = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")  # null: the machine
    client_id = models.CharField(max_length=64, null=True)  # of a correction
    engine = models.CharField(max_length=40, blank=True)
    model = models.CharField(max_length=80, blank=True)
    model_version = models.CharField(max_length=80, blank=True)  # digest of the weights
    lines = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    body = models.BinaryField()  # sealed JSON: segments, words, coverage
    untold = models.BooleanField(default=False)  # it is of a voice note, and does not stand in its thread yet
    seq = models.BigIntegerField()  # sequence of its leaf in the chart's chain

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["recording", "version"], name="transcript_version_once"),
            models.UniqueConstraint(fields=["recording", "author", "client_id"], name="transcript_client_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["id"], condition=models.Q(untold=True), name="transcript_untold")]

    def __str__(self) -> str:
        return f"{self.recording_id} v{self.version}"


class SignOff(models.Model):
    """A named person's word that a version was checked against the recording."""

    transcript = models.OneToOneField(Transcript, on_delete=models.PROTECT, related_name="signoff")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    doubts_left = models.PositiveIntegerField()  # words that stayed doubtful, to this person's knowledge
    at = models.DateTimeField(default=timezone.now)
    seq = models.BigIntegerField()  # sequence of its leaf in the chart's chain

    def __str__(self) -> str:
        return f"{self.transcript_id} signed"


class ReviewDraft(models.Model):
    """What one person has begun to change in a transcript."""

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveBigIntegerField(default=0)  # counts changes, from any device
    at = models.DateTimeField(default=timezone.now)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, null=True, related_name="+")
    body = models.BinaryField(default=b"")  # sealed text; empty where nothing is begun

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["recording", "person"], name="review_draft_once")]

    def __str__(self) -> str:
        return f"{self.recording_id} {self.person_id}"
