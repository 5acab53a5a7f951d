"""Compliance: notes and bookmarks of whoever reads a case under a grant. They stand in the grant's chain and change nothing of the case."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from consult.models import SideThread
from records import grants
from records.errors import NOT_FOUND, Refused
from records.ledger.chains import moment
from records.ledger.models import Leaf

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from records.grants import AccessGrant, ReadingNote
    from records.people import Person


class Annotation(NamedTuple):
    """`id`: the number of its leaf. `part` and `seq`: the act that it is about."""

    id: int
    kind: str
    part: str
    seq: int
    at: datetime
    text: str


def add(person: Person, grant_id: UUID, kind: str, part: str, seq: int, text: str) -> Annotation:
    """Note or bookmark an act that the grant lets this person read. Raises Refused: NOT_FOUND, grants.TOO_MANY_NOTES."""
    grant = grants.load(person, "grant.annotate", grant_id)
    thread = threads(grant).get(part)
    leaf = Leaf.objects.filter(chain=thread, seq=seq).first() if thread else None
    if thread is None or leaf is None or not grant.covers(moment(leaf.at)):
        raise Refused(NOT_FOUND)
    return _shown(grants.annotate(person, grant_id, kind, grants.About(thread, seq), text), part)


def standing(person: Person, grant_id: UUID) -> list[Annotation]:
    """Those that were not removed, in the order of the case."""
    grant = grants.load(person, "grant.annotate", grant_id)
    parts = {thread: part for part, thread in threads(grant).items()}
    rows = [row for row in grants.standing_notes(person, grant_id) if row.thread in parts]
    return sorted((_shown(row, parts[row.thread]) for row in rows if row.thread), key=lambda one: (one.part, one.seq, one.id))


def threads(grant: AccessGrant) -> dict[str, UUID]:
    """What of a case has a timeline, as far as the grant covers it: kind of content -> thread."""
    found = {"conversation": grant.case_id}
    if (beside := SideThread.objects.filter(about=grant.case_id).first()) is not None:
        found["discussion"] = beside.chain_id
    return {part: thread for part, thread in found.items() if part in grant.content}


def _shown(row: ReadingNote, part: str) -> Annotation:
    assert row.of is not None, "an annotation is about an act"
    return Annotation(row.seq, row.kind, part, row.of, row.at, grants.reading_words(row))
