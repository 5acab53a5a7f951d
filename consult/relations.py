"""How a person stands to a consultation. Pure, so that the message writer can ask it of bare rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from records.access import Relation

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID


def relations(
    person: UUID,
    *,
    patient: UUID,
    assignee: UUID | None,
    waits_in: UUID | None,
    departments: Collection[UUID] = (),
) -> frozenset[Relation]:
    """`waits_in` is the department whose queue holds the consultation now, None when nobody may take it."""
    found = set()
    if person == patient:
        found.add(Relation.SELF)
    if person == assignee:
        found.add(Relation.TREATING)
    if waits_in is not None and waits_in in departments and person != patient:
        found.add(Relation.DEPARTMENT)
    return frozenset(found)
