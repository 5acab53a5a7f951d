"""Drawing a sample, and asking to read exactly what was drawn."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
from django.db import transaction

from records import grants
from records.access import require
from records.errors import NOT_FOUND, Refused
from records.ledger import chains
from records.ledger.leaves import leaf_hash
from records.ledger.models import Chain, Leaf
from records.people import Role
from records.sampling.draw import draw, listed, read
from records.sampling.models import Sample, SampleItem
from records.sampling.terms import CONTENT, DRAWN, MAX_SIZE, PURPOSE, TOO_FEW
from records.vault import Retention, data_key

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

    from records.people import Person


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall be drawn. `seed` None: made here. `hours`: how long the cases may be read once that is agreed to."""

    since: date
    until: date
    size: int
    hours: int
    department: UUID | None = None
    seed: str | None = None


@transaction.atomic
def plan(person: Person, wish: Wish, population: Collection[UUID], reason: str) -> Sample:
    """Draw, and ask for the drawn cases. Raises Refused: NOT_FOUND, TOO_FEW."""
    require(person, "sample.plan")
    seed = wish.seed or secrets.token_hex(16)
    if len(set(population)) < wish.size:
        raise Refused(TOO_FEW)
    drawn = draw(population, wish.size, seed)
    terms = grants.Terms(CONTENT, PURPOSE, wish.hours)
    asked = grants.request_each(person, drawn, reason, terms, most=MAX_SIZE)
    chain, named = Chain.objects.create(kind=Chain.Kind.SAMPLING), listed(population)
    sample = Sample(
        chain=chain, request=asked[0].id, made_by=person, department_id=wish.department, since=wish.since, until=wish.until,
        size=wish.size, seed=seed, seed_given=wish.seed is not None, population=named,
        key_id=data_key(chain.id, Retention.ACCESS).id,
    )  # fmt: skip
    with chains.extend(chain.id) as tail:
        tail.add(DRAWN, actor=person.id, content=named, ids=_said(sample, drawn))
    sample.save(force_insert=True)
    SampleItem.objects.bulk_create(
        SampleItem(sample=sample, position=place, grant=grant) for place, grant in enumerate(asked, 1)
    )
    return sample


def redrawn(sample: Sample) -> bool:
    """Whether the draw, done again from the stored population and seed, gives the cases of the sample, and is the one in the ledger."""
    held = list(sample.items.order_by("position").values_list("grant__case_id", flat=True))
    population = bytes(sample.population)
    again = draw(read(population), sample.size, sample.seed) if len(read(population)) >= sample.size else []
    leaf = Leaf.objects.filter(chain=sample.id, kind=DRAWN).first()
    if leaf is None or leaf_hash(bytes(leaf.data)) != bytes(leaf.hash):
        return False
    said = msgspec.json.decode(bytes(leaf.data))
    content = hashlib.sha256(population).hexdigest()
    return again == held and (said["content"], said["ids"]) == (content, _said(sample, held))


def load(person: Person, action: str, sample_id: UUID, *, lock: bool = False) -> Sample:
    """The sample for this act, or Refused(NOT_FOUND). `lock`: until commit."""
    rows = Sample.objects.select_for_update(of=("self",)) if lock else Sample.objects.all()
    sample = rows.select_related("made_by").filter(chain_id=sample_id).first()
    if sample is None:
        raise Refused(NOT_FOUND)
    require(person, action, sample)
    return sample


def visible(person: Person) -> QuerySet[Sample]:
    """One's own samples, and for an approver everybody's; newest first."""
    require(person, "sample.list")
    rows = Sample.objects.select_related("made_by", "closed_by", "department").order_by("-made_at", "chain_id")
    return rows if Role.APPROVER in person.role_set else rows.filter(made_by=person)


def _said(sample: Sample, drawn: Collection[UUID]) -> dict[str, str]:
    """The plan in the words of its leaf; `drawn` is the hash of the drawn cases in their order."""
    return {
        "department": str(sample.department_id or ""),
        "drawn": hashlib.sha256("".join(f"{case}\n" for case in drawn).encode()).hexdigest(),
        "purpose": PURPOSE,
        "request": str(sample.request),
        "seed": sample.seed,
        "seed_by": "person" if sample.seed_given else "server",
        "since": sample.since.isoformat(),
        "size": str(sample.size),
        "until": sample.until.isoformat(),
    }
