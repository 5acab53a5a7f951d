"""From leaves to entries of the access log. The only writer, called in the transaction that stores the leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

from records.accesslog.kinds import CARE, KINDS, act_of
from records.accesslog.models import AccessEntry
from records.grants import AccessGrant
from records.ledger import chains
from records.ledger.leaves import parse
from records.retention.models import LegalHold, RightsRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from records.ledger.models import Leaf


class About(NamedTuple):
    """What a chain is about, where its leaf does not say it itself."""

    case: UUID | None
    purpose: str | None = None


NOTHING: Final = About(None)
BATCH: Final = 500


def listen() -> None:
    chains.on_stored.append(remember)


def remember(leaves: Sequence[Leaf]) -> None:
    """Enter those of these leaves that are acts of access."""
    logged = [leaf for leaf in leaves if leaf.kind in KINDS]
    if logged:
        AccessEntry.objects.bulk_create(entries_of(logged, abouts(logged)), batch_size=BATCH)


def entries_of(leaves: Iterable[Leaf], known: Mapping[UUID, About]) -> list[AccessEntry]:
    """What stands in the log for these leaves. Pure."""
    return [_entry(leaf, known.get(leaf.chain_id, NOTHING)) for leaf in leaves]


def abouts(leaves: Sequence[Leaf]) -> dict[UUID, About]:
    """What the chains of grants, holds and requests are about. Of one that begins just now there is no row, and its leaf says it."""

    def chains_of(prefix: str) -> list[UUID]:
        return [leaf.chain_id for leaf in leaves if leaf.kind.startswith(prefix)]

    known: dict[UUID, About] = {}
    if ids := chains_of("grant."):
        rows = AccessGrant.objects.filter(chain__in=ids).values_list("chain_id", "case_id", "purpose")
        known |= {chain: About(case, purpose) for chain, case, purpose in rows}
    for prefix, model in (("hold.", LegalHold), ("rights.", RightsRequest)):
        if ids := chains_of(prefix):
            known |= {
                chain: About(case) for chain, case in model.objects.filter(chain__in=ids).values_list("chain_id", "case_id")
            }
    return known


def same(one: AccessEntry, other: AccessEntry) -> bool:
    """Whether two entries say the same of one leaf."""

    def said(entry: AccessEntry) -> tuple[object, ...]:
        return entry.leaf_id, entry.at, entry.act, entry.actor_id, entry.case, entry.purpose

    return said(one) == said(other)


def _entry(leaf: Leaf, about: About) -> AccessEntry:
    said = parse(bytes(leaf.data))
    case = UUID(said.ids["case"]) if "case" in said.ids else about.case
    purpose = said.ids.get("as", CARE) if leaf.kind == "chart.opened" else said.ids.get("purpose") or about.purpose
    act = act_of(leaf.kind, said.ids)
    return AccessEntry(leaf_id=leaf.id, at=said.at, act=act, actor_id=said.actor, case=case, purpose=purpose)
