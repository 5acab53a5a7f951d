"""Second factors, and the sign-ins whose sessions still live."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from records.people import Person
from records.vault.models import DataKey


class Factor(models.Model):
    """Something that somebody has besides the password. What it is made of is sealed for this row and this person.

    `counter`: of a TOTP factor, the last time step whose code was used: none is taken twice (RFC 6238, section 5.2). Of a passkey, how
    often its authenticator had signed when it was last seen (WebAuthn, section 7.2); 0 where it does not count.
    """

    class Kind(models.TextChoices):
        TOTP = "totp"
        PASSKEY = "passkey"
        RECOVERY = "recovery"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="factors")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=60, blank=True)
    key = models.ForeignKey(DataKey, on_delete=models.PROTECT, related_name="+")
    secret = models.BinaryField()
    counter = models.BigIntegerField(default=0)
    added_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person", "kind"], condition=models.Q(kind__in=["totp", "recovery"]), name="factor_once_a_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind}"


class SignIn(models.Model):
    """One session of one person: what its owner is shown, and how it is found when it must end. Gone with the session.

    `device` is the browser's and the system's name; `place` the network it came from, without the part that names a machine.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True)
    method = models.CharField(max_length=16)
    device = models.CharField(max_length=60)
    place = models.CharField(max_length=45)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.person_id} {self.at}"
