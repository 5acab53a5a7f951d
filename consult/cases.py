"""Compliance: cases found by their metadata, never by what was said. No function of this module opens sealed content."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from consult.models import Consultation, Event
from records.access import require
from records.errors import BAD_INPUT, Refused
from records.ledger.models import Leaf
from records.ledger.system import extend_system
from transcription.models import Recording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from records.grants import AccessGrant
    from records.people import Person

PAGE: Final = 20
PREFIX: Final = "XQ"
NUMBER: Final = re.compile(r"(?:XQ-)?(?:(2\d{3})-)?0*(\d{1,18})", re.ASCII | re.IGNORECASE)

Rows = QuerySet[Consultation]


@dataclass(frozen=True, slots=True)
class Filters:
    """What to search by; None: not at all. `since` and `until` are days of the hospital's time zone, both included."""

    patient: str | None = None
    doctor: str | None = None
    department: str | None = None
    since: date | None = None
    until: date | None = None
    state: str | None = None
    number: str | None = None


class Found(NamedTuple):
    total: int
    applied: dict[str, str]  # every filter that was applied, as it was understood
    cases: list[Any]  # consultations annotated by `described`


def search(person: Person, filters: Filters, page: int = 1) -> Found:
    """One page of cases, newest first. Every filter given is applied or refused; the search itself leaves a leaf (names of the
    filters and the count, not their values)."""
    require(person, "case.search")
    rows = Consultation.objects.all()
    applied = {name: value for name, value in asdict(filters).items() if value not in {None, ""}}
    for name, value in applied.items():
        rows = APPLY[name](rows, value)
    total = rows.count()
    found = list(described(rows).order_by("-opened_at", "chain_id")[(page - 1) * PAGE : page * PAGE])
    with transaction.atomic(), extend_system() as system:
        ids = {"filters": ",".join(sorted(applied)), "found": str(total)}
        system.add("case.searched", actor=person.id, ids=ids)
    return Found(total, {name: str(value) for name, value in applied.items()}, found)


def described(rows: Rows) -> Rows:
    """Add to each consultation: `opening` (row id of its first leaf), `messages` and `recordings` (counts)."""
    opening = Leaf.objects.filter(chain_id=OuterRef("chain_id"), seq=1).values("id")[:1]
    messages = Event.objects.filter(thread=OuterRef("chain_id"), kind="message.posted")
    calls = Recording.objects.filter(follow_up__origin=OuterRef("chain_id"))
    notes = Recording.objects.filter(thread=OuterRef("chain_id"), seq__isnull=False)
    beside = Recording.objects.filter(thread__sidethread__about=OuterRef("chain_id"), seq__isnull=False)
    people = ("assignee__roles", "assignee__departments")
    return (
        rows.select_related("patient", "assignee", "department", "chain")
        .prefetch_related(*people)
        .annotate(
            opening=Subquery(opening),
            messages=_count(messages, "thread"),
            recordings=_count(calls, "follow_up__origin")
            + _count(notes, "thread")
            + _count(beside, "thread__sidethread__about"),
        )
    )


def recordings_of(case_id: UUID) -> QuerySet[Recording]:
    """What was recorded of a case, by the time it was: the voice notes sent in it and beside it, and the calls that followed."""
    said = Q(thread=case_id) | Q(thread__sidethread__about=case_id)
    return Recording.objects.filter(Q(follow_up__origin=case_id) | Q(said, seq__isnull=False)).order_by("created_at")


def granted_recordings(grant: AccessGrant, rows: Iterable[Recording]) -> list[Recording]:
    """Those of a case's recordings that the grant reaches: made within its days, and beside the case only with the discussion."""
    outside = {grant.case_id, None} if "discussion" not in grant.content else None
    return [row for row in rows if grant.covers(row.created_at) and (outside is None or row.thread_id in outside)]


def number_of(consultation: Any) -> str:
    """The case number of a described consultation: its year, and where its opening stands in the ledger's order of arrival."""
    return f"{PREFIX}-{timezone.localtime(consultation.opened_at).year}-{consultation.opening:06}"


def by_number(text: str) -> Consultation | None:
    """The one case of this number. Raises Refused(BAD_INPUT) when it is no number of a case."""
    return _by_number(Consultation.objects.all(), text).first()


def _count(rows: QuerySet[Any], group: str) -> Coalesce:
    counted = rows.order_by().values(group).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _by_patient(rows: Rows, text: str) -> Rows:
    return rows.filter(Q(patient__name__icontains=text) | Q(patient__mrn__iendswith=text))


def _by_doctor(rows: Rows, text: str) -> Rows:
    return rows.filter(Q(assignee__name__icontains=text) | Q(assignee__login__iexact=text))


def _by_department(rows: Rows, text: str) -> Rows:
    named = Q(department__code__iexact=text) | Q(department__name_zh__icontains=text) | Q(department__name_en__icontains=text)
    return rows.filter(Q(department_id=found) if (found := _uuid(text)) else named)


def _by_number(rows: Rows, text: str) -> Rows:
    match = NUMBER.fullmatch(text)
    if match is None:
        raise Refused(
            BAD_INPUT, {"number": {"zh": "案件号的格式是 XQ-2026-000123。", "en": "A case number looks like XQ-2026-000123."}}
        )
    year, opening = match.groups()
    rows = rows.filter(chain__leaves__seq=1, chain__leaves__id=int(opening))
    return rows if year is None else _opened_between(rows, date(int(year), 1, 1), date(int(year), 12, 31))


def _opened_between(rows: Rows, since: date | None, until: date | None) -> Rows:
    if since is not None:
        rows = rows.filter(opened_at__gte=_midnight(since))
    return rows if until is None else rows.filter(opened_at__lt=_midnight(until + timedelta(days=1)))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


APPLY: Final[dict[str, Callable[[Rows, Any], Rows]]] = {
    "patient": _by_patient,
    "doctor": _by_doctor,
    "department": _by_department,
    "since": lambda rows, day: _opened_between(rows, day, None),
    "until": lambda rows, day: _opened_between(rows, None, day),
    "state": lambda rows, state: rows.filter(state=state),
    "number": _by_number,
}
