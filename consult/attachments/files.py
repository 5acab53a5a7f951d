"""An attachment's sealed parts: its bytes in segments on disk, its name and its small picture in its row; and what is swept away."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from consult import timeline
from consult.models import Event
from consult.models.attachments import Attachment
from records.errors import NOT_FOUND, ErrorKind, Refused
from records.media import Sealed, SealedSegment, clear_abandoned, manifest_of, media_directory
from records.vault import Context, open_key, unseal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.db.models.expressions import Combinable

    from consult.protocol import Posted
    from records.people import Person

UNPOSTED_HOURS: Final = 24
LOOKED_AT_DAYS: Final = 8  # how far back the sweep looks for files of messages that never came
SWEPT_AT_ONCE: Final = 200
PLACE: Final = "attachments"

DAMAGED: Final = ErrorKind(
    "attachment.unreadable",
    500,
    "这个文件没有通过完整性校验，无法打开。",
    "This file failed its integrity check and cannot be opened.",
)


def context(kind: str, thread: UUID, attachment: UUID, uploader: UUID, index: int = 0) -> Context:
    """What each sealed part of an attachment is bound to."""
    return Context(f"attachment.{kind}", thread, index, uploader, str(attachment), "application/octet-stream")


def event_of(row: Attachment) -> Event | None:
    """The message that carries it, if that was posted. Another one under that client id does not count: only its words say what it
    carries. Raises SealBroken, KeyMissing."""
    event, said = timeline.sent(row.thread_id, row.uploader_id, row.message) or (None, None)
    return event if said and carries(said, row) else None


def carries(said: Posted, row: Attachment) -> bool:
    """Whether a message names this attachment."""
    return any(carried.id == row.id for carried in said.attachments)


def sealed(row: Attachment) -> Sealed:
    """Its bytes, ready to be opened. Raises KeyMissing."""
    return Sealed(
        open_key(row.key_id), segments(row), partial(context, "segment", row.thread_id, row.id, row.uploader_id), DAMAGED
    )


def segments(row: Attachment) -> list[SealedSegment]:
    return [
        SealedSegment(size, bytes.fromhex(digest), f"{PLACE}/{row.id}/{index}")
        for index, (size, digest) in enumerate(row.segments)
    ]


def manifest(row: Attachment) -> str:
    """Its digest (hex) as the message that carries it states it."""
    return manifest_of(segments(row)).hex()


def thumb_of(row: Attachment) -> bytes:
    """The small picture. Raises Refused(NOT_FOUND) where there is none, SealBroken, KeyMissing."""
    if row.thumb is None:
        raise Refused(NOT_FOUND)
    return _opened(row, "thumb", row.thumb)


def name_of(row: Attachment) -> str:
    return _opened(row, "name", row.name).decode()


def received(row: Attachment) -> bytes:
    """SHA-256 of the bytes as they were uploaded."""
    return _opened(row, "digest", row.received)


def _opened(row: Attachment, kind: str, blob: bytes | memoryview) -> bytes:
    return unseal(open_key(row.key_id), context(kind, row.thread_id, row.id, row.uploader_id), bytes(blob))


def unsent() -> Combinable:
    """The condition on rows whose message was not posted, if they were given to one."""
    return ~Exists(Event.objects.filter(thread=OuterRef("thread"), sender=OuterRef("uploader"), client_id=OuterRef("message")))


def unposted_by(person: Person) -> int:
    """How many files this person has uploaded for messages that were not posted. What is older is about to be swept away."""
    since = timezone.now() - timedelta(hours=UNPOSTED_HOURS + 1)
    return Attachment.objects.filter(unsent(), uploader=person, touched_at__gt=since).count()


def sweep() -> dict[str, int]:
    """Run by beat: delete what was uploaded a day ago and never posted, and what a killed server left on disk."""
    before = timezone.now() - timedelta(hours=UNPOSTED_HOURS)
    old = Attachment.objects.filter(touched_at__range=(before - timedelta(days=LOOKED_AT_DAYS), before)).order_by("touched_at")
    unposted = list(old.filter(unsent()).values_list("id", flat=True)[:SWEPT_AT_ONCE])
    return {"unposted": sum(_forget(id_, before) for id_ in unposted), "abandoned": clear_abandoned(PLACE, _known)}


@transaction.atomic
def _forget(attachment_id: UUID, before: datetime) -> bool:
    row = Attachment.objects.select_for_update().filter(unsent(), id=attachment_id, touched_at__lt=before).first()
    if row is None:  # given to a message at this very moment
        return False
    row.delete()
    transaction.on_commit(lambda: shutil.rmtree(media_directory() / PLACE / str(attachment_id), ignore_errors=True))
    return True


def _known(ids: Sequence[str]) -> set[str]:
    return {str(id_) for id_ in Attachment.objects.filter(id__in=ids).values_list("id", flat=True)}
