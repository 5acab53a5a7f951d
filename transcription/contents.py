"""Where the ciphertexts of recordings and transcripts are kept, for the ledger's audit."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Prefetch

from records.ledger import contents
from records.media import media_directory
from records.vault import manifest
from transcription.models import Recording, Segment, Transcript

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from records.ledger.contents import Place
    from records.ledger.inspection import LeafRow


def register() -> None:
    contents.register("recording.sealed", _manifests)
    contents.register("transcript.", _transcripts)


def _manifests(leaves: Sequence[LeafRow]) -> dict[Place, contents.Stored]:
    """The manifest as the files on disk give it now: the content of a recording's leaf."""
    segments = Prefetch("segments", Segment.objects.order_by("index"))
    rows = Recording.objects.filter(**_where(leaves)).select_related("key").prefetch_related(segments)
    return {(row.key.scope.hex, row.seq): contents.Stored(manifest(_segments(row))) for row in rows if row.seq is not None}


def _segments(recording: Recording) -> Iterator[tuple[bytes, int]]:
    for place, segment in enumerate(recording.segments.all()):
        file = media_directory() / segment.path
        intact = segment.index == place and file.is_file()
        # A missing or misplaced segment must give another manifest, not stop the audit of everything else.
        yield hashlib.sha256(file.read_bytes() if intact else b"").digest(), segment.size


def _transcripts(leaves: Sequence[LeafRow]) -> dict[Place, contents.Stored]:
    rows = Transcript.objects.filter(**_where(leaves)).values_list("key__scope", "seq", "body")
    return {(scope.hex, seq): contents.Stored(bytes(body)) for scope, seq, body in rows}


def _where(leaves: Sequence[LeafRow]) -> dict[str, object]:
    """Their chain is the patient's chart, which is also the scope of their key."""
    return {"key__scope__in": {UUID(leaf.chain) for leaf in leaves}, "seq__in": {leaf.seq for leaf in leaves}}
