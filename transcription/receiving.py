"""An audio file on its way in: sealed while it arrives, and nothing at all until its form is complete."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from functools import partial
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from records import media
from records.charts import chart_of
from records.errors import BAD_INPUT, CLIENT_ID_CONFLICT, ErrorKind, Refused
from records.media import Sealed, SealedReader, SegmentWriter, manifest_of
from records.vault import Context, new_key, open_key, seal, shred, unseal
from records.vault.models import Retention
from transcription.formats import format_of
from transcription.models import Recording, Segment
from transcription.segments import DAMAGED, sealed, segment_context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from records.people import Person

NAME_CHARACTERS: Final = 200
COMPARED_BYTES: Final = 65_536
CLIENT_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")

A = TypeVar("A")


class Receiver(ABC, Generic[A]):
    """One upload. Nothing of it counts until `finish`; `discard` leaves nothing behind. `A`: what came with the file."""

    most_bytes: int
    too_large: ErrorKind

    def __init__(self, person: Person, patient: Person) -> None:
        self.person, self.patient = person, patient
        self.id = uuid4()
        with transaction.atomic():
            self.key = new_key(chart_of(patient).id, Retention.DIALOGUE)  # of its own: one call can be shredded alone
        self._bind = partial(segment_context, self.key.scope, self.id, person.id)
        self._writer = SegmentWriter(self.key, str(self.id), self._bind)
        self.kept = False

    @property
    def size(self) -> int:
        return self._writer.size

    @property
    def head(self) -> bytes:
        """The first bytes, by which the format is known."""
        return self._writer.head

    def write(self, chunk: bytes) -> None:
        """Seal the next bytes. Raises Refused(`too_large`)."""
        if self._writer.size + len(chunk) > self.most_bytes:
            raise Refused(self.too_large)
        self._writer.write(chunk)

    def discard(self) -> None:
        if not self.kept:
            self._writer.discard()
            shred([self.key.id])

    def finish(self, act: A, client_id: str) -> Recording:
        """Keep the recording. The same `client_id` with the same bytes in the same place returns the first one.

        Raises Refused: BAD_INPUT and what `check` raises, CLIENT_ID_CONFLICT; the bytes are then gone once `discard` is called.
        """
        self.check(act)
        if not CLIENT_ID.fullmatch(client_id):
            raise Refused(BAD_INPUT, {"client_id": {"zh": "编号的格式不对。", "en": "This id does not have the right form."}})
        self._writer.finish()
        first = self.earlier(client_id)
        if first is None:
            try:
                with transaction.atomic():
                    recording = self.keep(act, client_id)
            except IntegrityError:  # the same upload, sent twice at once: the other one was faster
                first = self.earlier(client_id)
            else:
                self.kept = True
                return recording
        if first is None or not self.belongs(first) or not self._equals(first):
            raise Refused(CLIENT_ID_CONFLICT)
        return first

    def earlier(self, client_id: str) -> Recording | None:
        """What the same upload became before."""
        return Recording.objects.filter(uploaded_by=self.person, client_id=client_id).first()

    @abstractmethod
    def check(self, act: A) -> None:
        """Raise Refused unless the act may be kept."""

    @abstractmethod
    def keep(self, act: A, client_id: str) -> Recording:
        """Store the row (`store`) and all that makes it count, in the caller's transaction."""

    @abstractmethod
    def belongs(self, first: Recording) -> bool:
        """Whether an earlier upload of the same `client_id` was for the same place."""

    @property
    def manifest(self) -> bytes:
        return manifest_of(self._writer.segments)

    def store(self, client_id: str, name: str, **fields: Any) -> Recording:
        """The row and its segments."""
        recording = Recording.objects.create(
            id=self.id,
            patient=self.patient,
            uploaded_by=self.person,
            client_id=client_id,
            key_id=self.key.id,
            name=seal(self.key, name_context(self.key.scope, self.id, self.person.id), cleaned(name).encode()),
            media_type=format_of(self.head).media_type,
            size=self.size,
            manifest=self.manifest,
            **fields,
        )
        Segment.objects.bulk_create(
            Segment(recording=recording, index=index, size=part.size, path=part.path, sha256=part.sha256)
            for index, part in enumerate(self._writer.segments)
        )
        return recording

    def _equals(self, first: Recording) -> bool:
        """Whether the bytes received now are those of `first`; compared in clear, because every sealing differs."""
        now = Sealed(self.key, self._writer.segments, self._bind, DAMAGED)
        mine, theirs = SealedReader(now), SealedReader(sealed(first))
        while part := mine.read(COMPARED_BYTES):
            if part != theirs.read(len(part)):
                return False
        return not theirs.read(1)


def cleaned(name: str) -> str:
    """A file name to show: without directories of either kind and control characters, at most NAME_CHARACTERS long."""
    base = PureWindowsPath(PurePosixPath(name).name).name
    shown = "".join(character for character in base if character.isprintable()).strip()
    suffix = PurePosixPath(shown).suffix[:16]
    return shown if len(shown) <= NAME_CHARACTERS else shown[: NAME_CHARACTERS - len(suffix)] + suffix


def name_context(chart: UUID, recording: UUID, uploader: UUID) -> Context:
    return Context("recording.name", chart, 0, uploader, str(recording), "text/plain")


def name_of(recording: Recording) -> str:
    """The file name as uploaded; empty when shredded. Raises SealBroken, KeyMissing."""
    if not recording.name:
        return ""
    key = open_key(recording.key_id)
    return unseal(key, name_context(key.scope, recording.id, recording.uploaded_by_id), bytes(recording.name)).decode()


def clear_abandoned() -> int:
    """Remove what uploads left that broke off with their process: directories without a recording. Return how many."""
    return media.clear_abandoned("", _known)


def _known(ids: Sequence[str]) -> set[str]:
    return {str(id_) for id_ in Recording.objects.filter(id__in=ids).values_list("id", flat=True)}
