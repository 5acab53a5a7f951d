"""A recording that the server itself makes of a call: sealed segments first, then row and leaf in one transaction."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from records.ledger import chains
from records.media import Sealed, SegmentWriter, manifest_of
from records.vault import seal
from transcription.models import Recording, Segment
from transcription.receiving import name_context
from transcription.segments import DAMAGED, segment_context

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any
    from uuid import UUID

    from records.vault import OpenKey
    from transcription.tracks.models import Capture


class Fresh:
    """One such recording, of a key of its own. It counts from `store` on; `discard` leaves nothing."""

    def __init__(self, key: OpenKey, by: UUID) -> None:
        self.id, self.key, self.by = uuid4(), key, by
        self._bind = partial(segment_context, key.scope, self.id, by)
        self.writer = SegmentWriter(key, str(self.id), self._bind)

    @property
    def source(self) -> Sealed:
        return Sealed(self.key, self.writer.segments, self._bind, DAMAGED)

    def discard(self) -> None:
        self.writer.discard()

    def store(self, capture: Capture, client_id: str, ids: Mapping[str, str], **fields: Any) -> Recording:
        """Row, segments and leaf, in the caller's transaction. `ids`: what the leaf says beside whose, of what call, and the manifest."""
        digest = manifest_of(self.writer.segments)
        named = {
            "recording": str(self.id),
            "call": str(capture.call),
            "thread": str(capture.thread_id),
            "manifest": digest.hex(),
        }
        with chains.extend(self.key.scope) as tail:
            linked = tail.add("recording.sealed", actor=self.by, content=digest, ids={**named, **ids})
        recording = Recording.objects.create(
            id=self.id,
            patient_id=capture.patient_id,
            thread_id=capture.thread_id,
            uploaded_by_id=self.by,
            client_id=client_id,
            key_id=self.key.id,
            name=seal(self.key, name_context(self.key.scope, self.id, self.by), b""),
            size=self.writer.size,
            manifest=digest,
            seq=linked.seq,
            **fields,
        )
        Segment.objects.bulk_create(
            Segment(recording=recording, index=index, size=part.size, path=part.path, sha256=part.sha256)
            for index, part in enumerate(self.writer.segments)
        )
        return recording
