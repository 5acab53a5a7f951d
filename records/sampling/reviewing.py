"""What was found in the cases of a sample, and the two signatures that close it. Nothing here writes to a case."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from records.errors import NOT_FOUND, Refused
from records.grants import READ
from records.ledger import chains
from records.ledger.models import Leaf
from records.sampling.models import ItemReview, Sample, SampleItem
from records.sampling.planning import load
from records.sampling.terms import (
    CLOSED,
    EXPORTED,
    FOUND,
    INCOMPLETE,
    NOT_READ,
    NOT_SIGNED,
    OVER,
    PURPOSE,
    REVIEWED,
    SIGNED,
    UNREADABLE,
)
from records.vault import Context, open_key, seal, unseal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from records.people import Person


class Finding(NamedTuple):
    """`kind` of terms.FINDINGS, `severity` of terms.SEVERITIES, and what the reviewer wrote."""

    kind: str
    severity: str
    note: str


@transaction.atomic
def review(person: Person, sample_id: UUID, position: int, verdict: str, findings: Sequence[Finding]) -> ItemReview:
    """Say what was found in one case, or put it right. Raises Refused: NOT_FOUND, OVER, NOT_READ."""
    sample = load(person, "sample.review", sample_id, lock=True)
    if sample.signed_at is not None:
        raise Refused(OVER)
    item = SampleItem.objects.select_related("grant").filter(sample=sample, position=position).first()
    if item is None:
        raise Refused(NOT_FOUND)
    if verdict != UNREADABLE and not Leaf.objects.filter(chain=item.grant_id, kind=READ).exists():
        raise Refused(NOT_READ)
    said = [(one.kind, one.severity) for one in findings]
    ids = {
        "case": str(item.grant.case_id), "findings": ",".join(f"{kind}:{severity}" for kind, severity in said),
        "position": str(position), "purpose": PURPOSE, "verdict": verdict,
    }  # fmt: skip
    with chains.extend(sample.id) as tail:
        body = seal(
            open_key(sample.key_id), _context(sample, tail.next_seq), msgspec.json.encode([one.note for one in findings])
        )
        leaf = tail.add(REVIEWED, actor=person.id, content=body, ids=ids)
    at = datetime.fromtimestamp(leaf.at / 1000, UTC)
    return ItemReview.objects.create(sample=sample, seq=leaf.seq, item=item, at=at, verdict=verdict, findings=said, body=body)


@transaction.atomic
def sign(person: Person, sample_id: UUID) -> Sample:
    """The reviewer's signature under every verdict. Raises Refused: NOT_FOUND, OVER, INCOMPLETE."""
    sample = load(person, "sample.sign", sample_id, lock=True)
    if sample.signed_at is not None:
        raise Refused(OVER)
    if len(newest(sample)) < sample.size:
        raise Refused(INCOMPLETE)
    sample.signed_at = timezone.now()
    _note(SIGNED, person, sample)
    sample.save(update_fields=["signed_at"])
    return sample


@transaction.atomic
def close(person: Person, sample_id: UUID) -> Sample:
    """The second person's. Raises Refused: NOT_FOUND, NOT_SIGNED, OVER."""
    sample = load(person, "sample.close", sample_id, lock=True)
    if sample.signed_at is None:
        raise Refused(NOT_SIGNED)
    if sample.closed_at is not None:
        raise Refused(OVER)
    sample.closed_by, sample.closed_at = person, timezone.now()
    _note(CLOSED, person, sample)
    sample.save(update_fields=["closed_by", "closed_at"])
    return sample


@transaction.atomic
def exported(person: Person, sample_id: UUID) -> Sample:
    """The sample to be taken along, once that stands in its chain. Raises Refused(NOT_FOUND)."""
    sample = load(person, "sample.export", sample_id)
    _note(EXPORTED, person, sample)
    return sample


def newest(sample: Sample) -> dict[int, ItemReview]:
    """The review that counts of each item that has one, by the item's id."""
    last = ItemReview.objects.filter(sample=sample).values("item").annotate(last=Max("seq")).values("last")
    return {row.item_id: row for row in ItemReview.objects.filter(sample=sample, seq__in=last)}


def findings_of(sample: Sample, row: ItemReview) -> list[Finding]:
    """With their notes. Raises SealBroken, KeyMissing."""
    notes = msgspec.json.decode(unseal(open_key(sample.key_id), _context(sample, row.seq), bytes(row.body)))
    return [Finding(kind, severity, note) for (kind, severity), note in zip(row.findings, notes, strict=True)]


def _note(kind: str, person: Person, sample: Sample) -> None:
    found = sum(row.verdict == FOUND for row in newest(sample).values())
    with chains.extend(sample.id) as tail:
        tail.add(kind, actor=person.id, ids={"found": str(found), "purpose": PURPOSE})


def _context(sample: Sample, seq: int) -> Context:
    return Context(REVIEWED, sample.id, seq, sample.made_by_id, "", "application/json")
