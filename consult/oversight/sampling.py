"""Quality sampling where cases are known: the population of a draw, and a sample as its raters and the second person see it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.utils import timezone

from consult.models import Consultation
from consult.oversight import cases
from records import grants, sampling
from records.csvfile import BOM, lines
from records.grants import READ, AccessGrant, words
from records.ledger.models import Leaf
from records.people import Person
from records.sampling import FINDINGS, HOW, SEVERITIES, VERDICTS
from records.sampling.draw import read
from records.views import BRIEF, bilingual, brief

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from uuid import UUID

    from records.sampling import ItemResolution, ItemReview, Sample, SampleItem

HEAD: Final = {
    "zh": ("序号", "案件", "科室", "医生", "结论", "类别", "程度", "说明", "由谁", "如何得出", "时间"),
    "en": ("No.", "Case", "Department", "Doctor", "Verdict", "Kind", "Severity", "Note", "By", "How", "Time"),
}
RATED: Final = ("抽查人的结论", "a rater's verdict")


class Known(NamedTuple):
    """What is known of a sample's cases to one viewer. Of two raters each sees their own word alone until both have signed."""

    sample: Sample
    reviews: Mapping[UUID, Mapping[int, ItemReview]]  # by rater, then by item; what the viewer may see
    pairs: Mapping[int, sampling.Pair]
    said: Mapping[int, sampling.Standing]
    people: Mapping[UUID, dict[str, Any]]


def population(since: date, until: date, department: UUID | None) -> list[UUID]:
    """Every case closed on these days, of one department or of all, whose words are still there for staff."""
    first, after = _midnight(since), _midnight(until + timedelta(days=1))
    rows = Consultation.objects.filter(state=Consultation.State.CLOSED, kept="", closed_at__gte=first, closed_at__lt=after)
    if department is not None:
        rows = rows.filter(department=department)
    return list(rows.values_list("chain_id", flat=True))


def shown(rows: Iterable[Sample], viewer: Person) -> list[dict[str, Any]]:
    """Samples without their cases."""
    found = list(rows)
    firsts = {grant.id: grant for grant in AccessGrant.objects.filter(chain__in=[one.request for one in found])}
    named = _named(
        id_ for one in found for id_ in (one.made_by_id, one.closed_by_id, one.rater_id, firsts[one.request].approver_id)
    )
    return [_sample(one, firsts[one.request], named, viewer) for one in found]


def opened(sample: Sample, viewer: Person) -> dict[str, Any]:
    """One sample with its cases and what was found in each, and whether its draw comes out the same again."""
    (head,) = shown([sample], viewer)
    grant = AccessGrant.objects.get(chain=sample.request)
    return {
        **head,
        "reason": words(grant, "reason"),
        "decision_reason": words(grant, "decision"),
        "redrawn": sampling.redrawn(sample),
        "agreement": _agreement(sample),
        "unresolved": len(sampling.unresolved(sample)),
        "items": _items(sample, viewer),
    }


def drawn(sample: Sample) -> dict[str, Any]:
    """All that somebody needs to do the draw again."""
    held = sample.items.order_by("position").values_list("grant__case_id", flat=True)
    return {"seed": sample.seed, "size": sample.size, "population": read(bytes(sample.population)), "drawn": list(held)}


def table(person: Person, sample_id: UUID, language: str) -> bytes:
    """The findings as a CSV file: a line for each, and one for each verdict without, by every rater and of what was settled. Raises
    Refused."""
    sample = sampling.exported(person, sample_id)
    return BOM + lines([HEAD[language], *(row for item in _items(sample, person) for row in _rows(item, language))])


def _rows(item: dict[str, Any], language: str) -> list[list[object]]:
    doctor, settled = item["doctor"], item["resolution"]
    begins = [item["position"], item["number"], item["department"][language], doctor["name"] if doctor else None]
    said = [(rating, RATED) for rating in item["ratings"]] + ([(settled, HOW[settled["how"]])] if settled else [])
    if not said:
        return [[*begins, *[None] * 7]]
    return [[*begins, *row] for rating, how in said for row in _found(rating, bilingual(*how)[language], language)]


def _found(rating: dict[str, Any], how: str, language: str) -> list[list[object]]:
    verdict = bilingual(*VERDICTS[rating["verdict"]])[language]
    ends = [rating["by"]["name"], how, timezone.localtime(rating["at"]).isoformat()]
    found = [
        [bilingual(*FINDINGS[one["kind"]])[language], bilingual(*SEVERITIES[one["severity"]])[language], one["note"]]
        for one in rating["findings"]
    ]
    return [[verdict, *middle, *ends] for middle in found or [[None, None, None]]]


