"""What a reader types while reading a case: words to look for, notes, bookmarks. Each is an act of the grant, sealed under its key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from records.errors import NOT_FOUND, ErrorKind, Refused
from records.grants import signed
from records.grants.asking import load
from records.grants.models import AccessGrant, ReadingNote
from records.grants.terms import BOOKMARKED, NOTED, READ, REMOVED, SEARCHED
from records.ledger import chains

if TYPE_CHECKING:
    from collections.abc import Collection

    from records.ledger.leaves import Linked
    from records.people import Person

# Where words can be looked for; a search counts as a reading of the first of these that the grant covers.
WORDED: Final = ("conversation", "transcripts")
SEARCH: Final = "conversation.searched"
MOST: Final = 500  # notes and bookmarks of one grant
Kind = ReadingNote.Kind
KINDS: Final = {Kind.NOTED: NOTED, Kind.BOOKMARKED: BOOKMARKED}

TOO_MANY_NOTES: Final = ErrorKind(
    "grant.too_many_notes",
    409,
    "备注和书签已经太多，请先删除一些。",
    "There are too many notes and bookmarks. Remove some first.",
)


class About(NamedTuple):
    """An act of the case: act `seq` of a thread."""

    thread: UUID
    seq: int


def open_for_search(person: Person, grant_id: UUID, query: str) -> tuple[AccessGrant, int]:
    """The grant, once the search stands in its chain with its words sealed: call this before the first byte of content is opened.

    Returns also the number of that leaf, for `searched`. Raises Refused(NOT_FOUND) for anything but a grant of this person's that is
    in force and covers words.
    """
    with transaction.atomic():
        grant = signed.locked(person, "grant.read", grant_id)
        part = next((part for part in WORDED if part in grant.content), None)
        if part is None:
            raise Refused(NOT_FOUND)
        signed.unaltered(grant)
        ids = {"case": str(grant.case_id), "part": part, "what": SEARCH}
        leaf, blob = signed.written(grant, READ, person, "reading", query, ids)
        _keep(grant, Kind.SEARCHED, leaf, blob, None)
    return grant, leaf.seq


def searched(person: Person, grant: AccessGrant, of: int, *, opened: int, found: int) -> None:
    """Say how far search `of` came, in the same chain: how much was opened for it, and how many places were found."""
    with transaction.atomic(), chains.extend(grant.id) as tail:
        tail.add(SEARCHED, actor=person.id, ids={"found": str(found), "of": str(of), "opened": str(opened)})


@transaction.atomic
def annotate(person: Person, grant_id: UUID, kind: str, about: About, text: str) -> ReadingNote:
    """Add a note or a bookmark to an act of the case, which the caller knows to be within the grant. A bookmark that stands stays one.

    Raises Refused: NOT_FOUND, TOO_MANY_NOTES.
    """
    grant = signed.locked(person, "grant.annotate", grant_id)
    signed.unaltered(grant)
    standing = grant.reading_notes.filter(kind__in=KINDS, removed=None)
    same = standing.filter(kind=Kind.BOOKMARKED, thread=about.thread, of=about.seq).first()
    if kind == Kind.BOOKMARKED and same is not None:
        return same
    if standing.count() >= MOST:
        raise Refused(TOO_MANY_NOTES)
    ids = {"of": str(about.seq), "thread": str(about.thread)}
    leaf, blob = signed.written(grant, KINDS[Kind(kind)], person, "reading", text, ids)
    return _keep(grant, kind, leaf, blob, about)


@transaction.atomic
def remove(person: Person, grant_id: UUID, seq: int) -> None:
    """Take a note or bookmark away: it is no longer shown, and its leaf stays. Raises Refused(NOT_FOUND)."""
    grant = signed.locked(person, "grant.annotate", grant_id)
    row = grant.reading_notes.filter(kind__in=KINDS, removed=None, seq=seq).first()
    if row is None:
        raise Refused(NOT_FOUND)
    with chains.extend(grant.id) as tail:
        row.removed = tail.add(REMOVED, actor=person.id, ids={"of": str(seq)}).seq
    row.save(update_fields=["removed"])


def standing_notes(person: Person, grant_id: UUID) -> list[ReadingNote]:
    """The notes and bookmarks that stand, in the order of the case."""
    grant = load(person, "grant.annotate", grant_id)
    rows = grant.reading_notes.select_related("grant").filter(kind__in=KINDS, removed=None)
    return list(rows.order_by("thread", "of", "seq"))


def marks(person: Person, grant_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many notes and bookmarks of one's own stand under each of these grants that is in force; none under those of others."""
    rows = ReadingNote.objects.filter(grant__in=grant_ids, grant__requester=person, kind__in=KINDS, removed=None)
    rows = rows.filter(grant__state=AccessGrant.State.APPROVED, grant__expires_at__gt=timezone.now())
    return dict(rows.values_list("grant").annotate(n=Count("pk")).order_by())


def _keep(grant: AccessGrant, kind: str, leaf: Linked, blob: bytes, about: About | None) -> ReadingNote:
    return ReadingNote.objects.create(
        grant=grant, seq=leaf.seq, kind=kind, at=chains.moment(leaf.at), body=blob,
        thread=about and about.thread, of=about and about.seq,
    )  # fmt: skip
