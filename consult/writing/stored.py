"""Rows as the message writer holds them: UUID, bytes and int on both databases."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

Key = tuple[UUID, UUID, str]  # thread, sender, client id


class CaseRow(NamedTuple):
    """A consultation, or the one a side thread is about, with the end of the thread's chain, locked until commit.

    `rounds_left`: how often the patient may still ask on after an answer, None without bound; `over`: the terms have run out of time.
    `family`: whom the patient lets in, as `relations.kin` reads it. `members`: who was invited into a side thread.
    """

    id: UUID
    last_seq: int
    head: bytes
    patient: UUID
    assignee: UUID | None
    state: str
    needs_reply: bool
    rounds_left: int | None = None
    over: bool = False
    family: str | None = None
    kind: str = "consultation"
    members: frozenset[UUID] = frozenset()


class Standing(NamedTuple):
    """The roles that an active person holds, and when the licence ends (None: needs none)."""

    roles: frozenset[str]
    licence_ends: date | None


class StoredEvent(NamedTuple):
    """An event under a client id. `body` is None until somebody has to compare it."""

    seq: int
    kind: str
    at: int
    key: UUID
    body: bytes | None = None


class Looked(NamedTuple):
    """All that a batch has to know before it is judged."""

    threads: dict[UUID, CaseRow]
    people: dict[UUID, Standing]
    sessions: frozenset[str]  # those that live
    known: dict[Key, StoredEvent]  # client ids that are stored already


# Columns in the order of the tables, ready for the driver; ids as `Rows.ident` gives them.
EventRow = tuple[Any, int, str, int, Any, str | None, Any, bytes]  # thread, seq, kind, at, sender, client id, key, body
LeafRow = tuple[Any, int, str, int, bytes, bytes]  # chain, seq, kind, at, data, hash
End = tuple[Any, int, bytes]  # chain, its last sequence and head
Spoken = tuple[Any, bool, int]  # consultation, whether it needs a reply now, rounds begun


class CursorRow(NamedTuple):
    thread: UUID
    person: UUID
    delivered: int
    read: int
    delivered_at: int | None
    read_at: int | None
