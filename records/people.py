"""People of the hospital: who they are, what they may act as, and whom they care for."""

from __future__ import annotations

import uuid
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import Iterable


class Role(models.TextChoices):
    """What a person may act as; one person may hold several."""

    PATIENT = "patient"
    DOCTOR = "doctor"
    NURSE = "nurse"
    LEAD = "lead"
    OFFICER = "officer"
    APPROVER = "approver"
    ADMIN = "admin"
    AUDITOR = "auditor"


CLINICAL = frozenset({Role.DOCTOR, Role.NURSE, Role.LEAD})


class Department(models.Model):
    """A department; clinicians of one never see the consultations of another."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    code = models.SlugField(unique=True)
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=120)
    # Minutes within which half, and nine in ten, of the answers come; shown to patients as a range, never as a promise.
    reply_p50 = models.PositiveIntegerField(null=True)
    reply_p90 = models.PositiveIntegerField(null=True)
    # Service terms of a new consultation: rounds of questions, and hours from the first answer. None: without bound.
    rounds = models.PositiveSmallIntegerField(null=True)
    hours = models.PositiveSmallIntegerField(null=True)
    is_default = models.BooleanField(default=False)
    # Mental health, infectious disease, reproduction ...: nobody of the compliance office reads a case of it unless two people agree.
    sensitive = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.code


class PersonManager(BaseUserManager["Person"]):
    def create_user(self, login: str, password: str | None = None, **fields: object) -> Person:
        person = self.model(login=login, **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    """Anyone who signs in. `login` is a phone number for patients and a staff number for staff."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    login = models.CharField(max_length=64, unique=True)
    email = models.EmailField(blank=True)
    name = models.CharField(max_length=60)
    sex = models.CharField(max_length=8, choices=[("female", "female"), ("male", "male")], blank=True)
    birth_date = models.DateField(null=True)
    # Medical record number; only its tail is ever shown in lists.
    mrn = models.CharField(max_length=32, blank=True)
    title_zh = models.CharField(max_length=60, blank=True)
    title_en = models.CharField(max_length=60, blank=True)
    language = models.CharField(max_length=12, default="zh-Hans")
    # What they said that talking with them needs; codes, see `Need` of the session's API.
    needs = models.JSONField(default=list)
    # When an operator made the password; None: its person chose it.
    password_made_at = models.DateTimeField(null=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)
    departments = models.ManyToManyField(Department, related_name="people")

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[PersonManager] = PersonManager()

    def __str__(self) -> str:
        return self.login

    @property
    def role_set(self) -> frozenset[str]:
        """The roles this person holds now; read once per loaded person."""
        cached: frozenset[str] | None = self.__dict__.get("_role_set")
        if cached is None:
            cached = frozenset(grant.role for grant in self.roles.all())  # prefetched in lists
            self.__dict__["_role_set"] = cached
        return cached

    @property
    def department_ids(self) -> frozenset[uuid.UUID]:
        """The departments this person belongs to; read once per loaded person."""
        cached: frozenset[uuid.UUID] | None = self.__dict__.get("_department_ids")
        if cached is None:
            cached = frozenset(department.id for department in self.departments.all())  # prefetched in lists
            self.__dict__["_department_ids"] = cached
        return cached

    @property
    def main_role(self) -> str:
        """The one role shown beside the name: the first held, in the order of `Role`."""
        return next((role for role in _SHOWN_FIRST if role in self.role_set), Role.PATIENT)

    def age_on(self, day: date) -> int | None:
        """Completed years on `day`; None when the birth date is unknown."""
        if self.birth_date is None:
            return None
        before_birthday = (day.month, day.day) < (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - before_birthday


_SHOWN_FIRST: Iterable[str] = (
    Role.OFFICER,
    Role.APPROVER,
    Role.ADMIN,
    Role.AUDITOR,
    Role.LEAD,
    Role.DOCTOR,
    Role.NURSE,
    Role.PATIENT,
)


def stays(person: Person) -> bool:
    """Whether the account is open, and stays so until the transaction ends: whoever closes it then finds what was done meanwhile."""
    return Person.objects.select_for_update(no_key=True).filter(id=person.id, is_active=True).first() is not None


class RoleGrant(models.Model):
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=16, choices=Role.choices)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["person", "role"], name="role_once")]

    def __str__(self) -> str:
        return f"{self.person_id}:{self.role}"


class Credential(models.Model):
    """A practitioner's licence; clinicians whose licence has lapsed cannot reply."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="credential")
    number = models.CharField(max_length=64)
    scope = models.CharField(max_length=120)
    expires_on = models.DateField()

    def __str__(self) -> str:
        return self.number


class CareRelationship(models.Model):
    """Why a clinician may see a patient's chart, from when, until when."""

    patient = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="care_team")
    clinician = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="patients")
    reason = models.CharField(max_length=32)  # consultation, follow-up
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patient", "clinician", "reason"], name="care_once_per_reason")
        ]

    def __str__(self) -> str:
        return f"{self.clinician_id} cares for {self.patient_id}"