def _sample(sample: Sample, grant: AccessGrant, named: Mapping[UUID, dict[str, Any]], viewer: Person) -> dict[str, Any]:
    department, seen = sample.department, _seen(sample, viewer)
    signed = "closed" if sample.closed_at else "signed" if sample.rated else None
    progress = {rater: len(sampling.newest(sample, rater)) for rater in sample.raters}
    return {
        "id": sample.id,
        "state": signed or grant.shown_state,
        "made_by": named[sample.made_by_id],
        "made_at": sample.made_at,
        "department": bilingual(department.name_zh, department.name_en) if department else None,
        "since": sample.since,
        "until": sample.until,
        "size": sample.size,
        "population": len(read(bytes(sample.population))),
        "seed": sample.seed,
        "seed_given": sample.seed_given,
        "hours": grant.hours,
        "approver": named[grant.approver_id] if grant.approver_id else None,
        "expires_at": grant.expires_at,
        "reviewed": progress[viewer.id if viewer.id in progress else sample.made_by_id],
        "findings": sum(len(row.findings) for rows in seen.values() for row in rows.values()),
        "signed_at": sample.signed_at,
        "rater": named[sample.rater_id] if sample.rater_id else None,
        "joined": sample.rater_request is not None,
        "rater_reviewed": progress.get(sample.rater_id) if sample.rater_id else None,
        "rater_signed_at": sample.rater_signed_at,
        "blind": _blind(sample),
        "closed_by": named[sample.closed_by_id] if sample.closed_by_id else None,
        "closed_at": sample.closed_at,
    }


def _agreement(sample: Sample) -> list[dict[str, Any]]:
    """For each criterion; empty while there is nothing to compare."""
    if sample.rater_id is None or not sample.rated:
        return []
    return [
        {
            "kind": kind,
            "cases": found.cases,
            "agreed": found.agreed,
            "expected": float(found.expected),
            "kappa": None if found.value is None else float(found.value),
        }
        for kind, found in sampling.agreement(sample).items()
    ]


def _seen(sample: Sample, viewer: Person) -> dict[UUID, Mapping[int, ItemReview]]:
    """What each rater found, as far as the viewer may see it."""
    raters = [rater for rater in sample.raters if not _blind(sample) or rater == viewer.id]
    return {rater: sampling.newest(sample, rater) for rater in raters}


def _items(sample: Sample, viewer: Person) -> list[dict[str, Any]]:
    items = list(sample.items.select_related("grant", "second__grant").order_by("position"))
    about = {
        row.id: row for row in cases.described(Consultation.objects.filter(chain__in=[one.grant.case_id for one in items]))
    }
    mine = {one.id: _own_grant(sample, one, viewer) for one in items}
    ids = [grant.id for grant in mine.values()]
    looked = set(Leaf.objects.filter(chain__in=ids, kind=READ).values_list("chain_id", flat=True))
    said = sampling.standing(sample)
    people = _named([*sample.raters, *(id_ for one in said.values() for id_ in (one.row.by_id, one.confirmed_by))])
    marks = grants.marks(viewer, ids)
    known = Known(sample, _seen(sample, viewer), sampling.pairs(sample), said, people)
    return [
        {
            **_case(about[one.grant.case_id]),
            **_verdicts(known, one, viewer),
            "position": one.position,
            "grant": mine[one.id].id,
            "grant_state": mine[one.id].shown_state,
            "opened": mine[one.id].id in looked,
            "annotations": marks.get(mine[one.id].id, 0),
        }
        for one in items
    ]


def _own_grant(sample: Sample, item: SampleItem, viewer: Person) -> AccessGrant:
    """The viewer's own, where they read the case; else the first rater's."""
    own = sampling.grant_of(sample, item, viewer.id) if viewer.id == sample.rater_id else None
    return own or item.grant


def _case(case: Any) -> dict[str, Any]:
    return {
        "number": cases.number_of(case),
        "department": bilingual(case.department.name_zh, case.department.name_en),
        "doctor": brief(case.assignee) if case.assignee else None,
        "messages": case.messages,
        "flags": len(case.red_flags),
        "held": case.held,
        "kept": case.kept,
    }


def _verdicts(known: Known, item: SampleItem, viewer: Person) -> dict[str, Any]:
    """`verdict`: the viewer's own while raters work apart, afterwards what holds in the end."""
    sample, pair, said = known.sample, known.pairs.get(item.id), known.said.get(item.id)
    own = known.reviews.get(viewer.id, {}).get(item.id)
    row = own if _blind(sample) else sampling.counting(sample, item.id, known.pairs, known.said)
    return {
        "verdict": row.verdict if row else None,
        "at": row.at if row else None,
        "findings": _findings(sample, row) if row else [],
        "ratings": [_rating(known, rows[item.id], rater) for rater, rows in known.reviews.items() if item.id in rows],
        "differs": pair.differs if pair else [],
        "resolution": _resolution(known, said) if said else None,
    }


def _rating(known: Known, row: ItemReview | ItemResolution, by: UUID) -> dict[str, Any]:
    return {"by": known.people[by], "verdict": row.verdict, "at": row.at, "findings": _findings(known.sample, row)}


def _resolution(known: Known, said: sampling.Standing) -> dict[str, Any]:
    confirmed = known.people[said.confirmed_by] if said.confirmed_by else None
    return {**_rating(known, said.row, said.row.by_id), "how": said.row.how, "confirmed_by": confirmed, "stands": said.stands}


def _findings(sample: Sample, row: ItemReview | ItemResolution) -> list[dict[str, Any]]:
    return [one._asdict() for one in sampling.findings_of(sample, row)]


def _blind(sample: Sample) -> bool:
    return sample.rater_id is not None and not sample.rated


def _named(ids: Iterable[UUID | None]) -> dict[UUID, dict[str, Any]]:
    people = Person.objects.filter(id__in={id_ for id_ in ids if id_}).prefetch_related(*BRIEF)
    return {person.id: brief(person) for person in people}


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
