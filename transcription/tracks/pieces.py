"""The bytes of a track before it is complete: each piece sealed in a file of its own, known by its row. No file is ever in clear."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from records.errors import Refused
from records.media import Sealed, SealedSegment, StorageAway, media_directory, sync, write_sealed
from records.vault import Context, VaultError, open_key
from transcription.failures import NOT_VERIFIED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from uuid import UUID

    from transcription.tracks.models import Piece, Track

PLACE: Final = "tracks"
PIECE_BYTES: Final = 262_144


def directory(track: UUID) -> Path:
    return media_directory() / PLACE / str(track)


def written(track: Track, offset: int, plaintext: bytes) -> SealedSegment:
    """Seal bytes on their way into a track, synced to the disk under a name of their own: two senders never meet in one file."""
    key = open_key(track.key_id)
    place = directory(track.id) / f"{offset}-{uuid4().hex}"
    made = write_sealed(key, _context(track, key.scope, offset), place, plaintext)
    sync(place.parent)
    return made


def removed(piece: SealedSegment) -> None:
    (media_directory() / piece.path).unlink(missing_ok=True)


def remove(track: UUID) -> None:
    shutil.rmtree(directory(track), ignore_errors=True)


def clear(track: Track, *, patient: bool) -> Iterator[bytes | None]:
    """The bytes of a track, piece by piece; None for each hole: a piece that is missing, or not what was sealed.

    Raises KeyringError and, if `patient`, StorageAway: neither says anything of a piece. Without patience what cannot be read is a hole.
    """
    end, key = 0, open_key(track.key_id)
    for piece in track.pieces.order_by("offset"):
        if piece.offset != end:
            yield None
        try:
            yield _sealed(track, piece, key.scope).segment(0)
        except Refused as error:
            if isinstance(error, VaultError) or (patient and isinstance(error, StorageAway)):
                raise
            yield None
        end = piece.offset + piece.size


def _sealed(track: Track, piece: Piece, chart: UUID) -> Sealed:
    segment = SealedSegment(piece.size, bytes(piece.sha256), piece.path)
    return Sealed(open_key(track.key_id), [segment], lambda _: _context(track, chart, piece.offset), NOT_VERIFIED)


def _context(track: Track, chart: UUID, offset: int) -> Context:
    return Context("track.piece", chart, offset, track.person_id, str(track.id), "application/octet-stream")
