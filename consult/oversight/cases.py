"""Compliance: cases found by their metadata, never by what was said. No function of this module opens sealed content."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.db import transaction
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from consult.models import Consultation, Event
from consult.oversight import filters as case_filters
from records.access import require
from records.ledger.models import Leaf
from records.ledger.system import extend_system
from transcription.models import Recording

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from consult.oversight.filters import Filters, Rows
    from records.grants import AccessGrant
    from records.people import Person

PAGE: Final = 20
MOST: Final = 500  # cases that one search finds
SECONDS: Final = 2.0  # after which a search looks no further back
STRETCH: Final = 2000  # cases that are looked through at first
ORDER: Final = ("-opened_at", "chain_id")
PREFIX: Final = "XQ"


class Found(NamedTuple):
    """`total`: of what was looked through; `through`: how far back that goes, None: all there is."""

    total: int
    through: datetime | None
    applied: dict[str, str]  # every filter that was applied, as it was understood
    cases: list[Any]  # consultations annotated by `described`


def search(person: Person, filters: Filters, page: int = 1) -> Found:
    """One page of cases, newest first. Every filter given is applied or refused; the search itself leaves a leaf (names of the
    filters and the count, not their values)."""
    require(person, "case.search")
    rows, applied = case_filters.apply(person, Consultation.objects.all(), filters)
    ids, through = _newest(rows)
    shown = Consultation.objects.filter(chain__in=ids[(page - 1) * PAGE : page * PAGE])
    note_search(person, applied, len(ids), through)
    return Found(len(ids), through, applied, list(described(shown).order_by(*ORDER)))


def note_search(person: Person, names: Iterable[str], found: int, through: datetime | None = None) -> None:
    """The leaf of a search: by what, how many cases it found, and how far back it went where that was not to the end."""
    back = {"through": through.isoformat()} if through else {}
    with transaction.atomic(), extend_system() as system:
        system.add("case.searched", actor=person.id, ids={"filters": ",".join(sorted(names)), "found": str(found), **back})


def _newest(rows: Rows) -> tuple[list[UUID], datetime | None]:
    """The newest MOST of these, and where the search stopped (None: at the end).

    Cases are looked through from the newest back, in stretches that double, for about SECONDS: whoever searches for something rare in
    years of cases gets an answer that says how far it goes, instead of none.
    """
    found: list[tuple[UUID, datetime]] = []
    before, size, began = None, STRETCH, time.monotonic()
    while True:
        within = Q() if before is None else Q(opened_at__lt=before)
        ends = Consultation.objects.filter(within).order_by(*ORDER).values_list("opened_at", flat=True)[size : size + 1].first()
        if ends is not None:
            within &= Q(opened_at__gte=ends)
        listed = rows.filter(within).order_by(*ORDER).values_list("chain_id", "opened_at")
        found += listed[: MOST + 1 - len(found)]
        if len(found) > MOST:
            return [case for case, _ in found[:MOST]], found[MOST - 1][1]
        if ends is None or time.monotonic() - began > SECONDS:
            return [case for case, _ in found], ends
        before, size = ends, size * 2


def numbered(rows: Rows) -> Rows:
    """Add to each consultation `opening`, of which its number is made: the row id of its first leaf."""
    opening = Leaf.objects.filter(chain_id=OuterRef("chain_id"), seq=1).values("id")[:1]
    return rows.annotate(opening=Subquery(opening))


def described(rows: Rows) -> Rows:
    """Add to each consultation: what `numbered` adds; `messages`, `recordings` and `files` (counts); `held`."""
    messages = Event.objects.filter(thread=OuterRef("chain_id"), kind="message.posted")
    notes, calls, files = case_filters.notes(), case_filters.calls(), case_filters.files()
    return (
        numbered(rows)
        .select_related("patient", "assignee", "department", "chain")
        .prefetch_related("assignee__roles", "assignee__departments")
        .annotate(
            messages=_count(messages),
            recordings=_count(calls) + _count(notes),
            files=_count(files),
            held=case_filters.held(),
        )
    )


def recordings_of(case_id: UUID) -> QuerySet[Recording]:
    """What was recorded of a case, by the time it was: voice notes sent in it and beside it, its calls, and those that followed."""
    said = Q(thread=case_id) | Q(thread__sidethread__about=case_id)
    return Recording.objects.filter(Q(follow_up__origin=case_id) | Q(said, seq__isnull=False)).order_by("created_at")


def granted_recordings(grant: AccessGrant, rows: Iterable[Recording]) -> list[Recording]:
    """Those of a case's recordings that the grant reaches: made within its days, and beside the case only with the discussion."""
    outside = {grant.case_id, None} if "discussion" not in grant.content else None
    return [row for row in rows if grant.covers(row.created_at) and (outside is None or row.thread_id in outside)]


def number_of(consultation: Any) -> str:
    """The case number of a numbered consultation: its year, and where its opening stands in the ledger's order of arrival."""
    return f"{PREFIX}-{timezone.localtime(consultation.opened_at).year}-{consultation.opening:06}"


def by_number(text: str) -> Consultation | None:
    """The one case of this number. Raises Refused(BAD_INPUT) when it is no number of a case."""
    return case_filters.by_number(Consultation.objects.all(), text).first()


def _count(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().annotate(one=Value(1)).values("one").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
