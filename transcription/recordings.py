"""Receiving the recording of a follow-up call: sealed while it arrives, one row, two leaves and one job when it is complete."""

from __future__ import annotations

import re
import shutil
import time
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from records.access import require
from records.charts import chart_of
from records.errors import BAD_INPUT, CLIENT_ID_CONFLICT, NOT_FOUND, ErrorKind, Refused
from records.ledger import chains
from records.plans import FollowUp
from records.vault import Context, data_key, manifest, open_key, seal, unseal
from records.vault.models import Retention
from transcription import jobs
from transcription.formats import format_of
from transcription.models import Recording, Segment
from transcription.segments import Sealed, SealedReader, SegmentWriter, media_directory, sealed

if TYPE_CHECKING:
    from records.people import Person

MAX_BYTES: Final = 200 * 1024 * 1024
NAME_CHARACTERS: Final = 200
COMPARED_BYTES: Final = 65_536
ABANDONED_SECONDS: Final = 6 * 3600
CLIENT_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
LANGUAGES: Final = ("auto", "zh", "en")
SPOKEN: Final = "spoken"

TOO_LARGE: Final = ErrorKind(
    "recording.too_large",
    413,
    "录音文件超过 200 MB，请截取后再上传。",
    "The recording is larger than 200 MB. Please shorten it first.",
)
NO_CONSENT: Final = ErrorKind(
    "recording.no_consent",
    422,
    "请先确认已在通话中口头征得同意。",
    "Please confirm that consent was given aloud during the call.",
)


@dataclass(frozen=True, slots=True)
class Act:
    """What came with the file. `client_id` makes a repeated upload the same act."""

    client_id: str
    name: str
    language: str
    consent: str


class Receiver:
    """One upload on its way in. Nothing of it counts until `finish`; `discard` leaves nothing behind."""

    def __init__(self, person: Person, follow_up: FollowUp) -> None:
        self.person, self.follow_up = person, follow_up
        self.id = uuid4()
        with transaction.atomic():
            self.key = data_key(chart_of(follow_up.patient).id, Retention.DIALOGUE)
        self._writer = SegmentWriter(self.key, self.key.scope, self.id, person.id)
        self.kept = False

    @property
    def size(self) -> int:
        return self._writer.size

    def write(self, chunk: bytes) -> None:
        """Seal the next bytes. Raises Refused(TOO_LARGE)."""
        if self._writer.size + len(chunk) > MAX_BYTES:
            raise Refused(TOO_LARGE)
        self._writer.write(chunk)

    def discard(self) -> None:
        if not self.kept:
            self._writer.discard()

    def finish(self, act: Act) -> Recording:
        """Keep the recording and queue its transcription. The same `client_id` with the same bytes returns the first one.

        Raises Refused: BAD_INPUT, NO_CONSENT, CLIENT_ID_CONFLICT; the bytes are then gone once `discard` is called.
        """
        check(act)
        self._writer.finish()
        first = Recording.objects.filter(uploaded_by=self.person, client_id=act.client_id).first()
        if first is None:
            try:
                return self._keep(act)
            except IntegrityError:  # the same upload, sent twice at once: the other one was faster
                first = Recording.objects.get(uploaded_by=self.person, client_id=act.client_id)
        if first.follow_up_id != self.follow_up.id or not self._equals(first):
            raise Refused(CLIENT_ID_CONFLICT)
        return first

    @transaction.atomic
    def _keep(self, act: Act) -> Recording:
        parts = self._writer.segments
        digest = manifest((part.sha256, part.size) for part in parts)
        ids = {"recording": str(self.id), "follow_up": str(self.follow_up.id)}
        with chains.extend(self.key.scope) as tail:
            tail.add("recording.consent", actor=self.person.id, ids={**ids, "consent": act.consent})
            linked = tail.add("recording.sealed", actor=self.person.id, content=digest, ids={**ids, "manifest": digest.hex()})
        recording = Recording.objects.create(
            id=self.id,
            patient=self.follow_up.patient,
            follow_up=self.follow_up,
            uploaded_by=self.person,
            client_id=act.client_id,
            key_id=self.key.id,
            name=seal(self.key, name_context(self.key.scope, self.id, self.person.id), cleaned(act.name).encode()),
            media_type=format_of(self._writer.head).media_type,
            language=act.language,
            size=self._writer.size,
            manifest=digest,
            seq=linked.seq,
        )
        Segment.objects.bulk_create(
            Segment(recording=recording, index=index, size=part.size, path=part.path, sha256=part.sha256)
            for index, part in enumerate(parts)
        )
        FollowUp.objects.filter(id=self.follow_up.id).update(state=FollowUp.State.DONE)
        jobs.enqueue(recording)
        self.kept = True
        return recording

    def _equals(self, first: Recording) -> bool:
        """Whether the bytes received now are those of `first`; compared in clear, because every sealing differs."""
        now = Sealed(self.key, self.key.scope, self.id, self.person.id, self._writer.segments)
        mine, theirs = SealedReader(now), SealedReader(sealed(first))
        while part := mine.read(COMPARED_BYTES):
            if part != theirs.read(len(part)):
                return False
        return not theirs.read(1)


def check(act: Act) -> None:
    """Raise Refused unless the act may be kept: consent first, because without it nothing may be."""
    if act.consent != SPOKEN:
        raise Refused(NO_CONSENT)
    if not CLIENT_ID.fullmatch(act.client_id):
        raise Refused(BAD_INPUT, {"client_id": {"zh": "编号的格式不对。", "en": "This id does not have the right form."}})
    if act.language not in LANGUAGES:
        raise Refused(
            BAD_INPUT, {"language": {"zh": "请从列出的选项中选择。", "en": "Please choose one of the options given."}}
        )


def cleaned(name: str) -> str:
    """A file name to show: without directories of either kind and control characters, at most NAME_CHARACTERS long."""
    base = PureWindowsPath(PurePosixPath(name).name).name
    shown = "".join(character for character in base if character.isprintable()).strip()
    suffix = PurePosixPath(shown).suffix[:16]
    return shown if len(shown) <= NAME_CHARACTERS else shown[: NAME_CHARACTERS - len(suffix)] + suffix


def name_context(chart: UUID, recording: UUID, uploader: UUID) -> Context:
    return Context("recording.name", chart, 0, uploader, str(recording), "text/plain")


def name_of(recording: Recording) -> str:
    """The file name as uploaded. Raises KeyMissing when shredded."""
    key = open_key(recording.key_id)
    return unseal(key, name_context(key.scope, recording.id, recording.uploaded_by_id), bytes(recording.name)).decode()


def clear_abandoned() -> int:
    """Remove what uploads left that broke off with their process: directories without a recording. Return how many."""
    too_old = time.time() - ABANDONED_SECONDS
    left = [entry for entry in media_directory().glob("*-*-*-*-*") if entry.is_dir() and entry.stat().st_mtime < too_old]
    kept = {
        str(known) for known in Recording.objects.filter(id__in=[entry.name for entry in left]).values_list("id", flat=True)
    }
    orphans = [entry for entry in left if entry.name not in kept]
    for entry in orphans:
        shutil.rmtree(entry, ignore_errors=True)
    return len(orphans)


def recording_for(person: Person, action: str, recording_id: UUID) -> Recording:
    """Load a recording for somebody who may do `action` to it. Raises Refused(NOT_FOUND)."""
    recording = Recording.objects.select_related("follow_up", "patient", "uploaded_by", "job").filter(id=recording_id).first()
    if recording is None:
        raise Refused(NOT_FOUND)
    require(person, action, recording)
    return recording
