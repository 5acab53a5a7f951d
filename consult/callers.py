"""Who asks, looked up in as few statements as there are questions: opening a socket is what a whole morning's patients do at once.

A person comes with roles and departments read, so that no rule asks for them again.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from records.identity.fresh import accepted
from records.people import Person

if TYPE_CHECKING:
    from collections.abc import Sequence

_PERSON: Final = """SELECT p.*, r.role AS held_role, d.department_id AS held_department FROM records_person p
  LEFT JOIN records_rolegrant r ON r.person_id = p.id LEFT JOIN records_person_departments d ON d.person_id = p.id
  WHERE p.id = %s AND p.is_active"""
_SESSION: Final = "SELECT {} FROM django_session WHERE session_key = %s AND expire_date > %s"
_ALIVE: Final = f"{_PERSON} AND EXISTS ({_SESSION.format('1')})"


def of_session(key: str) -> Person | None:
    """The active person whose session this is; None when it is over, lacks a second factor, or began with a password since changed."""
    with connection.cursor() as cursor:
        cursor.execute(_SESSION.format("session_data"), _alive(key))
        found = cursor.fetchone()
    if found is None:
        return None
    data = import_module(settings.SESSION_ENGINE).SessionStore().decode(found[0])
    if data.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS or not accepted(data):
        return None
    person = _person(_PERSON, UUID(data[SESSION_KEY]), ())
    return person if person is not None and _same_password(person, data.get(HASH_SESSION_KEY, "")) else None


def present(person: UUID, session: str) -> Person | None:
    """The person, if the account is active and the session still lives."""
    return _person(_ALIVE, person, _alive(session))


def _alive(session: str) -> Sequence[Any]:
    return session, connection.ops.adapt_datetimefield_value(timezone.now())


def _person(statement: str, person_id: UUID, values: Sequence[Any]) -> Person | None:
    key = Person._meta.pk.get_db_prep_value(person_id, connection)
    rows: list[Any] = list(Person.objects.raw(statement, [key, *values]))  # with the two columns that no Person has
    if not rows:
        return None
    person: Person = rows[0]
    person.__dict__["_role_set"] = frozenset(row.held_role for row in rows if row.held_role)
    departments = {row.held_department for row in rows if row.held_department}
    person.__dict__["_department_ids"] = frozenset(id_ if isinstance(id_, UUID) else UUID(id_) for id_ in departments)
    return person


def _same_password(person: Person, known: str) -> bool:
    """As `django.contrib.auth.get_user` asks: sessions end with the password they were started with."""
    hashes = (person.get_session_auth_hash(), *person.get_session_auth_fallback_hash())
    return bool(known) and any(constant_time_compare(known, value) for value in hashes)
