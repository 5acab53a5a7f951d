"""Two raters side by side: where they differ, how a difference is settled, and how far they agree beyond chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction
from django.utils import timezone

from records.errors import Refused
from records.people import Role
from records.sampling.agreement import Kappa, differing, grade, kappa
from records.sampling.models import ItemResolution, ItemReview, Sample
from records.sampling.planning import load
from records.sampling.reviewing import Finding, findings_of, item_at, newest, note, say
from records.sampling.terms import (
    AGREED_ON,
    BLIND,
    CLOSED,
    CONFIRMED,
    FINDINGS,
    NOT_SIGNED,
    NOTHING_TO_CONFIRM,
    OVER,
    RESOLVED,
    TALK,
    THIRD,
    UNREADABLE,
    UNRESOLVED,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from records.people import Person


class Pair(NamedTuple):
    """What two raters said of one case. `differs`: the criteria; `verdict` is among them where one of the two could not read it."""

    first: ItemReview
    second: ItemReview

    @property
    def differs(self) -> list[str]:
        unreadable = [row.verdict == UNREADABLE for row in self]
        if any(unreadable):
            return [] if all(unreadable) else ["verdict"]
        return differing(self.first.findings, self.second.findings, FINDINGS)


class Standing(NamedTuple):
    """What was said to settle a case: the newest of it, and whether it stands (a third person's does, one's own word of a talk does
    once the other has confirmed it)."""

    row: ItemResolution
    confirmed_by: UUID | None

    @property
    def stands(self) -> bool:
        return self.row.how == THIRD or self.confirmed_by is not None


def pairs(sample: Sample) -> dict[int, Pair]:
    """Of a sample that both raters have signed, by the item's id; none of any other."""
    if sample.rater_id is None or not sample.rated:
        return {}
    first, second = newest(sample, sample.made_by_id), newest(sample, sample.rater_id)
    return {item: Pair(first[item], second[item]) for item in first}


def standing(sample: Sample) -> dict[int, Standing]:
    """What was said last of each case that was talked about or decided, by the item's id."""
    rows = list(ItemResolution.objects.filter(sample=sample).order_by("seq"))
    confirmed = {row.confirms: row.by_id for row in rows if row.confirms is not None}
    return {row.item_id: Standing(row, confirmed.get(row.seq)) for row in rows if row.confirms is None}


def unresolved(sample: Sample) -> set[int]:
    """The items whose verdicts differ and of which nothing stands yet."""
    said = standing(sample)
    return {item for item, pair in pairs(sample).items() if pair.differs and not (item in said and said[item].stands)}


def agreement(sample: Sample) -> dict[str, Kappa]:
    """For each criterion, over the cases that both could read."""
    both = [pair for pair in pairs(sample).values() if UNREADABLE not in (pair.first.verdict, pair.second.verdict)]
    return {
        name: kappa((grade(pair.first.findings, name), grade(pair.second.findings, name)) for pair in both) for name in FINDINGS
    }


@transaction.atomic
def resolve(person: Person, sample_id: UUID, position: int, verdict: str, findings: Sequence[Finding]) -> Sample:
    """What holds of a case that two raters graded differently. A rater says what both agreed on in talk, which the other confirms; an
    approver who graded nothing decides. Raises Refused: NOT_FOUND, BLIND, AGREED_ON."""
    sample = load(person, "sample.resolve", sample_id, lock=True)
    item = item_at(sample, position)
    if not sample.rated:
        raise Refused(BLIND)
    if item.id not in unresolved(sample) or sample.closed_at is not None:
        raise Refused(AGREED_ON)
    how = TALK if person.id in sample.raters else THIRD
    assert how == TALK or Role.APPROVER in person.role_set, "the table lets nobody else resolve"
    said = say(sample, item, RESOLVED, person, verdict, findings, {"how": how})
    ItemResolution.objects.create(
        sample=sample, seq=said.leaf.seq, item=item, by=person, at=said.at, how=how, verdict=verdict, findings=said.findings,
        body=said.body,
    )  # fmt: skip
    return sample


@transaction.atomic
def confirm(person: Person, sample_id: UUID, position: int) -> Sample:
    """The other rater's word that this is what both agreed on. Raises Refused: NOT_FOUND, NOTHING_TO_CONFIRM."""
    sample = load(person, "sample.review", sample_id, lock=True)
    item = item_at(sample, position)
    said = standing(sample).get(item.id)
    if said is None or said.stands or said.row.by_id == person.id or sample.closed_at is not None:
        raise Refused(NOTHING_TO_CONFIRM)
    again = findings_of(sample, said.row)
    more = {"confirms": str(said.row.seq), "how": TALK}
    written = say(sample, item, CONFIRMED, person, said.row.verdict, again, more)
    ItemResolution.objects.create(
        sample=sample, seq=written.leaf.seq, item=item, by=person, at=written.at, how=TALK, confirms=said.row.seq,
        verdict=said.row.verdict, findings=written.findings, body=written.body,
    )  # fmt: skip
    return sample


@transaction.atomic
def close(person: Person, sample_id: UUID) -> Sample:
    """The signature of somebody who graded nothing. Raises Refused: NOT_FOUND, NOT_SIGNED, UNRESOLVED, OVER."""
    sample = load(person, "sample.close", sample_id, lock=True)
    if not sample.rated:
        raise Refused(NOT_SIGNED)
    if sample.closed_at is not None:
        raise Refused(OVER)
    if unresolved(sample):
        raise Refused(UNRESOLVED)
    sample.closed_by, sample.closed_at = person, timezone.now()
    note(CLOSED, person, sample, newest(sample, sample.made_by_id))
    sample.save(update_fields=["closed_by", "closed_at"])
    return sample


def counting(
    sample: Sample, item: int, known: Mapping[int, Pair], said: Mapping[int, Standing]
) -> ItemReview | ItemResolution | None:
    """What holds of a case in the end: the only rater's word, both raters' when they agree, or what was settled; None: nothing yet."""
    if sample.rater_id is None:
        return newest(sample, sample.made_by_id).get(item)
    pair = known.get(item)
    if pair is None or not pair.differs:
        return pair.first if pair else None
    return said[item].row if item in said and said[item].stands else None
