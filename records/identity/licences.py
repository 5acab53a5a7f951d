"""Licences to practise, as the hospital enters them. Whose licence has lapsed cannot reply, from the next message on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from django.db import transaction

from records.errors import ErrorKind, Refused
from records.ledger.system import extend_system
from records.people import Credential, Role

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from records.people import Person

LICENSED: Final = frozenset({Role.DOCTOR, Role.NURSE})
NUMBER: Final = re.compile(r"[^\s\x00-\x1f\x7f]{1,64}")
SCOPE: Final = re.compile(r"[^\x00-\x1f\x7f]{1,120}")

BAD: Final = ErrorKind(
    "licence.incomplete",
    422,
    "执业资质需要编号（1 到 64 个字符，不含空格）、执业范围（1 到 120 个字符）和有效期。",
    "A licence has a number (1 to 64 characters, no spaces), a scope (1 to 120 characters) and a last day.",
)
TAKEN: Final = ErrorKind(
    "licence.taken", 409, "这个资质编号已登记在别人名下。", "This number is entered already, for somebody else."
)
MISSING: Final = ErrorKind(
    "licence.missing", 422, "医生和护士须先登记执业资质。", "A doctor or a nurse needs a licence that is entered first."
)


@transaction.atomic
def enter(person: Person, number: str | None, scope: str | None, until: date | None) -> Credential:
    """Enter a licence, or change what is given of it; `until` is its last day. A day that is past ends it at once.

    Raises Refused: BAD, TAKEN.
    """
    known = Credential.objects.select_for_update().filter(person=person).first() or Credential(person=person)
    known.number, known.scope = number or known.number, (scope or known.scope).strip()
    known.expires_on = until or known.expires_on
    if not NUMBER.fullmatch(known.number) or not SCOPE.fullmatch(known.scope) or known.expires_on is None:
        raise Refused(BAD)
    if Credential.objects.filter(number=known.number).exclude(person=person).exists():
        raise Refused(TAKEN)
    known.save()
    with extend_system() as system:
        said = {"person": str(person.id), "number": known.number, "until": known.expires_on.isoformat()}
        system.add("licence.entered", actor=None, ids=said)
    return known


def must_cover(person: Person, roles: Collection[str]) -> None:
    """Raises Refused(MISSING) when one of these roles needs a licence and none was ever entered: nothing would then lapse."""
    if LICENSED & set(roles) and not Credential.objects.filter(person=person).exists():
        raise Refused(MISSING)
