"""Hints over a month of the access log, where cases and their patients are known; and the month's review as it is shown."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import OuterRef, Q, Subquery, UUIDField
from django.db.models.functions import Coalesce
from django.utils import timezone

from consult.models import Consultation
from consult.oversight import accesslog as log
from records import accesslog
from records.accesslog import AccessEntry, AccessReview, Act, hints, reviews
from records.accesslog.hints import DAY, GLASS, Close, Hint, Month, Seen
from records.charts import Chart
from records.errors import NOT_FOUND, Refused
from records.grants import AccessGrant
from records.grants.terms import BROKEN, REVIEW_WITHIN
from records.ledger.chains import moment
from records.ledger.leaves import parse
from records.ledger.models import Leaf
from records.people import Person, Role
from records.relatives import FamilyAccess
from records.views import BRIEF, brief, masked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from uuid import UUID

    from records.accesslog import HintNote

MOST: Final = 200_000  # readings, and exports, of a month that the rules look at, the first ones
SHOWN: Final = 200  # hints of a month
ROWS: Final = 100  # acts of a hint
STAFF: Final = tuple(role for role in Role if role != Role.PATIENT)


class Looked(NamedTuple):
    """What the rules found in a month. `acts`: how many they looked at; `whole`: that these were all."""

    hints: list[Hint]
    acts: int
    whole: bool


def look(month: date) -> Looked:
    """Apply every rule to a month as it is now."""
    staff = _staff()
    span = Month(*reviews.span(month), _looked_until((month - timedelta(days=1)).replace(day=1)))
    since, until = span.since - DAY, _looked_until(month)
    reads, exports = (list(_acts(since, until, act)) for act in (Act.READ, Act.EXPORT))
    whole = max(len(reads), len(exports)) <= MOST
    everybody = [[act for act in acts[:MOST] if act] for acts in (reads, exports)]
    counted = sum(span.since <= act.at < span.until for acts in everybody for act in acts)
    opened, taken = ((act for act in acts if act.actor in staff) for acts in everybody)
    found = hints.found(opened, taken, _close(staff), reviews.bounds(), span, ZoneInfo(settings.TIME_ZONE))
    return Looked(hints.in_order([*found, *_glass(month)]), counted, whole)


def hint_of(looked: Looked, key: str) -> Hint:
    """Raises Refused(NOT_FOUND) when there is no such hint, or none any more."""
    found = next((hint for hint in looked.hints if hint.key == key), None)
    if found is None:
        raise Refused(NOT_FOUND)
    return found


def shown(rows: Iterable[AccessReview]) -> list[dict[str, Any]]:
    """Months without their hints."""
    found = list(rows)
    ids = {id_ for row in found for id_ in (row.reviewer_id, row.signed_by_id) if id_}
    named = {person.id: brief(person) for person in Person.objects.filter(id__in=ids).prefetch_related(*BRIEF)}
    return [
        {
            "month": str(row),
            "state": state_of(row),
            "due_on": row.due_on,
            "reviewer": named.get(row.reviewer_id) if row.reviewer_id else None,
            "signed_by": named.get(row.signed_by_id) if row.signed_by_id else None,
            "signed_at": row.signed_at,
        }
        for row in found
    ]


def opened(row: AccessReview, looked: Looked, viewer: Person) -> dict[str, Any]:
    """One month with its hints, what was said of each, and what is in the way of a signature."""
    notes = reviews.notes(row)
    listed = sorted(looked.hints, key=lambda hint: reviews.is_settled(hint, notes))[:SHOWN]  # each can come into sight
    return {
        **shown([row])[0],
        "note": reviews.words(row) if row.note is not None else None,
        "bounds": _bounds(),
        "acts": looked.acts,
        "whole": looked.whole,
        "found": len(looked.hints),
        "unsettled": sum(not reviews.is_settled(hint, notes) for hint in looked.hints),
        "open_glass": reviews.unreviewed(row.month).count(),
        "candidates": [brief(person) for person in reviews.candidates().prefetch_related(*BRIEF)],
        "hints": _hints(listed, notes, viewer),
    }


def acts_of(hint: Hint) -> dict[str, Any]:
    """The acts of a hint, newest first, the last ROWS of them."""
    return {"entries": log.shown(accesslog.lines_of(hint.leaves[-ROWS:])), "total": len(hint.leaves)}


def state_of(row: AccessReview) -> str:
    if row.signed_at is not None:
        return "signed"
    if not reviews.is_over(row):
        return "running"
    return "overdue" if reviews.is_overdue(row) else "due"


def _bounds() -> dict[str, Any]:
    used = reviews.bounds()
    opens, closes = (f"{minutes // 60:02}:{minutes % 60:02}" for minutes in (used.opens, used.closes))
    counts = {"patients": used.patients, "exports": used.exports, "off_duty": used.off_duty}
    return {**counts, "opens": opens, "closes": closes, "days": sorted(used.days)}


def _hints(found: list[Hint], notes: Mapping[str, HintNote], viewer: Person) -> list[dict[str, Any]]:
    ids = {hint.actor for hint in found} | {note.by_id for note in notes.values()}
    people = {person.id: person for person in Person.objects.filter(id__in=ids).prefetch_related(*BRIEF)}
    patients = dict(Person.objects.filter(id__in={hint.patient for hint in found if hint.patient}).values_list("id", "name"))
    unreviewed = reviews.still_open(found)
    return [_hint(hint, notes, people, patients, viewer, waits=hint.leaves[0] in unreviewed) for hint in found]


def _hint(
    hint: Hint,
    notes: Mapping[str, HintNote],
    people: Mapping[UUID, Person],
    patients: Mapping[UUID, str],
    viewer: Person,
    *,
    waits: bool,
) -> dict[str, Any]:
    said = notes[hint.key] if reviews.is_settled(hint, dict(notes)) else None
    return {
        "key": hint.key,
        "rule": hint.rule,
        "person": brief(people[hint.actor]),
        "patient": masked(patients[hint.patient]) if hint.patient else None,
        "counted": hint.counted,
        "since": moment(hint.since),
        "until": moment(hint.until),
        "own": hint.actor == viewer.id,
        "waits": waits,
        "settled": {"by": brief(people[said.by_id]), "at": said.at, "outcome": said.outcome, "note": reviews.words(said)}
        if said
        else None,
    }


def _looked_until(month: date) -> int:
    """Up to when a month is looked at, ms since epoch: a DAY past its end, or as far as whoever signed it could."""
    end = reviews.span(month)[1] + DAY
    signed = AccessReview.objects.filter(month=month).values_list("signed_at", flat=True).first()
    return end if signed is None else min(end, round(signed.timestamp() * 1000))


def _acts(since: int, until: int, act: Act) -> Iterator[Seen | None]:
    """Oldest first, one more than MOST at most; None: one that takes nothing along. Relatives' looks are none of staff."""
    of_case = Consultation.objects.filter(chain=OuterRef("case")).values("patient")[:1]
    of_chart = Chart.objects.filter(chain=OuterRef("leaf__chain")).values("patient")[:1]
    rows = AccessEntry.objects.filter(at__gte=since, at__lt=until, act=act).exclude(purpose=accesslog.FAMILY)
    rows = rows.annotate(patient=Coalesce(Subquery(of_chart), Subquery(of_case), output_field=UUIDField()))
    rows = rows.order_by("at", "leaf_id")
    if act == Act.EXPORT:
        for leaf, at, actor, data in rows.values_list("leaf_id", "at", "actor_id", "leaf__data")[: MOST + 1].iterator(2000):
            yield Seen(leaf, at, actor) if _takes_along(bytes(data)) else None
    else:
        yield from map(Seen._make, rows.values_list("leaf_id", "at", "actor_id", "patient")[: MOST + 1].iterator(2000))


