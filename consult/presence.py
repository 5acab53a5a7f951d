"""Who is still here, who belongs where, how far everybody has got, and how far every timeline reaches: what the poll asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from django.contrib.sessions.models import Session
from django.utils import timezone

from consult.audiences import audience, audience_of_each
from consult.models import Cursor
from records.ledger.models import Chain
from records.people import Person

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from consult.writing.acts import Moved

CHUNK = 500  # values in one IN (...)


class Socket(Protocol):
    """One connected device, as the hub sees it."""

    person: UUID
    session: str
    line: str | None  # the connection's own name, which calls go by; None: it can be in none
    departments: frozenset[UUID]  # whose queues it watches; empty for patients

    def push(self, frame: bytes) -> None: ...

    async def drained(self) -> None: ...

    def close(self, code: int) -> None: ...


def cursors(thread: UUID) -> tuple[list[Moved], frozenset[UUID]]:
    """How far everybody in a thread has got, and who may know."""
    rows = Cursor.objects.filter(thread=thread).values_list("person_id", "delivered", "read", "delivered_at", "read_at")
    return list(rows), audience(thread)


def audiences(threads: Sequence[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Who may read each."""
    found: dict[UUID, frozenset[UUID]] = {}
    for start in range(0, len(threads), CHUNK):
        found |= audience_of_each(threads[start : start + CHUNK])
    return found


def heads(consultations: Sequence[UUID]) -> dict[UUID, int]:
    """The last sequence of each."""
    found: dict[UUID, int] = {}
    for start in range(0, len(consultations), CHUNK):
        some = consultations[start : start + CHUNK]
        found |= dict(Chain.objects.filter(id__in=some).values_list("id", "last_seq"))
    return found


def still_here(pairs: Iterable[tuple[UUID, str]]) -> set[tuple[UUID, str]]:
    """Of (person, session) pairs, those whose session lives and whose person is active."""
    asked = list(pairs)
    people: set[UUID] = set()
    sessions: set[str] = set()
    for start in range(0, len(asked), CHUNK):
        some = asked[start : start + CHUNK]
        people |= set(Person.objects.filter(is_active=True, id__in={person for person, _ in some}).values_list("id", flat=True))
        sessions |= set(
            Session.objects.filter(
                expire_date__gt=timezone.now(), session_key__in={session for _, session in some}
            ).values_list("session_key", flat=True)
        )
    return {(person, session) for person, session in asked if person in people and session in sessions}
