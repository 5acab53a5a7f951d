"""What somebody has begun to change in a transcript, sealed, on all their devices, until it becomes a version or is given up.

The words are the page's own JSON: the server keeps them and never reads them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from django.db import transaction
from django.utils import timezone

from records.errors import DRAFT_NEWER, Refused
from records.vault import Context, Retention, data_key, open_key, seal, unseal
from transcription.models import ReviewDraft

if TYPE_CHECKING:
    from uuid import UUID

    from records.people import Person
    from transcription.models import Recording

MOST_CHARACTERS: Final = 400_000


class Kept(NamedTuple):
    """Version 0: there never was one."""

    text: str
    version: int


def read(person: Person, recording: Recording) -> Kept:
    """The draft, empty where there is none. The caller has checked that this person may correct this recording."""
    row = ReviewDraft.objects.filter(recording=recording, person=person).first()
    return _opened(row) if row else Kept("", 0)


@transaction.atomic
def write(person: Person, recording: Recording, text: str, based_on: int) -> Kept:
    """Store what a device shows, if `based_on` is the version it last saw. The same text once more is no conflict.

    Raises Refused(DRAFT_NEWER): another device stored something meanwhile.
    """
    ReviewDraft.objects.get_or_create(recording=recording, person=person)
    row = ReviewDraft.objects.select_for_update().get(recording=recording, person=person)
    kept = _opened(row)
    if kept.text == text:
        return kept
    if row.version != based_on:
        raise Refused(DRAFT_NEWER)
    row.version, row.at = based_on + 1, timezone.now()
    row.key_id, row.body = _sealed(row, text) if text else (None, b"")
    row.save(update_fields=["version", "at", "key", "body"])
    return Kept(text, row.version)


def _sealed(row: ReviewDraft, text: str) -> tuple[UUID, bytes]:
    key = data_key(open_key(row.recording.key_id).scope, Retention.RECORD)
    return key.id, seal(key, _context(row), text.encode())


def _opened(row: ReviewDraft) -> Kept:
    text = unseal(open_key(row.key_id), _context(row), bytes(row.body)).decode() if row.key_id else ""
    return Kept(text, row.version)


def _context(row: ReviewDraft) -> Context:
    chart = open_key(row.recording.key_id).scope
    return Context("transcript.draft", chart, row.version, row.person_id, str(row.recording_id), "text/plain")
