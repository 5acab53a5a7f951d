"""What is left of a recording, and of a transcript, when its key is destroyed: rows without words, and no files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from records.media import media_directory
from transcription.models import Recording, ReviewDraft, Transcript

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID


def erase_recordings(key: UUID) -> None:
    """Empty what the rows of recordings hold sealed. Idempotent."""
    rows = Recording.objects.filter(key_id=key)
    rows.filter(outline__isnull=False).update(outline=b"")
    rows.filter(peaks__isnull=False).update(peaks=b"")
    rows.update(name=b"")


def erase_transcripts(key: UUID) -> None:
    ReviewDraft.objects.filter(key_id=key).update(body=b"", key=None)
    Transcript.objects.filter(key_id=key).update(body=b"")


def directories(key: UUID) -> Iterator[Path]:
    """Where the segments of these recordings lie."""
    for recording in Recording.objects.filter(key_id=key).values_list("id", flat=True):
        yield media_directory() / str(recording)
