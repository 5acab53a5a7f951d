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
from django.db.models import Q

from records import grants
from records.access import loaded, require
from records.errors import Refused
from records.ledger import chains
from records.ledger.leaves import leaf_hash
from records.ledger.models import Chain, Leaf
from records.people import Person, Role
from records.sampling.draw import draw, listed, read
from records.sampling.models import RaterReading, Sample, SampleItem
from records.sampling.terms import CONTENT, DRAWN, JOINED, JOINED_ALREADY, MAX_SIZE, NOT_FIT, NOT_JOINED, PURPOSE, TOO_FEW
from records.vault import Retention, data_key

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall be drawn. `seed` None: made here. `hours`: how long the cases may be read once that is agreed to.
    `rater`: who grades every case too, without seeing what the first one found."""

    since: date
    until: date
    size: int
    hours: int
    department: UUID | None = None
    seed: str | None = None
    rater: UUID | None = None


@transaction.atomic
def plan(person: Person, wish: Wish, population: Collection[UUID], reason: str) -> Sample:
    """Draw, and ask for the drawn cases. Raises Refused: NOT_FOUND, TOO_FEW, NOT_FIT."""
    require(person, "sample.plan")
    if wish.rater is not None and not raters_for(person).filter(id=wish.rater).exists():
        raise Refused(NOT_FIT)
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
        key_id=data_key(chain.id, Retention.ACCESS).id, rater_id=wish.rater,
    )  # fmt: skip
    with chains.extend(chain.id) as tail:
        tail.add(DRAWN, actor=person.id, content=named, ids=_said(sample, drawn))
    sample.save(force_insert=True)
    SampleItem.objects.bulk_create(
        SampleItem(sample=sample, position=place, grant=grant) for place, grant in enumerate(asked, 1)
    )
    return sample


def raters_for(person: Person) -> QuerySet[Person]:
    """Who may be asked to grade one's sample independently."""
    require(person, "sample.plan")
    return Person.objects.filter(is_active=True, roles__role=Role.OFFICER).exclude(id=person.id).order_by("login")


@transaction.atomic
def join(person: Person, sample_id: UUID) -> Sample:
    """Take part as the second rater: ask, in one's own name, for the same cases. Raises Refused: NOT_FOUND, JOINED_ALREADY."""
    sample = load(person, "sample.join", sample_id, lock=True)
    if sample.rater_request is not None:
        raise Refused(JOINED_ALREADY)
    items = list(sample.items.select_related("grant").order_by("position"))
    terms = grants.Terms(CONTENT, PURPOSE, items[0].grant.hours)
    reason = grants.words(grants.AccessGrant.objects.get(chain=sample.request), "reason") or ""
    asked = grants.request_each(person, [item.grant.case_id for item in items], reason, terms, most=MAX_SIZE)
    RaterReading.objects.bulk_create(RaterReading(item=item, grant=grant) for item, grant in zip(items, asked, strict=True))
    sample.rater_request = asked[0].id
    with chains.extend(sample.id) as tail:
        tail.add(JOINED, actor=person.id, ids={"purpose": PURPOSE, "request": str(sample.rater_request)})
    sample.save(update_fields=["rater_request"])
    return sample


@transaction.atomic
def decide(person: Person, sample_id: UUID, *, approve: bool, reason: str) -> Sample:
    """All of the sample, for every rater, or nothing. Raises Refused: NOT_FOUND, NOT_JOINED, and what a decision does."""
    sample = load(person, "sample.decide", sample_id, lock=True)
    if approve and sample.rater_id is not None and sample.rater_request is None:
        raise Refused(NOT_JOINED)
    for request in (sample.request, sample.rater_request):
        if request is not None:
            grants.decide(person, request, approve=approve, reason=reason, sampled=True)
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
    return loaded(person, action, rows.select_related("made_by").filter(chain_id=sample_id).first())


def visible(person: Person) -> QuerySet[Sample]:
    """Samples that one made or grades, and for an approver everybody's; newest first."""
    require(person, "sample.list")
    rows = Sample.objects.select_related("made_by", "closed_by", "department").order_by("-made_at", "chain_id")
    return rows if Role.APPROVER in person.role_set else rows.filter(Q(made_by=person) | Q(rater=person))


def _said(sample: Sample, drawn: Collection[UUID]) -> dict[str, str]:
    """The plan in the words of its leaf; `drawn` is the hash of the drawn cases in their order."""
    rater = {"rater": str(sample.rater_id)} if sample.rater_id else {}
    return {
        **rater,
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
