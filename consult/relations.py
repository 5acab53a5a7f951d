"""How a person stands to a thread, and which rule an act there is subject to. Pure, so that the message writer can ask of bare rows."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from records.access import Relation

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID


class Kind(StrEnum):
    """What kind of thread it is."""

    CONSULTATION = "consultation"
    SIDE = "side"
    NOTICES = "notices"


# What may be done in any thread, by the name it has in a consultation -> the rule of each other kind. What is not here is refused.
_ELSEWHERE: Final = {
    Kind.SIDE: {
        "consultation.read": "side.read",
        "message.send": "side.write",
        "message.retract": "side.write",
        "message.correct": "side.write",
        "message.schedule": "side.write",
        "voice.transcribe": "side.write",
    },
    Kind.NOTICES: {"consultation.read": "notices.read"},
}


def rule(kind: str, action: str) -> str | None:
    """The rule of `records.access` for an act in a thread of this kind; None: not possible there."""
    return action if kind == Kind.CONSULTATION else _ELSEWHERE[Kind(kind)].get(action)


def relations(
    person: UUID,
    *,
    patient: UUID,
    assignee: UUID | None,
    waits_in: UUID | None,
    departments: Collection[UUID] = (),
) -> frozenset[Relation]:
    """To a consultation. `waits_in` is the department whose queue holds it now, None when nobody may take it."""
    found = set()
    if person == patient:
        found.add(Relation.SELF)
    if person == assignee:
        found.add(Relation.TREATING)
    if waits_in is not None and waits_in in departments and person != patient:
        found.add(Relation.DEPARTMENT)
    return frozenset(found)


def beside(person: UUID, *, patient: UUID, assignee: UUID | None, members: Collection[UUID]) -> frozenset[Relation]:
    """To a side thread: colleagues only, even where the patient is a colleague otherwise."""
    belongs = person != patient and (person == assignee or person in members)
    return frozenset({Relation.COLLEAGUE}) if belongs else frozenset()
