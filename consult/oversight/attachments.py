"""Attachments before a reviewer: under a grant over the conversation, after the reading stands in the ledger; and as exhibits."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from consult import timeline
from consult.attachments import files
from consult.models import Event, SideThread
from consult.models.attachments import Attachment
from consult.writing.batch import MESSAGE_KIND
from records import grants
from records.errors import NOT_FOUND, Refused
from records.ledger.chains import moment
from records.ledger.models import Leaf

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from uuid import UUID

    from records.people import Person

READ = "attachment.read"
# The patient sees what was opened: what stands beside the case, of which they must not learn, counts as the conversation.
BESIDE = "conversation.read"


class Carried(NamedTuple):
    """An attachment and the place of the message that carries it."""

    row: Attachment
    thread: UUID
    seq: int


def opened(person: Person, grant_id: UUID, attachment_id: UUID) -> Attachment:
    """An attachment of the case, also one that was taken back; what stands beside the case only with the discussion.

    Raises Refused: NOT_FOUND, and files.DAMAGED when it is not what the message said it carried.
    """
    grant = grants.load(person, "grant.read", grant_id)
    row = Attachment.objects.filter(id=attachment_id).first()
    event = files.event_of(row) if row and row.thread_id in threads_of(grant.case_id) else None
    if row is None or event is None:
        raise Refused(NOT_FOUND)
    beside = row.thread_id != grant.case_id
    if beside and "discussion" not in grant.content:
        raise Refused(NOT_FOUND)
    what = BESIDE if beside else READ
    at = Leaf.objects.values_list("at", flat=True).get(chain=event.thread_id, seq=event.seq)
    grants.open_for_reading(person, grant_id, "attachments", what, {"attachment": str(attachment_id)}, of=moment(at))
    if files.manifest(row) not in {carried.sha256 for carried in timeline.posted(event).attachments if carried.id == row.id}:
        raise Refused(files.DAMAGED)
    return row


def threads_of(case_id: UUID) -> list[UUID]:
    """The case, and what its clinicians said beside it where they did."""
    return [case_id, *SideThread.objects.filter(about=case_id).values_list("chain_id", flat=True)]


def carried(events: Iterable[Event]) -> Iterator[Carried]:
    """What these messages say that they carry, in order."""
    found = {(e.thread_id, e.sender_id, e.client_id): e for e in events if e.kind == MESSAGE_KIND and e.client_id}
    rows = Attachment.objects.filter(thread__in={key[0] for key in found}, message__isnull=False).defer("thumb")
    placed = [(found.get((row.thread_id, row.uploader_id, row.message or "")), row) for row in rows]
    given = [(event.seq, row) for event, row in placed if event is not None and files.carries(timeline.posted(event), row)]
    for seq, row in sorted(given, key=lambda pair: (pair[0], pair[1].id)):
        yield Carried(row, row.thread_id, seq)
