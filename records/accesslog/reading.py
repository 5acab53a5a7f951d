"""Reading the access log: filtered, newest first, by cursor. Who looks at it or takes it along stands in it too."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from records.access import require
from records.accesslog.entries import abouts, entries_of, same
from records.accesslog.kinds import EXPORTED, SEEN
from records.accesslog.models import AccessEntry
from records.errors import BAD_INPUT, ErrorKind, Refused
from records.ledger.leaves import LeafBody, leaf_hash, parse
from records.ledger.system import extend_system

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from uuid import UUID

    from django.db.models import QuerySet

    from records.ledger.models import Leaf
    from records.people import Person

PAGE: Final = 50
PIECE: Final = 500  # entries that an export reads at once
PLACE: Final = re.compile(r"(\d{1,18})\.(\d{1,18})", re.ASCII)
MOST: Final = 100_000  # entries of one export

TOO_MANY: Final = ErrorKind(
    "access_log.too_many",
    422,
    "一次最多导出 10 万条，请缩小时间范围。",
    "At most 100,000 entries at once. Please choose a shorter period.",
)


class Place(NamedTuple):
    """Where in the log to go on: behind this entry."""

    at: int
    leaf: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises Refused(BAD_INPUT)."""
        match = PLACE.fullmatch(text)
        if match is None:
            raise Refused(BAD_INPUT)
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.at}.{self.leaf}"


@dataclass(frozen=True, slots=True)
class Filters:
    """What to read; None: all. `since` and `until` are days of the hospital's time zone, both included."""

    actors: tuple[UUID, ...] | None = None
    case: UUID | None = None
    act: str | None = None
    purpose: str | None = None
    since: date | None = None
    until: date | None = None

    @property
    def names(self) -> list[str]:
        return [field.name for field in fields(self) if getattr(self, field.name) is not None]


class Line(NamedTuple):
    """One act as its leaf has it. `intact`: leaf and entry say the same, and the leaf is what its hash says."""

    entry: AccessEntry
    leaf: Leaf
    said: LeafBody
    intact: bool


class Page(NamedTuple):
    lines: list[Line]
    next: Place | None


def page(person: Person, filters: Filters, before: Place | None = None) -> Page:
    """One page, newest first. Raises Refused(NOT_FOUND)."""
    require(person, "access_log.see")
    return _page(filters, before, PAGE)


def looked(person: Person, filters: Filters) -> None:
    """Note in the log that somebody looks at it: the names of the filters, as for a search for cases."""
    require(person, "access_log.see")
    _note(SEEN, person, filters, {})


def counted(person: Person, filters: Filters) -> int:
    """How many entries an export has. Raises Refused: NOT_FOUND, or TOO_MANY for more than MOST."""
    require(person, "access_log.export")
    found = _rows(filters).order_by()[: MOST + 1].count()
    if found > MOST:
        raise Refused(TOO_MANY)
    return found


def lines_of(leaves: Collection[int]) -> list[Line]:
    """These acts, newest first; for callers that have asked whether they may be seen."""
    rows = AccessEntry.objects.filter(leaf__in=leaves).select_related("leaf").order_by("-at", "-leaf_id")
    return _lines(list(rows))


def exported(person: Person, filters: Filters) -> Iterator[list[Line]]:
    """All entries in pieces, newest first, once the export itself stands in the log; what comes later is not in it."""
    found = counted(person, filters)
    _note(EXPORTED, person, filters, {"found": str(found)})
    return _pieces(filters)


def _pieces(filters: Filters) -> Iterator[list[Line]]:
    place: Place | None = None
    left = MOST
    while left > 0:
        read = _page(filters, place, min(PIECE, left))
        yield read.lines
        place, left = read.next, left - len(read.lines)
        if place is None:
            return


def _page(filters: Filters, before: Place | None, size: int) -> Page:
    rows = _rows(filters)
    if before is not None:
        # The first half is a range of the index; the second takes out what that range has too many.
        rows = rows.filter(at__lte=before.at).exclude(at=before.at, leaf_id__gte=before.leaf)
    found = list(rows.select_related("leaf").order_by("-at", "-leaf_id")[: size + 1])
    shown = found[:size]
    more = Place(shown[-1].at, shown[-1].leaf_id) if len(found) > size else None
    return Page(_lines(shown), more)


def _lines(entries: list[AccessEntry]) -> list[Line]:
    leaves = [entry.leaf for entry in entries]
    expected = entries_of(leaves, abouts(leaves))
    return [_line(entry, right) for entry, right in zip(entries, expected, strict=True)]


def _line(entry: AccessEntry, right: AccessEntry) -> Line:
    leaf = entry.leaf
    data = bytes(leaf.data)
    said = parse(data)
    whole = leaf_hash(data) == bytes(leaf.hash) and (said.kind, said.at, said.chain) == (leaf.kind, leaf.at, leaf.chain_id)
    return Line(entry, leaf, said, whole and same(entry, right))


def _rows(filters: Filters) -> QuerySet[AccessEntry]:
    wanted: dict[str, Any] = {"case": filters.case, "act": filters.act, "purpose": filters.purpose}
    chosen = Q(**{name: value for name, value in wanted.items() if value is not None})
    if filters.actors is not None:
        one = len(filters.actors) == 1
        chosen &= Q(actor=filters.actors[0]) if one else Q(actor__in=filters.actors)
    if filters.since is not None:
        chosen &= Q(at__gte=_midnight(filters.since))
    if filters.until is not None:
        chosen &= Q(at__lt=_midnight(filters.until + timedelta(days=1)))
    return AccessEntry.objects.filter(chosen)


@transaction.atomic
def _note(kind: str, person: Person, filters: Filters, ids: dict[str, str]) -> None:
    with extend_system() as system:
        system.add(kind, actor=person.id, ids={"filters": ",".join(filters.names), **ids})


def _midnight(day: date) -> int:
    """ms since epoch."""
    return int(timezone.make_aware(datetime.combine(day, time.min)).timestamp() * 1000)
