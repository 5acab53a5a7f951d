"""What raters found in the cases of a sample, and the signatures that close it. Nothing here writes to a case."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from records.errors import NOT_FOUND, Refused
from records.grants import READ, AccessGrant
from records.ledger import chains
from records.ledger.chains import moment
from records.ledger.models import Leaf
from records.sampling.models import ItemResolution, ItemReview, RaterReading, Sample, SampleItem
from records.sampling.planning import load
from records.sampling.terms import (
    BLIND,
    CONFIRMED,
    EXPORTED,
    FOUND,
    INCOMPLETE,
    NOT_READ,
    OVER,
    PURPOSE,
    RESOLVED,
    REVIEWED,
    SIGNED,
    UNREADABLE,
)
from records.vault import Context, open_key, seal, unseal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from records.ledger.leaves import Linked
    from records.people import Person


class Finding(NamedTuple):
    """`kind` of terms.FINDINGS, `severity` of terms.SEVERITIES, and what the reviewer wrote."""

    kind: str
    severity: str
    note: str


class Said(NamedTuple):
    """A verdict that was written down: its leaf, and what goes into its row."""

    leaf: Linked
    body: bytes
    findings: list[tuple[str, str]]

    @property
    def at(self) -> datetime:
        return moment(self.leaf.at)


@transaction.atomic
def review(person: Person, sample_id: UUID, position: int, verdict: str, findings: Sequence[Finding]) -> ItemReview:
    """Say what one found in one case, or put it right. Raises Refused: NOT_FOUND, OVER, NOT_READ."""
    sample = load(person, "sample.review", sample_id, lock=True)
    if signed_by(sample, person.id) is not None:
        raise Refused(OVER)
    item = item_at(sample, position)
    grant = grant_of(sample, item, person.id)
    if verdict != UNREADABLE and (grant is None or not Leaf.objects.filter(chain=grant.id, kind=READ).exists()):
        raise Refused(NOT_READ)
    said = say(sample, item, REVIEWED, person, verdict, findings, {})
    return ItemReview.objects.create(
        sample=sample,
        seq=said.leaf.seq,
        item=item,
        by=person,
        at=said.at,
        verdict=verdict,
        findings=said.findings,
        body=said.body,
    )


@transaction.atomic
def sign(person: Person, sample_id: UUID) -> Sample:
    """A rater's signature under their every verdict. Raises Refused: NOT_FOUND, OVER, INCOMPLETE."""
    sample = load(person, "sample.sign", sample_id, lock=True)
    if signed_by(sample, person.id) is not None:
        raise Refused(OVER)
    own = newest(sample, person.id)
    if len(own) < sample.size:
        raise Refused(INCOMPLETE)
    field = "signed_at" if person.id == sample.made_by_id else "rater_signed_at"
    setattr(sample, field, timezone.now())
    note(SIGNED, person, sample, own)
    sample.save(update_fields=[field])
    return sample


@transaction.atomic
def exported(person: Person, sample_id: UUID) -> Sample:
    """The sample to be taken along, once that stands in its chain. Raises Refused: NOT_FOUND, BLIND."""
    sample = load(person, "sample.export", sample_id)
    if sample.rater_id is not None and not sample.rated:
        raise Refused(BLIND)
    note(EXPORTED, person, sample, newest(sample, sample.made_by_id))
    return sample


def signed_by(sample: Sample, rater: UUID) -> datetime | None:
    return sample.signed_at if rater == sample.made_by_id else sample.rater_signed_at


def item_at(sample: Sample, position: int) -> SampleItem:
    """Raises Refused(NOT_FOUND)."""
    item = SampleItem.objects.select_related("grant", "second__grant").filter(sample=sample, position=position).first()
    if item is None:
        raise Refused(NOT_FOUND)
    return item


def grant_of(sample: Sample, item: SampleItem, rater: UUID) -> AccessGrant | None:
    """Under which a rater reads a case; None for a second rater who does not take part yet."""
    if rater == sample.made_by_id:
        return item.grant
    second: RaterReading | None = getattr(item, "second", None)
    return second.grant if second else None


def newest(sample: Sample, rater: UUID) -> dict[int, ItemReview]:
    """A rater's review that counts of each item that has one, by the item's id."""
    rows = ItemReview.objects.filter(sample=sample, by=rater)
    if rater == sample.made_by_id:
        rows = rows | ItemReview.objects.filter(sample=sample, by=None)
    last = rows.values("item").annotate(last=Max("seq")).values("last")
    return {row.item_id: row for row in rows.filter(seq__in=last)}


def say(
    sample: Sample,
    item: SampleItem,
    kind: str,
    person: Person,
    verdict: str,
    findings: Sequence[Finding],
    more: Mapping[str, str],
) -> Said:
    """Append a verdict on one case: kinds and severities in the leaf, the notes sealed."""
    said = [(one.kind, one.severity) for one in findings]
    ids = {
        "case": str(item.grant.case_id), "findings": ",".join(f"{found}:{severity}" for found, severity in said),
        "position": str(item.position), "purpose": PURPOSE, "verdict": verdict, **more,
    }  # fmt: skip
    with chains.extend(sample.id) as tail:
        context = context_of(sample, kind, tail.next_seq, person.id)
        body = seal(open_key(sample.key_id), context, msgspec.json.encode([one.note for one in findings]))
        leaf = tail.add(kind, actor=person.id, content=body, ids=ids)
    return Said(leaf, body, said)


def findings_of(sample: Sample, row: ItemReview | ItemResolution) -> list[Finding]:
    """With their notes. Raises SealBroken, KeyMissing."""
    context = context_of(sample, kind_of(row), row.seq, row.by_id or sample.made_by_id)
    notes = msgspec.json.decode(unseal(open_key(sample.key_id), context, bytes(row.body)))
    return [Finding(kind, severity, note) for (kind, severity), note in zip(row.findings, notes, strict=True)]


def kind_of(row: ItemReview | ItemResolution) -> str:
    """The kind of the leaf that a verdict stands in."""
    if isinstance(row, ItemReview):
        return REVIEWED
    return RESOLVED if row.confirms is None else CONFIRMED


def context_of(sample: Sample, kind: str, seq: int, by: UUID) -> Context:
    return Context(kind, sample.id, seq, by, "", "application/json")


def note(kind: str, person: Person, sample: Sample, own: Mapping[int, ItemReview]) -> None:
    """An act on the whole sample: its leaf says in how many cases something was found."""
    found = sum(row.verdict == FOUND for row in own.values())
    with chains.extend(sample.id) as tail:
        tail.add(kind, actor=person.id, ids={"found": str(found), "purpose": PURPOSE})
