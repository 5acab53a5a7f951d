"""By what a case can be found: facts about it, never what was said. Nothing here opens sealed content."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from consult.models import Attachment, Consultation, Event, SideThread
from records.errors import BAD_INPUT, Refused
from records.grants import AccessGrant
from records.people import Person, Role
from records.retention.models import LegalHold
from transcription.models import Recording

if TYPE_CHECKING:
    from collections.abc import Callable

NUMBER: Final = re.compile(r"(?:XQ-)?(?:(2\d{3})-)?0*(\d{1,18})", re.ASCII | re.IGNORECASE)
ANY_FLAG: Final = "any"
CASE: Final = OuterRef("chain_id")
# What stands in a thread of the case: what was said in it, or beside it.
WITHIN: Final = Q(thread=CASE) | Q(thread__sidethread__about=CASE)

Rows = QuerySet[Consultation]


@dataclass(frozen=True, slots=True)
class Filters:
    """What to search by; None: not at all. `since` and `until` are days of the hospital's time zone, both included.

    `staff`: anybody of the hospital who did something in the case; `flag`: a danger sign that was ticked, or ANY_FLAG; `photo` to
    `discussion`: given when there has to be one; `keeping`: kept, sealed, shredded or held; `asked`: for which purpose access was
    requested; `file`: under which number of another system.
    """

    patient: str | None = None
    doctor: str | None = None
    staff: str | None = None
    department: str | None = None
    since: date | None = None
    until: date | None = None
    state: str | None = None
    flag: str | None = None
    photo: str | None = None
    paper: str | None = None
    voice: str | None = None
    call: str | None = None
    discussion: str | None = None
    keeping: str | None = None
    asked: str | None = None
    file: str | None = None
    number: str | None = None


def by_number(rows: Rows, text: str) -> Rows:
    """The one case of this number. Raises Refused(BAD_INPUT) when it is no number of a case."""
    match = NUMBER.fullmatch(text)
    if match is None:
        raise Refused(
            BAD_INPUT, {"number": {"zh": "案件号的格式是 XQ-2026-000123。", "en": "A case number looks like XQ-2026-000123."}}
        )
    year, opening = match.groups()
    rows = rows.filter(chain__leaves__seq=1, chain__leaves__id=int(opening))
    return rows if year is None else opened_between(rows, date(int(year), 1, 1), date(int(year), 12, 31))


def held() -> Exists:
    """Whether a hold in force covers the case, by itself or with all of its patient's."""
    of_patient = Q(case__isnull=True, patient=OuterRef("patient_id"))
    return Exists(LegalHold.objects.filter(Q(case=CASE) | of_patient, released_at__isnull=True))


def files(kind: str | None = None) -> QuerySet[Attachment]:
    """Photos and documents that messages of the case, or beside it, carry: for a subquery. Uploaded and never sent counts for nothing."""
    sent = Event.objects.filter(thread=OuterRef("thread"), sender=OuterRef("uploader"), client_id=OuterRef("message"))
    rows = Attachment.objects.filter(WITHIN, Exists(sent))
    return rows if kind is None else rows.filter(kind=kind)


def notes() -> QuerySet[Recording]:
    """Voice notes of the case and beside it: for a subquery."""
    return Recording.objects.filter(WITHIN, origin=Recording.Origin.VOICE, seq__isnull=False)


def calls() -> QuerySet[Recording]:
    """Recorded calls in the case, and those that followed it: for a subquery. The sides of a call are not counted again."""
    return Recording.objects.filter(Q(follow_up__origin=CASE) | Q(thread=CASE, origin=Recording.Origin.TALK))


def _by_patient(rows: Rows, text: str) -> Rows:
    return rows.filter(Q(patient__name__icontains=text) | Q(patient__mrn__iendswith=text))


def _by_doctor(rows: Rows, text: str) -> Rows:
    return rows.filter(Q(assignee__name__icontains=text) | Q(assignee__login__iexact=text))


def _by_staff(rows: Rows, text: str) -> Rows:
    """Treats it now, or has ever done something in it, beside it, or in a call that followed."""
    named = Q(name__icontains=text) | Q(login__iexact=text)
    people = list(Person.objects.filter(named, roles__role__in=set(Role) - {Role.PATIENT}).values_list("id", flat=True))
    acted = Event.objects.filter(WITHIN, sender__in=people)
    called = calls().filter(Q(uploaded_by__in=people) | Q(follow_up__assigned_to__in=people))
    return rows.filter(Q(assignee__in=people) | Exists(acted) | Exists(called))


def _by_department(rows: Rows, text: str) -> Rows:
    named = Q(department__code__iexact=text) | Q(department__name_zh__icontains=text) | Q(department__name_en__icontains=text)
    return rows.filter(Q(department_id=found) if (found := _uuid(text)) else named)


def _by_flag(rows: Rows, flag: str) -> Rows:
    """Danger signs that the patient ticked: one, or ANY_FLAG. As text, because SQLite cannot look into a list."""
    if flag == ANY_FLAG:
        return rows.exclude(red_flags=[])
    return rows.annotate(flags=Cast("red_flags", TextField())).filter(flags__contains=f'"{flag}"')


def _by_keeping(rows: Rows, keeping: str) -> Rows:
    if keeping == "held":
        return rows.filter(held())
    return rows.filter(kept="" if keeping == "kept" else keeping)


def opened_between(rows: Rows, since: date | None, until: date | None) -> Rows:
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
    "staff": _by_staff,
    "department": _by_department,
    "since": lambda rows, day: opened_between(rows, day, None),
    "until": lambda rows, day: opened_between(rows, None, day),
    "state": lambda rows, state: rows.filter(state=state),
    "flag": _by_flag,
    "photo": lambda rows, _: rows.filter(Exists(files(Attachment.Kind.IMAGE))),
    "paper": lambda rows, _: rows.filter(Exists(files(Attachment.Kind.PDF))),
    "voice": lambda rows, _: rows.filter(Exists(notes())),
    "call": lambda rows, _: rows.filter(Exists(calls())),
    "discussion": lambda rows, _: rows.filter(Exists(SideThread.objects.filter(about=CASE))),
    "keeping": _by_keeping,
    "number": by_number,
}
# What was written in requests to read the case: of these a person finds those that they may see.
REQUESTED: Final = {"asked": "purpose", "file": "case_number__iexact"}


def apply(person: Person, rows: Rows, wanted: Filters) -> tuple[Rows, dict[str, str]]:
    """The cases that every given filter lets through, and those filters as they were understood. Raises Refused(BAD_INPUT)."""
    given = {name: value for name, value in asdict(wanted).items() if value not in {None, ""}}
    for name, value in given.items():
        if (column := REQUESTED.get(name)) is not None:
            rows = rows.filter(Exists(_requests(person).filter(case=CASE, **{column: value})))
        else:
            rows = APPLY[name](rows, value)
    return rows, {name: str(value) for name, value in given.items()}


def _requests(person: Person) -> QuerySet[AccessGrant]:
    """Those that a person may see: an officer's own; for an approver, everybody's."""
    rows = AccessGrant.objects.all()
    return rows if Role.APPROVER in person.role_set else rows.filter(requester=person)
