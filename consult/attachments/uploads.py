"""Photos and documents in a conversation: received sealed, scanned, opened apart, kept, and named by a message.

An upload passes through this process's memory whole only while it is looked at, after its last byte came; on disk it is never in clear.
"""

from __future__ import annotations

import hashlib
import re
import threading
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid4

import structlog
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from consult import audiences, protocol, timeline
from consult.attachments import files
from consult.attachments.inspection import WAIT_SECONDS, Inspected, inspect, kind_of
from consult.attachments.sandbox import MAX_BYTES
from consult.attachments.scanning import INFECTED, Infected, scan
from consult.errors import CLOSED
from consult.models import Consultation
from consult.models.attachments import Attachment
from records.errors import BAD_INPUT, CLIENT_ID_CONFLICT, NOT_FOUND, UNAVAILABLE, ErrorKind, Refused
from records.ledger.system import extend_system
from records.media import Sealed, SealedReader, SegmentWriter
from records.vault import data_key, seal
from records.vault.models import Retention
from transcription.receiving import cleaned

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from records.people import Person

log = structlog.get_logger(__name__)

MOST_UNPOSTED: Final = 30  # of one person
HEAD_BYTES: Final = 16  # by which a type is known
WHOLE: Final = 6  # files that are in this process's memory at once; the others wait, sealed on disk
CLIENT_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,80}")

TOO_LARGE: Final = ErrorKind(
    "attachment.too_large", 413, "文件超过 20 MB。请缩小后再发。", "The file is larger than 20 MB. Please send a smaller one."
)
TOO_MANY: Final = ErrorKind(
    "attachment.too_many",
    409,
    "还有太多文件没有发出。请先发送或等一天。",
    "Too many uploaded files are waiting to be sent. Send them first.",
)
GONE: Final = ErrorKind(
    "attachment.gone",
    409,
    "有文件已经过期或不是您上传的，请重新添加。",
    "A file has expired or is not yours. Please add it again.",
)
POSTED: Final = ErrorKind(
    "attachment.posted",
    409,
    "有文件已经用在另一条消息里，请重新添加。",
    "A file belongs to another message. Please add it again.",
)


_whole: Final = threading.BoundedSemaphore(WHOLE)


def admit(person: Person, place: Mapping[str, Any]) -> Receiver:
    """Who takes a file sent to this address. Raises Refused for somebody who may not write there."""
    try:
        return Receiver(person, UUID(str(place["consultation_id"])))
    except ValueError as error:
        raise Refused(NOT_FOUND) from error


