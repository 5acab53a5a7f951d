"""What is left of a recording, and of a transcript, when its key is destroyed: rows without words, and no files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from records.media import media_directory
from transcription.models import Capture, Piece, Recording, ReviewDraft, Track, Transcript
from transcription.tracks import pieces

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
    _erase_tracks(key)


def _erase_tracks(key: UUID) -> None:
    """Pieces that are still there: of a track that is damaged, or, where a backup brought one back that had been withdrawn, of any."""
    Piece.objects.filter(track__key_id=key).delete()
    open_ = Track.objects.filter(key_id=key, state__in=[Track.State.OPEN, Track.State.ENDED])
    going_on = [Capture.State.ON, Capture.State.WAITING, Capture.State.JOINING]
    Capture.objects.filter(tracks__in=open_, state__in=going_on).update(state=Capture.State.DROPPED)
    open_.update(state=Track.State.DROPPED, size=0)


def erase_transcripts(key: UUID) -> None:
    ReviewDraft.objects.filter(key_id=key).update(body=b"", key=None)
    Transcript.objects.filter(key_id=key).update(body=b"")


def directories(key: UUID) -> Iterator[Path]:
    """Where the segments of these recordings lie, and pieces of their tracks."""
    for recording in Recording.objects.filter(key_id=key).values_list("id", flat=True):
        yield media_directory() / str(recording)
    for track in Track.objects.filter(key_id=key).values_list("id", flat=True):
        yield pieces.directory(track)


def left() -> Iterator[Path]:
    """Where that of destroyed keys would lie, there or not."""
    gone = {"key__shredded_at__isnull": False}
    for recording in Recording.objects.filter(**gone).values_list("id", flat=True).iterator():
        yield media_directory() / str(recording)
    for track in Track.objects.filter(**gone).values_list("id", flat=True).iterator():
        yield pieces.directory(track)
