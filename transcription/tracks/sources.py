"""What the words of a call's recording are taken from: its tracks, each of one speaker, on one clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, cast

from transcription import sources
from transcription.models import Recording
from transcription.segments import SealedReader, sealed
from transcription.sources import Source
from transcription.tracks.models import Track

if TYPE_CHECKING:
    from collections.abc import Sequence


def register() -> None:
    sources.register(Recording.Origin.TALK, _tracks)


def _tracks(recording: Recording) -> Sequence[Source]:
    """Raises Refused(DAMAGED), KeyMissing."""
    rows = Track.objects.filter(capture__recording=recording, recording__isnull=False)
    found = list(rows.select_related("recording").order_by("started_at", "id"))
    return [_source(track, found[0]) for track in found]


def _source(track: Track, first: Track) -> Source:
    assert track.recording is not None, "only sealed tracks are asked for"
    offset = (track.started_at - first.started_at) / 1000
    return Source(str(track.person_id), offset, cast("BinaryIO", SealedReader(sealed(track.recording))), track.recording.size)
