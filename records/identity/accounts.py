"""What an operator changes about somebody: roles, departments, password. Each ends every session of theirs, and sockets close at once.

A session says what its person may act as; who gets or loses something signs in again.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils import timezone

from records import sessions
from records.errors import ErrorKind, Refused
from records.identity import licences
from records.identity.factors import ALPHABET
from records.ledger.system import extend_system
from records.people import Role, RoleGrant

if TYPE_CHECKING:
    from collections.abc import Collection

    from records.people import Department, Person

PASSWORD_LENGTH: Final = 16

BAD_ROLES: Final = ErrorKind(
    "person.roles",
    422,
    f"角色至少一个，可用的是：{'、'.join(Role.values)}。",
    f"At least one role, of these: {', '.join(Role.values)}.",
)


@transaction.atomic
def set_roles(person: Person, roles: Collection[str]) -> None:
    """Let somebody act as exactly these roles from now on. Raises Refused: BAD_ROLES, or `licences.MISSING`."""
    if not roles or set(roles) - set(Role.values):
        raise Refused(BAD_ROLES)
    licences.must_cover(person, roles)
    RoleGrant.objects.filter(person=person).exclude(role__in=roles).delete()
    for role in roles:
        RoleGrant.objects.get_or_create(person=person, role=role)
    _changed(person, "person.roles", {"roles": ",".join(sorted(roles))})


@transaction.atomic
def set_departments(person: Person, departments: Collection[Department]) -> None:
    """Let somebody belong to exactly these departments from now on."""
    person.departments.set(departments)
    _changed(person, "person.departments", {"departments": ",".join(sorted(one.code for one in departments))})


@transaction.atomic
def new_password(person: Person) -> str:
    """A password that nobody chose, for somebody who forgot theirs: at the next sign-in they choose another. Half sign-ins end as well."""
    made = made_password()
    person.set_password(made)
    person.password_made_at = timezone.now()
    person.save(update_fields=["password", "password_made_at"])
    _changed(person, "person.password", {})
    return made


def made_password() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(PASSWORD_LENGTH))


def _changed(person: Person, kind: str, ids: dict[str, str]) -> None:
    with extend_system() as system:
        system.add(kind, actor=None, ids={"person": str(person.id), **ids})
    sessions.end_elsewhere(person)
