"""A recording's sealed segments: what each is bound to, and its reader."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from records.errors import ErrorKind, Refused
from records.media import Sealed, SealedReader, SealedSegment, manifest_of, media_directory
from records.vault import Context, open_key

if TYPE_CHECKING:
    from uuid import UUID

    from transcription.models import Recording

__all__ = ["DAMAGED", "Sealed", "SealedReader", "media_directory", "sealed", "segment_context"]

DAMAGED: Final = ErrorKind(
    "recording.damaged",
    500,
    "这段录音没有通过完整性校验，无法打开。",
    "This recording failed its integrity check and cannot be opened.",
)


def segment_context(chart: UUID, recording: UUID, uploader: UUID, index: int) -> Context:
    """What segment `index` (from 0) of a recording is bound to."""
    return Context("recording.segment", chart, index, uploader, str(recording), "application/octet-stream")


def sealed(recording: Recording) -> Sealed:
    """Read a recording's segments. Raises Refused(DAMAGED) unless they are those of its manifest; KeyMissing when shredded."""
    rows = recording.segments.order_by("index").values_list("index", "size", "sha256", "path")
    segments = [SealedSegment(size, bytes(digest), path) for _, size, digest, path in rows]
    numbered = all(row[0] == place for place, row in enumerate(rows))
    if not numbered or manifest_of(segments) != bytes(recording.manifest):
        raise Refused(DAMAGED)
    key = open_key(recording.key_id)
    return Sealed(key, segments, partial(segment_context, key.scope, recording.id, recording.uploaded_by_id), DAMAGED)
