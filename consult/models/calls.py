"""Calls as they are kept: the server's word on their state, so that any process, or the next start, carries on. No SDP, no candidate.

Times are ms since epoch. What was done stands in the timeline and the ledger; these rows say what holds now, and who sits where.
"""

from __future__ import annotations

import uuid
from typing import ClassVar, Final

from django.db import models

from records.people import Person


class Call(models.Model):
    """One invitation and what became of it. `version` counts its changes."""

    class State(models.TextChoices):
        RINGING = "ringing"
        ACTIVE = "active"
        ENDED = "ended"
        DECLINED = "declined"
        MISSED = "missed"
        BUSY = "busy"
        CANCELLED = "cancelled"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    consultation = models.ForeignKey("consult.Consultation", on_delete=models.PROTECT, related_name="calls")
    caller = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    callee = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")  # who answered
    room = models.BooleanField(default=False)  # for several people, through the media server: nobody's answer begins it
    # Whose timeline holds a room's acts; none: the case's.
    side = models.ForeignKey("consult.SideThread", on_delete=models.PROTECT, null=True, related_name="calls")
    state = models.CharField(max_length=12, choices=State.choices, default=State.RINGING)
    media = models.JSONField()  # asked for, then what was answered
    at = models.BigIntegerField()
    until = models.BigIntegerField()  # it rings no longer than this; a room ends then
    shown = models.BooleanField(default=False)  # on a device of the other side
    answered_at = models.BigIntegerField(null=True)
    ended_at = models.BigIntegerField(null=True)
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=32, blank=True, default="")
    poor_ms = models.BigIntegerField(default=0)  # that one side heard or saw badly
    caption_slot = models.PositiveSmallIntegerField(null=True)  # which of the places of captioned calls it has
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["until"], condition=models.Q(state__in=("ringing", "active")), name="call_live"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["caption_slot"], condition=models.Q(caption_slot__isnull=False), name="one_call_a_caption_slot"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.state}"

    @property
    def live(self) -> bool:
        return self.state in LIVE

    @property
    def thread(self) -> uuid.UUID:
        """Whose timeline holds what is done in it."""
        thread: uuid.UUID = self.consultation_id if self.side_id is None else self.side_id
        return thread


LIVE: Final = (Call.State.RINGING, Call.State.ACTIVE)


class CallSeat(models.Model):
    """One person in one call. `device` is the one open page that talks, `line` the connection it uses now."""

    class State(models.TextChoices):
        RUNG = "rung"
        BOUND = "bound"
        LEFT = "left"  # declined, or somebody else of that side answered; of a room: not there, and may come
        OUT = "out"  # of a room: may not come unless invited again

    class Captions(models.TextChoices):
        ASKED = "asked"
        ON = "on"
        OFF = "off"

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="seats")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices)
    live = models.BooleanField(default=True)  # a live call, and this person rings or talks in it
    device = models.CharField(max_length=64, blank=True, default="")
    line = models.CharField(max_length=32, blank=True, default="")
    client_id = models.CharField(max_length=64, null=True)  # of the command that took the seat
    resumes = models.PositiveIntegerField(default=0)
    seen_at = models.BigIntegerField(null=True)  # the process that serves the line says so, again and again
    away_until = models.BigIntegerField(null=True)
    rung_until = models.BigIntegerField(null=True)  # of who is invited to a room
    poor_since = models.BigIntegerField(null=True)
    captions = models.CharField(max_length=8, choices=Captions.choices, null=True)  # of this person's voice; null: not asked

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["call", "person"], name="call_seat_once"),
            models.UniqueConstraint(fields=["person"], condition=models.Q(live=True), name="one_live_call_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.call_id}: {self.state}"


class CallRecording(models.Model):
    """One request to record a call; `generation` counts those of the call. Recorded from `started_at` to `stopped_at`, if ever."""

    class State(models.TextChoices):
        ASKED = "asked"
        ON = "on"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"
        STOPPED = "stopped"

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="recordings")
    generation = models.PositiveIntegerField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    client_id = models.CharField(max_length=64)
    text_version = models.CharField(max_length=32)
    state = models.CharField(max_length=12, choices=State.choices, default=State.ASKED)
    changed_at = models.BigIntegerField()
    started_at = models.BigIntegerField(null=True)
    stopped_at = models.BigIntegerField(null=True)
    joined = models.BooleanField(default=False)  # stopped because somebody sat down: the next generation goes on with it

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["call", "generation"], name="call_recording_once"),
            models.UniqueConstraint(
                fields=["call"], condition=models.Q(state__in=("asked", "on")), name="one_open_recording_a_call"
            ),
            # Nothing runs that did not start, and nothing started that was refused.
            models.CheckConstraint(
                condition=~models.Q(state="on") | models.Q(started_at__isnull=False), name="recording_started"
            ),
            models.CheckConstraint(
                condition=~models.Q(state="refused") | models.Q(started_at__isnull=True), name="refused_never_started"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call_id}#{self.generation} {self.state}"


class CallConsent(models.Model):
    """What one person in the call answered; null: not yet."""

    recording = models.ForeignKey(CallRecording, on_delete=models.PROTECT, related_name="consents")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    granted = models.BooleanField(null=True)
    at = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["recording", "person"], name="call_consent_once")]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.recording_id}: {self.granted}"
