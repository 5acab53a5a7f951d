"""Quality sampling where cases are known: the population of a draw, and a sample as its reviewer and the second person see it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone

from consult import cases
from consult.models import Consultation
from records import sampling
from records.api.people import BRIEF, brief
from records.api.schemas import bilingual
from records.csvfile import BOM, lines
from records.grants import READ, AccessGrant, words
from records.ledger.models import Leaf
from records.people import Person
from records.sampling import FINDINGS, SEVERITIES, VERDICTS
from records.sampling.draw import read

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from records.sampling import ItemReview, Sample, SampleItem

HEAD: Final = {
    "zh": ("序号", "案件", "科室", "医生", "结论", "类别", "程度", "说明", "抽查人", "时间"),
    "en": ("No.", "Case", "Department", "Doctor", "Verdict", "Kind", "Severity", "Note", "Reviewer", "Time"),
}


def population(since: date, until: date, department: UUID | None) -> list[UUID]:
    """Every case closed on these days, of one department or of all, whose words are still there for staff."""
    first, after = _midnight(since), _midnight(until + timedelta(days=1))
    rows = Consultation.objects.filter(state=Consultation.State.CLOSED, kept="", closed_at__gte=first, closed_at__lt=after)
    if department is not None:
        rows = rows.filter(department=department)
    return list(rows.values_list("chain_id", flat=True))


def shown(rows: Iterable[Sample]) -> list[dict[str, Any]]:
    """Samples without their cases."""
    found = list(rows)
    firsts = {grant.id: grant for grant in AccessGrant.objects.filter(chain__in=[one.request for one in found])}
    signers = [*(one.closed_by_id for one in found), *(grant.approver_id for grant in firsts.values())]
    people = {*(one.made_by_id for one in found), *(id_ for id_ in signers if id_ is not None)}
    named = {person.id: brief(person) for person in Person.objects.filter(id__in=people).prefetch_related(*BRIEF)}
    return [_sample(one, firsts[one.request], named) for one in found]


def opened(sample: Sample) -> dict[str, Any]:
    """One sample with its cases and what was found in each, and whether its draw comes out the same again."""
    (head,) = shown([sample])
    grant = AccessGrant.objects.get(chain=sample.request)
    return {
        **head,
        "reason": words(grant, "reason"),
        "decision_reason": words(grant, "decision"),
        "redrawn": sampling.redrawn(sample),
        "items": _items(sample),
    }


def drawn(sample: Sample) -> dict[str, Any]:
    """All that somebody needs to do the draw again."""
    held = sample.items.order_by("position").values_list("grant__case_id", flat=True)
    return {"seed": sample.seed, "size": sample.size, "population": read(bytes(sample.population)), "drawn": list(held)}


def table(person: Person, sample_id: UUID, language: str) -> bytes:
    """The findings as a CSV file: a line for each, and one for each case without. Raises Refused."""
    sample = sampling.exported(person, sample_id)
    return BOM + lines([HEAD[language], *(row for item in _items(sample) for row in _rows(item, sample, language))])


def _rows(item: dict[str, Any], sample: Sample, language: str) -> list[list[object]]:
    verdict, doctor = item["verdict"], item["doctor"]
    begins = [
        item["position"], item["number"], item["department"][language], doctor["name"] if doctor else None,
        bilingual(*VERDICTS[verdict])[language] if verdict else None,
    ]  # fmt: skip
    ends = [sample.made_by.name, timezone.localtime(item["at"]).isoformat() if item["at"] else None]
    found = [
        [bilingual(*FINDINGS[one["kind"]])[language], bilingual(*SEVERITIES[one["severity"]])[language], one["note"]]
        for one in item["findings"]
    ]
    return [[*begins, *middle, *ends] for middle in found or [[None, None, None]]]


def _sample(sample: Sample, grant: AccessGrant, named: dict[UUID, dict[str, Any]]) -> dict[str, Any]:
    department, reviews = sample.department, sampling.newest(sample).values()
    signed = "closed" if sample.closed_at else "signed" if sample.signed_at else None
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
        "reviewed": len(reviews),
        "findings": sum(len(row.findings) for row in reviews),
        "signed_at": sample.signed_at,
        "closed_by": named[sample.closed_by_id] if sample.closed_by_id else None,
        "closed_at": sample.closed_at,
    }


def _items(sample: Sample) -> list[dict[str, Any]]:
    items = list(sample.items.select_related("grant").order_by("position"))
    about = {
        row.id: row for row in cases.described(Consultation.objects.filter(chain__in=[one.grant.case_id for one in items]))
    }
    looked = set(Leaf.objects.filter(chain__in=[one.grant_id for one in items], kind=READ).values_list("chain_id", flat=True))
    reviews = sampling.newest(sample)
    return [_item(sample, one, about[one.grant.case_id], reviews.get(one.id), opened=one.grant_id in looked) for one in items]


def _item(sample: Sample, item: SampleItem, case: Any, review: ItemReview | None, *, opened: bool) -> dict[str, Any]:
    found = sampling.findings_of(sample, review) if review else []
    return {
        "position": item.position,
        "grant": item.grant_id,
        "grant_state": item.grant.shown_state,
        "number": cases.number_of(case),
        "department": bilingual(case.department.name_zh, case.department.name_en),
        "doctor": brief(case.assignee) if case.assignee else None,
        "messages": case.messages,
        "opened": opened,
        "verdict": review.verdict if review else None,
        "at": review.at if review else None,
        "findings": [one._asdict() for one in found],
    }


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
