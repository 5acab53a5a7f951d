"""Second factors of a person: set up, shown, taken away. Each change is a leaf of the system's chain."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid4

import msgspec
from django.db import transaction
from django.utils import timezone

from records.errors import NOT_FOUND, ErrorKind, Refused
from records.identity import totp
from records.identity.fresh import factor_required, is_staff
from records.identity.models import Factor
from records.ledger.system import extend_system
from records.vault import Context, Retention, data_key, open_key, seal, unseal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from records.people import Person

WRONG: Final = ErrorKind("factor.wrong", 422, "验证码不对，或已经用过。", "That code is not right, or was used before.")
LAST: Final = ErrorKind(
    "factor.last",
    409,
    "这是您最后一种验证方式，请先添加另一种。",
    "This is your last way to confirm that it is you. Add another one first.",
)
RECOVERY_CODES: Final = 10
# No letter that is taken for another: 32 of them, so that ten are 50 bits.
ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"
CODE_LENGTH: Final = 10
Kind = Factor.Kind


def kinds(person: Person) -> frozenset[str]:
    """The kinds of factors that this person has. Recovery codes alone are no factor."""
    found = frozenset(Factor.objects.filter(person=person).values_list("kind", flat=True))
    return found if found - {Kind.RECOVERY} else frozenset()


def listed(person: Person) -> list[Factor]:
    """What this person has, oldest first."""
    return list(Factor.objects.filter(person=person).order_by("added_at"))


def must_be_staff(person: Person) -> None:
    """Raises Refused(NOT_FOUND): patients sign in with their password alone."""
    if not is_staff(person):
        raise Refused(NOT_FOUND)


def add(person: Person, kind: str, secret: Any, *, name: str = "", counter: int = 0) -> Factor:
    """Keep a factor whose owner has just shown that it works. TOTP replaces the one there was. Runs inside `transaction.atomic()`."""
    if kind != Kind.PASSKEY:
        Factor.objects.filter(person=person, kind=kind).delete()
    key = data_key(person.id, Retention.ACCESS)
    factor = Factor(id=uuid4(), person=person, kind=kind, name=name, key_id=key.id, counter=counter)
    factor.secret = seal(key, _context(factor), msgspec.json.encode(secret))
    factor.save(force_insert=True)
    tell("factor.added", person, factor)
    return factor


def opened(factor: Factor) -> Any:
    """What a factor is made of. Raises SealBroken when it was put in another's place."""
    return msgspec.json.decode(unseal(open_key(factor.key_id), _context(factor), bytes(factor.secret)))


@transaction.atomic
def add_totp(person: Person, secret: str, code: str) -> None:
    """Set up an app, once it has shown its first code. Raises Refused(WRONG)."""
    step = totp.step_of(secret, _plain(code), time.time(), 0)
    if step is None:
        raise Refused(WRONG)
    add(person, Kind.TOTP, secret, counter=step)


@transaction.atomic
def new_recovery_codes(person: Person) -> list[str]:
    """Ten codes for the day when the phone is lost; the ones before are worth nothing. Shown once."""
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)) for _ in range(RECOVERY_CODES)]
    add(person, Kind.RECOVERY, codes)
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def recovery_codes_if_none(person: Person) -> list[str] | None:
    """The first factor brings recovery codes with it."""
    return None if Factor.objects.filter(person=person, kind=Kind.RECOVERY).exists() else new_recovery_codes(person)


@transaction.atomic
def show_code(person: Person, code: str) -> str:
    """Take a code of the app, or a recovery code, once. Returns the factor's kind. Raises Refused(WRONG)."""
    typed = _plain(code)
    rows = Factor.objects.select_for_update().filter(person=person, kind__in=TAKE)
    for factor in sorted(rows, key=lambda row: row.kind != Kind.TOTP):
        if TAKE[factor.kind](factor, typed):
            factor.used_at = timezone.now()
            factor.save(update_fields=["counter", "secret", "used_at"])
            return str(factor.kind)
    raise Refused(WRONG)


def _take_totp(factor: Factor, code: str) -> bool:
    step = totp.step_of(opened(factor), code, time.time(), factor.counter)
    if step is not None:
        factor.counter = step
    return step is not None


def _take_recovery(factor: Factor, code: str) -> bool:
    codes: Sequence[str] = opened(factor)
    left = [one for one in codes if not secrets.compare_digest(one, code)]
    factor.secret = seal(open_key(factor.key_id), _context(factor), msgspec.json.encode(left))
    return len(left) < len(codes)


TAKE: Final[Mapping[str, Callable[[Factor, str], bool]]] = {Kind.TOTP: _take_totp, Kind.RECOVERY: _take_recovery}


@transaction.atomic
def remove(person: Person, factor_id: UUID) -> None:
    """Take a factor away. Raises Refused: NOT_FOUND, or LAST where factors are required and nothing else would be left."""
    mine = list(Factor.objects.select_for_update().filter(person=person).exclude(kind=Kind.RECOVERY))
    factor = next((one for one in mine if one.id == factor_id), None)
    if factor is None:
        raise Refused(NOT_FOUND)
    if len(mine) == 1 and factor_required():
        raise Refused(LAST)
    tell("factor.removed", person, factor)
    factor.delete()
    if len(mine) == 1:  # codes for the day when the factor is lost are worth nothing without one
        Factor.objects.filter(person=person).delete()


@transaction.atomic
def forget_all(person: Person) -> None:
    """Take away every factor of somebody who lost them all: the next sign-in sets one up. For an operator's command."""
    for factor in Factor.objects.filter(person=person):
        tell("factor.removed", None, factor)
        factor.delete()


def _plain(code: str) -> str:
    """A code as it was meant: people type spaces, dashes and capitals."""
    return "".join(letter for letter in code.lower() if letter.isalnum())


def _context(factor: Factor) -> Context:
    return Context(f"factor.{factor.kind}", factor.person_id, 0, factor.person_id, str(factor.id), "application/json")


def tell(kind: str, by: Person | None, factor: Factor) -> None:
    """The leaf of what became of a factor. Runs inside `transaction.atomic()`."""
    ids = {"person": str(factor.person_id), "factor": str(factor.id), "factor_kind": str(factor.kind)}
    with extend_system() as system:
        system.add(kind, actor=by.id if by else None, ids=ids)
