"""How a person stands to a thread, and which rule an act there is subject to. Pure, so that the message writer can ask of bare rows."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

import msgspec

from records.access import Relation

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


class Kind(StrEnum):
    """What kind of thread it is."""

    CONSULTATION = "consultation"
    SIDE = "side"
    NOTICES = "notices"


class Kin(NamedTuple):
    """A relative whom the patient lets in. `until`: ms since epoch; `asks`: may speak for the patient, not only see, and, with `calls`, in
    calls too."""

    person: UUID
    until: int
    asks: bool
    calls: bool = False


_read_kin: Final = msgspec.json.Decoder(list[Kin]).decode


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
    family: Collection[Kin] = (),
) -> frozenset[Relation]:
    """To a consultation. `waits_in` is the department whose queue holds it now, None when nobody may take it."""
    found = set()
    if person == patient:
        found.add(Relation.SELF)
    if person == assignee:
        found.add(Relation.TREATING)
    if waits_in is not None and waits_in in departments and person != patient:
        found.add(Relation.DEPARTMENT)
    for one in family:
        if person == one.person and person != assignee:
            found |= {Relation.FAMILY, *((Relation.SPEAKS,) if one.asks else ()), *((Relation.CALLS,) if one.calls else ())}
    return frozenset(found)


def keep(family: Sequence[Kin]) -> str | None:
    """How a case's row keeps its family; None: nobody."""
    return msgspec.json.encode(family).decode() if family else None


def kin(kept: str | None, at: int) -> list[Kin]:
    """Those of them who are let in at `at`, ms since epoch (0: all whom the row names)."""
    return [] if kept is None else [one for one in _read_kin(kept) if one.until > at]


def beside(person: UUID, *, patient: UUID, assignee: UUID | None, members: Collection[UUID]) -> frozenset[Relation]:
    """To a side thread: colleagues only, even where the patient is a colleague otherwise."""
    belongs = person != patient and (person == assignee or person in members)
    return frozenset({Relation.COLLEAGUE}) if belongs else frozenset()
