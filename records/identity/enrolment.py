"""People as the hospital enters them: nobody signs up. Each act is a leaf of the system's chain, with ids and no names."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils import timezone

from records.errors import ErrorKind, Refused
from records.identity import accounts, licences
from records.ledger.system import extend_system
from records.people import CLINICAL, Person

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from records.people import Department

EARLIEST: Final = date(1880, 1, 1)
LOGIN: Final = re.compile(r"[^\s\x00-\x1f\x7f]{1,64}")
WORDS: Final = re.compile(r"[^\x00-\x1f\x7f]{1,60}")
NUMBER: Final = re.compile(r"[^\s\x00-\x1f\x7f]{1,32}")
SEXES: Final = frozenset({"female", "male"})

BAD_LOGIN: Final = ErrorKind(
    "person.login", 422, "登录名为 1 到 64 个字符，不含空格。", "A sign-in name has 1 to 64 characters and no spaces."
)
LOGIN_TAKEN: Final = ErrorKind("person.login_taken", 409, "这个登录名已有人使用。", "This sign-in name is taken.")
BAD_NAME: Final = ErrorKind("person.name", 422, "姓名为 1 到 60 个字符。", "A name has 1 to 60 characters.")
BAD_SEX: Final = ErrorKind("person.sex", 422, "性别填 female 或 male。", "The sex is female or male.")
BAD_BIRTH: Final = ErrorKind(
    "person.birth_date",
    422,
    "出生日期在 1880 年之后、今天之前。",
    "The date of birth lies after 1880 and not after today.",
)
BAD_MRN: Final = ErrorKind(
    "person.mrn", 422, "病案号为 1 到 32 个字符，不含空格。", "A medical record number has 1 to 32 characters and no spaces."
)
MRN_TAKEN: Final = ErrorKind("person.mrn_taken", 409, "这个病案号已有人使用。", "This medical record number is taken.")
BAD_TITLE: Final = ErrorKind(
    "person.title",
    422,
    "职称须同时填写中文和英文，各 1 到 60 个字符。",
    "A title is given in Chinese and in English, each of 1 to 60 characters.",
)
NO_DEPARTMENT: Final = ErrorKind(
    "person.department", 422, "医生、护士和科主任至少属于一个科室。", "A doctor, a nurse or a lead belongs to a department."
)
NOTHING: Final = ErrorKind("person.nothing", 422, "没有要更改的内容。", "There is nothing to change.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """What is said of somebody. None: not said, and left as it is."""

    name: str | None = None
    sex: str | None = None
    birth_date: date | None = None
    mrn: str | None = None
    title_zh: str | None = None
    title_en: str | None = None

    def given(self) -> dict[str, str | date]:
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    number: str | None
    scope: str | None
    until: date | None


@transaction.atomic
def add(
    login: str,
    details: Details,
    *,
    roles: Collection[str],
    departments: Collection[Department] = (),
    licence: Licence | None = None,
) -> tuple[Person, str]:
    """Enter somebody. Returns them and a password that nobody chose, kept nowhere else and good for the first sign-in alone.

    Raises Refused: one of the kinds above, of `accounts`, or of `licences`.
    """
    _must_be_free(login)
    person = Person(login=login)
    _put(person, {"name": "", **details.given()})
    if CLINICAL & set(roles) and not departments:
        raise Refused(NO_DEPARTMENT)
    password = accounts.made_password()
    person.set_password(password)
    person.password_made_at = timezone.now()
    person.save(force_insert=True)
    with extend_system() as system:
        system.add("person.added", actor=None, ids={"person": str(person.id)})
    if licence is not None:
        licences.enter(person, licence.number, licence.scope, licence.until)
    accounts.set_roles(person, roles)
    if departments:
        accounts.set_departments(person, departments)
    return person, password


@transaction.atomic
def correct(person: Person, details: Details) -> None:
    """Put right what was entered of somebody. Raises Refused: one of the kinds above."""
    changes = details.given()
    if not changes:
        raise Refused(NOTHING)
    _put(person, changes)
    person.save(update_fields=list(changes))
    with extend_system() as system:
        said = {"person": str(person.id), "fields": ",".join(sorted(changes))}
        system.add("person.corrected", actor=None, ids=said)


def _must_be_free(login: str) -> None:
    if not LOGIN.fullmatch(login):
        raise Refused(BAD_LOGIN)
    if Person.objects.filter(login__iexact=login).exists():  # names that differ in case alone are taken for each other
        raise Refused(LOGIN_TAKEN)


def _put(person: Person, changes: Mapping[str, str | date]) -> None:
    for field, value in changes.items():
        setattr(person, field, value.strip() if isinstance(value, str) else value)
    _check(person)
    if person.mrn and Person.objects.filter(mrn=person.mrn).exclude(id=person.id).exists():
        raise Refused(MRN_TAKEN)


def _check(person: Person) -> None:
    titles = (person.title_zh, person.title_en)
    rules = (
        (BAD_NAME, WORDS.fullmatch(person.name)),
        (BAD_SEX, not person.sex or person.sex in SEXES),
        (BAD_BIRTH, person.birth_date is None or EARLIEST <= person.birth_date <= timezone.localdate()),
        (BAD_MRN, not person.mrn or NUMBER.fullmatch(person.mrn)),
        (BAD_TITLE, not any(titles) or all(WORDS.fullmatch(title) for title in titles)),
    )
    for kind, holds in rules:
        if not holds:
            raise Refused(kind)
