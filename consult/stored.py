"""Rows as the message writer holds them: UUID, bytes and int on both databases."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

Key = tuple[UUID, UUID, str]  # thread, sender, client id


class CaseRow(NamedTuple):
    """A consultation, or the one a side thread is about, with the end of the thread's chain, locked until commit.

    `rounds_left`: how often the patient may still ask on after an answer, None without bound; `over`: the terms have run out of time.
    `members`: who was invited into a side thread.
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
    kind: str = "consultation"
    members: frozenset[UUID] = frozenset()


class EventRow(NamedTuple):
    thread: UUID
    seq: int
    kind: str
    at: int
    sender: UUID
    client_id: str | None
    key: UUID
    body: bytes


class StoredEvent(NamedTuple):
    seq: int
    kind: str
    at: int
    key: UUID
    body: bytes


class CursorRow(NamedTuple):
    thread: UUID
    person: UUID
    delivered: int
    read: int
    delivered_at: int | None
    read_at: int | None
