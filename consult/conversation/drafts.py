"""Drafts that follow a person from device to device: one for each thread they may write in, sealed, never silently overwritten.

The device that sends a message empties its draft; the server cannot know whether what was sent is what another device still shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils import timezone

from consult import audiences
from consult.doorbell import Ring, ring
from consult.models import Draft
from records.errors import DRAFT_NEWER
from records.vault import Context, Retention, data_key, open_key, seal, unseal

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from records.people import Person

# Who may write in a thread may keep a draft for it.
ACTION: Final = "message.send"
LISTED: Final = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft, opened. Version 0, without a time: there never was one."""

    thread: UUID
    text: str = ""
    version: int = 0
    at: datetime | None = None


class Newer(Exception):
    """Another device stored `kept` meanwhile; nothing was changed."""

    def __init__(self, kept: Kept) -> None:
        super().__init__(DRAFT_NEWER.code)
        self.kept = kept


def read(person: Person, thread_id: UUID) -> Kept:
    """The draft, empty where there is none. Raises Refused(NOT_FOUND)."""
    audiences.load(person, thread_id, ACTION)
    row = Draft.objects.filter(thread_id=thread_id, person=person).first()
    return _opened(row) if row else Kept(thread_id)


@transaction.atomic
def write(person: Person, thread_id: UUID, text: str, based_on: int) -> Kept:
    """Store what a device shows, if `based_on` is the version it last saw; an empty text empties it.

    The same text once more is no conflict, so an answer that got lost may be asked for again. Raises Newer, Refused(NOT_FOUND).
    """
    audiences.load(person, thread_id, ACTION)
    Draft.objects.get_or_create(thread_id=thread_id, person=person)
    row = Draft.objects.select_for_update().get(thread_id=thread_id, person=person)
    kept = _opened(row)
    if kept.text == text:
        return kept
    if row.version != based_on:
        raise Newer(kept)
    row.version, row.at = based_on + 1, timezone.now()
    row.key_id, row.body = _sealed(row, text) if text else (None, b"")
    row.save(update_fields=["version", "at", "key", "body"])
    # A kind for each person: of two rings of one kind for one thread only the last goes out.
    news = Ring(f"draft-{person.id.hex}", thread_id, row.version, (person.id,))
    transaction.on_commit(partial(ring, news))
    return Kept(thread_id, text, row.version, row.at)


def written(person: Person) -> list[Kept]:
    """Where this person has begun to write and may still send, newest first, without the words."""
    rows = list(Draft.objects.filter(person=person).exclude(body=b"").order_by("-at")[:LISTED])
    threads = audiences.find_each([row.thread_id for row in rows])
    return [Kept(row.thread_id, "", row.version, row.at) for row in rows if threads[row.thread_id].may(person, ACTION)]


def _sealed(row: Draft, text: str) -> tuple[UUID, bytes]:
    key = data_key(row.thread_id, Retention.DIALOGUE)
    return key.id, seal(key, _context(row), text.encode())


def _opened(row: Draft) -> Kept:
    words = bytes(row.body)
    text = unseal(open_key(row.key_id), _context(row), words).decode() if row.key_id else ""
    return Kept(row.thread_id, text, row.version, row.at)


def _context(row: Draft) -> Context:
    return Context("draft", row.thread_id, row.version, row.person_id, "", "text/plain")
