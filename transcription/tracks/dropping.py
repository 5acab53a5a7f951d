"""What came of a capture, destroyed: keys, rows, files. Nothing of it was in the ledger yet, so there is no tombstone in it either; but
the file beside the ledger names the keys, or a backup of the minutes before would bring back what was withdrawn."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.db import transaction

from records.retention import tombstones
from records.vault import shred
from transcription.tracks import pieces
from transcription.tracks.models import Capture, Piece, Track

if TYPE_CHECKING:
    from uuid import UUID


@transaction.atomic
def drop(capture_id: UUID) -> bool:
    """Destroy what came of a capture whose consent was taken back. Whether this call did."""
    capture = Capture.objects.select_for_update().get(id=capture_id)
    if capture.state not in {Capture.State.ON, Capture.State.WAITING}:
        return False
    Capture.objects.filter(id=capture_id).update(state=Capture.State.DROPPED)
    rows = Track.objects.select_related("key").select_for_update(of=("self",)).filter(capture=capture)
    tracks = list(rows.exclude(state=Track.State.SEALED))
    forget(tracks)
    lines = [tombstones.withdrawn(track.key_id, track.key.scope) for track in tracks]
    transaction.on_commit(partial(tombstones.remember, lines))
    return True


def forget(tracks: list[Track]) -> None:
    """Leave of these tracks nothing but that there were some. In the caller's transaction."""
    Piece.objects.filter(track__in=tracks).delete()
    Track.objects.filter(id__in=[track.id for track in tracks]).update(state=Track.State.DROPPED, size=0)
    shred([track.key_id for track in tracks])
    transaction.on_commit(partial(_remove, [track.id for track in tracks]))


def _remove(ids: list[UUID]) -> None:
    for id_ in ids:
        pieces.remove(id_)