class Receiver:
    """One upload on its way in. Nothing of it counts until `finish`; `discard` leaves nothing behind."""

    def __init__(self, person: Person, thread: UUID) -> None:
        case = audiences.load(person, thread, "message.send").consultation
        if case is not None and case.state == Consultation.State.CLOSED:
            raise Refused(CLOSED)
        if files.unposted_by(person) >= MOST_UNPOSTED:
            raise Refused(TOO_MANY)
        self.person, self.thread, self.id = person, thread, uuid4()
        with transaction.atomic():
            self.key = data_key(thread, Retention.DIALOGUE)
        self._bind = partial(files.context, "received", thread, self.id, person.id)
        self._writer = SegmentWriter(self.key, f"{files.PLACE}/{self.id}.received", self._bind)
        self._digest = hashlib.sha256()

    def write(self, chunk: bytes) -> None:
        """Seal the next bytes. Raises Refused: TOO_LARGE, and TYPE with the first bytes of a file that cannot be taken."""
        if self._writer.size + len(chunk) > MAX_BYTES:
            raise Refused(TOO_LARGE)
        known = self._writer.size >= HEAD_BYTES
        self._digest.update(chunk)
        self._writer.write(chunk)
        if not known and self._writer.size >= HEAD_BYTES:
            kind_of(self._writer.head)

    def discard(self) -> None:
        """Remove the bytes as they were received. What was kept of them is kept apart."""
        self._writer.discard()

    def finish(self, client_id: str, name: str) -> Attachment:
        """Scan, open and keep it. The same `client_id` with the same bytes returns the first one.

        Raises Refused: BAD_INPUT, CLIENT_ID_CONFLICT, what `inspect` and `scan` raise.
        """
        if not CLIENT_ID.fullmatch(client_id):
            raise Refused(BAD_INPUT, {"client_id": {"zh": "编号的格式不对。", "en": "This id does not have the right form."}})
        if first := self._first(client_id):
            return first
        self._writer.finish()
        if not connection.in_atomic_block:
            connection.close()  # a slow scanner must not keep a connection of the pool
        try:
            return self._keep(client_id, name, self._inspected())
        except IntegrityError:  # the same upload, sent twice at once: the other one was faster
            first = self._first(client_id)
            assert first is not None, "its row was in the way"
            return first

    def _first(self, client_id: str) -> Attachment | None:
        found = Attachment.objects.filter(uploader=self.person, client_id=client_id).first()
        if found is None:
            return None
        if found.thread_id != self.thread or files.received(found) != self._digest.digest():
            raise Refused(CLIENT_ID_CONFLICT)
        return found

    def _inspected(self) -> Inspected:
        """What it really is, once the scanner knows nothing against it. Raises Refused, UNAVAILABLE where too many wait."""
        if not _whole.acquire(timeout=WAIT_SECONDS):
            raise Refused(UNAVAILABLE)
        try:
            data = SealedReader(Sealed(self.key, self._writer.segments, self._bind, files.DAMAGED)).readall()
            self._scan(data)
            return inspect(data)
        finally:
            _whole.release()

    def _scan(self, data: bytes) -> None:
        """A find is kept as an act in the system's chain: who and where and what, and never the file's name."""
        try:
            scan(data)
        except Infected as found:
            ids = {"thread": str(self.thread), "signature": str(found)}
            log.warning("attachment.infected", person=str(self.person.id), **ids)
            with transaction.atomic(), extend_system() as system:
                system.add("attachment.infected", actor=self.person.id, ids=ids)
            raise Refused(INFECTED) from found

    def _keep(self, client_id: str, name: str, found: Inspected) -> Attachment:
        """Sealed beside the database first: a row never stands without its bytes."""
        own = (self.thread, self.id, self.person.id)
        writer = SegmentWriter(self.key, f"{files.PLACE}/{self.id}", partial(files.context, "segment", *own))
        writer.write(found.content)
        row = Attachment(
            id=self.id,
            thread_id=self.thread,
            uploader=self.person,
            client_id=client_id,
            kind=found.kind,
            media_type=found.media_type,
            size=len(found.content),
            width=found.width,
            height=found.height,
            pages=found.pages,
            key_id=self.key.id,
            name=seal(self.key, files.context("name", *own), named(name, found).encode()),
            received=seal(self.key, files.context("digest", *own), self._digest.digest()),
            thumb=found.thumb and seal(self.key, files.context("thumb", *own), found.thumb),
            segments=[[part.size, part.sha256.hex()] for part in writer.finish()],
        )
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except BaseException:  # whatever it was, no row will ever name these files
            writer.discard()
            raise
        return row


def named(name: str, found: Inspected) -> str:
    """The name to show: cleaned, and with the suffix of what the file really is."""
    suffix = ".pdf" if found.kind == Attachment.Kind.PDF else ".jpg"
    stem = PurePosixPath(cleaned(name)).stem.strip(". ")
    return f"{stem[:180]}{suffix}" if stem else f"file{suffix}"


def bind(person: Person, thread: UUID, ids: Iterable[UUID], client_id: str) -> list[protocol.Attachment]:
    """Give uploaded files to the message `client_id`, in the caller's transaction; what its body is to say of them, in order.

    The same message may ask again. Raises Refused: GONE for a file that is not theirs, not of this thread or swept away; POSTED for
    one that was given to another message.
    """
    wanted = list(dict.fromkeys(ids))
    rows = Attachment.objects.select_for_update().filter(id__in=wanted, thread=thread, uploader=person).defer("thumb")
    found = {row.id: row for row in rows}
    if len(found) < len(wanted):
        raise Refused(GONE)
    # Also while nobody knows whether that one will be posted: it may stand before the writer now, and then its file must be there.
    if any(row.message not in {None, client_id} for row in found.values()):
        raise Refused(POSTED)
    Attachment.objects.filter(id__in=wanted).update(message=client_id, touched_at=timezone.now())
    return [described(found[id_]) for id_ in wanted]


def described(row: Attachment) -> protocol.Attachment:
    """What everybody who may read the message learns about it. Raises KeyMissing."""
    kind: Any = row.kind
    return protocol.Attachment(
        row.id,
        kind,
        files.name_of(row),
        row.media_type,
        row.size,
        files.manifest(row),
        width=row.width,
        height=row.height,
        pages=row.pages,
    )


def readable(person: Person, attachment_id: UUID) -> Attachment:
    """An attachment for somebody who may read it now: its uploader, and once it is posted everybody who may read the thread.

    Nobody after its message was taken back. Raises Refused(NOT_FOUND).
    """
    found = Attachment.objects.filter(id=attachment_id).first()
    if found is None:
        raise Refused(NOT_FOUND)
    audiences.load(person, found.thread_id)
    event = files.event_of(found)
    taken_back = event is not None and timeline.retracted(found.thread_id, [event.seq])
    if taken_back or (event is None and found.uploader_id != person.id):
        raise Refused(NOT_FOUND)
    return found
