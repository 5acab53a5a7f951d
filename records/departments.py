"""What the administrator says about departments: whose cases take two people to open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from records.access import require
from records.errors import NOT_FOUND, Refused
from records.ledger.system import extend_system
from records.people import Department

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from records.people import Person


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
