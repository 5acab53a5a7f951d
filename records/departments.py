"""Departments: entered by an operator, and the administrator says whose cases take two people to open."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from django.db import transaction

from records.access import require
from records.errors import NOT_FOUND, ErrorKind, Refused
from records.ledger.system import extend_system
from records.people import Department

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from uuid import UUID

    from django.db.models import QuerySet

    from records.people import Person

CODE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,49}")
ZH: Final = re.compile(r"[^\x00-\x1f\x7f]{1,60}")
EN: Final = re.compile(r"[^\x00-\x1f\x7f]{1,120}")
MINUTES, ROUNDS, HOURS = 20_160, 1000, 8_784  # two weeks; as good as none; a year

BAD_CODE: Final = ErrorKind(
    "department.code",
    422,
    "科室代码为 1 到 50 个小写字母、数字和连字符。",
    "The code of a department is 1 to 50 lower case letters, digits and hyphens.",
)
UNKNOWN: Final = ErrorKind("department.unknown", 404, "没有这个代码的科室。", "There is no department of this code.")
BAD_NAME: Final = ErrorKind(
    "department.name",
    422,
    "科室须有中文名（1 到 60 个字符）和英文名（1 到 120 个字符）。",
    "A department has a name in Chinese (1 to 60 characters) and one in English (1 to 120).",
)
BAD_REPLY: Final = ErrorKind(
    "department.reply",
    422,
    "常见回复时间为两个分钟数，前者不大于后者，最多 20160。",
    "The usual time to an answer is two numbers of minutes, the first not above the second, at most 20160.",
)
BAD_TERMS: Final = ErrorKind(
    "department.terms", 422, "次数为 1 到 1000，时限为 1 到 8784 小时。", "Rounds are 1 to 1000, hours 1 to 8784."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is said of a department, by the fields of the model; what is missing stays as it is. `is_default` alone is never taken away."""

    fields: Mapping[str, str | int | None] = field(default_factory=dict)
    is_default: bool = False


def listed(person: Person) -> QuerySet[Department]:
    """All of them, the default first."""
    require(person, "department.list")
    return Department.objects.order_by("-is_default", "code")


@transaction.atomic
def mark(person: Person, department_id: UUID, *, sensitive: bool) -> Department:
    """Say whether a department is sensitive: a leaf of the system's chain. Raises Refused(NOT_FOUND)."""
    require(person, "department.mark")
    department = Department.objects.select_for_update().filter(id=department_id).first()
    if department is None:
        raise Refused(NOT_FOUND)
    if department.sensitive == sensitive:
        return department
    department.sensitive = sensitive
    department.save(update_fields=["sensitive"])
    with extend_system() as system:
        said = {"department": str(department.id), "sensitive": "yes" if sensitive else "no"}
        system.add("department.marked", actor=person.id, ids=said)
    return department


@transaction.atomic
def put(code: str, changes: Changes) -> tuple[Department, bool]:
    """Enter a department, or change it: a leaf of the system's chain. Returns it, and whether it is new. The first is the default.

    Raises Refused: BAD_CODE, BAD_NAME, BAD_REPLY, BAD_TERMS.
    """
    if not CODE.fullmatch(code):
        raise Refused(BAD_CODE)
    known = Department.objects.select_for_update().filter(code=code).first()
    department = known or Department(code=code)
    for name, value in changes.fields.items():
        setattr(department, name, value.strip() if isinstance(value, str) else value)
    _check(department)
    if changes.is_default or not Department.objects.filter(is_default=True).exists():
        Department.objects.filter(is_default=True).update(is_default=False)
        department.is_default = True
    department.save()
    with extend_system() as system:
        said = {"department": str(department.id), "code": code}
        system.add("department.changed" if known else "department.added", actor=None, ids=said)
    return department, known is None


def coded(codes: Collection[str]) -> list[Department]:
    """The departments of these codes. Raises Refused(UNKNOWN) unless there is one for each."""
    found = list(Department.objects.filter(code__in=codes))
    if len(found) != len(set(codes)):
        raise Refused(UNKNOWN)
    return found


def _check(department: Department) -> None:
    if not ZH.fullmatch(department.name_zh) or not EN.fullmatch(department.name_en):
        raise Refused(BAD_NAME)
    half, most = department.reply_p50, department.reply_p90
    if (half is None) != (most is None) or (half is not None and most is not None and not 1 <= half <= most <= MINUTES):
        raise Refused(BAD_REPLY)
    if not _within(department.rounds, ROUNDS) or not _within(department.hours, HOURS):
        raise Refused(BAD_TERMS)


def _within(value: int | None, most: int) -> bool:
    return value is None or 1 <= value <= most
