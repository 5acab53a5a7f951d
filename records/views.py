"""How answers show a person, and a text in both languages: the brief form beside every act, and what a clinician knows a patient by."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from ninja import Schema

from records.people import Department, Person

MRN_TAIL: Final = 4

# Prefetch these on a queryset of people, and `brief` costs no query a person.
BRIEF: Final = ("roles", "departments")


class Bilingual(Schema):
    zh: str
    en: str


def bilingual(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


class PersonBrief(Schema):
    id: UUID
    name: str
    title: Bilingual | None
    department: Bilingual | None
    role: str


class PatientBrief(PersonBrief):
    sex: str
    age: int | None
    mrn_tail: str


def brief(person: Person) -> dict[str, Any]:
    """The fields of `PersonBrief`."""
    department = main_department(person)
    return {
        "id": person.id,
        "name": person.name,
        "title": bilingual(person.title_zh, person.title_en) if person.title_zh else None,
        "department": bilingual(department.name_zh, department.name_en) if department else None,
        "role": person.main_role,
    }


def patient_brief(person: Person) -> dict[str, Any]:
    """The fields of `PatientBrief`: of the record number only the tail, enough to tell two people of one name apart."""
    return {
        **brief(person),
        "sex": person.sex,
        "age": person.age_on(timezone.localdate()),
        "mrn_tail": person.mrn[-MRN_TAIL:],
    }


def main_department(person: Person) -> Department | None:
    """The department shown beside a name: a speciality before the general one."""
    departments = sorted(person.departments.all(), key=lambda item: (item.is_default, item.code))
    return departments[0] if departments else None


def masked(name: str) -> str:
    """A name as somebody without a grant may see it: 张*三, 王*, and for names in Latin letters W*."""
    if len(name) <= 1:
        return "*"
    if name.isascii():
        return " ".join(f"{part[0]}*" for part in name.split())
    return f"{name[0]}*{name[-1]}" if len(name) > 2 else f"{name[0]}*"  # noqa: PLR2004