def _takes_along(leaf: bytes) -> bool:
    """Making a pack and downloading it are two acts of the log and one of taking something along."""
    return parse(leaf).ids.get("what") != "pack.made"


def _staff() -> set[UUID]:
    return set(Person.objects.filter(roles__role__in=STAFF).values_list("id", flat=True))


def _close(staff: set[UUID]) -> Close:
    """Two accounts are one person's when they are the same, or have the same name and date of birth."""
    born = {
        id_: (name, born)
        for id_, name, born in Person.objects.filter(roles__role__in=STAFF).values_list("id", "name", "birth_date")
    }
    by_name: dict[tuple[str, date | None], set[UUID]] = {}
    for id_, who in born.items():
        by_name.setdefault(who, set()).add(id_)
    named = Person.objects.filter(name__in={name for name, day in born.values() if day}, birth_date__isnull=False)
    selves = {id_: frozenset({id_}) for id_ in staff}
    for id_, name, day in named.values_list("id", "name", "birth_date"):
        if same := by_name.get((name, day)):
            selves[id_] = selves.get(id_, frozenset()) | same
    family: dict[UUID, frozenset[UUID]] = {}
    touching = Q(patient__in=list(selves)) | Q(relative__in=list(selves))
    for patient, relative in FamilyAccess.objects.filter(touching).values_list("patient", "relative"):
        for one, other in ((patient, relative), (relative, patient)):
            family[one] = family.get(one, frozenset()) | selves.get(other, frozenset())
    return Close(selves, family)


def _glass(month: date) -> Iterator[Hint]:
    """Glass that nobody reviewed in time: still not, or too late."""
    since, until = map(moment, reviews.span(month))
    rows = AccessGrant.objects.filter(urgent=True, requested_at__gte=since, requested_at__lt=until)
    late = {grant.id: grant for grant in rows if (grant.reviewed_at or timezone.now()) - grant.requested_at > REVIEW_WITHIN}
    for leaf in Leaf.objects.filter(chain__in=list(late), kind=BROKEN):
        yield Hint(GLASS, late[leaf.chain_id].requester_id, 1, (leaf.id,), leaf.at, leaf.at)
