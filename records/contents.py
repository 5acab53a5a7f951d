"""Where the ciphertexts of this app's leaves are kept, for the ledger's audit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from records.accesslog.kinds import SETTLED, SIGNED
from records.grants import AGREED, DECIDED, REQUESTED, REVOKED, AccessGrant
from records.grants.terms import ANSWERED, BOOKMARKED, BROKEN, COMMENTED, NOTED, READ, RETURNED, REVIEWED
from records.ledger import contents
from records.outcomes import REPORTED
from records.sampling.terms import CONFIRMED, DRAWN, RESOLVED
from records.sampling.terms import REVIEWED as REVIEWED_SAMPLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from records.ledger.contents import Place
    from records.ledger.inspection import LeafRow

COLUMNS: Final = {
    REQUESTED: "reason", AGREED: "first_decision", DECIDED: "decision", REVOKED: "revocation", BROKEN: "reason", REVIEWED: "review",
}  # fmt: skip
# Columns of an entry that repeat its leaf.
ENTRY: Final = {"kind": "type", "at": "at", "author_id": "actor", "client_id": "client", "amends_id": "amends"}


def register() -> None:
    contents.register("chart.", contents.from_table("records_chartentry", chain="chart_id", said=ENTRY))
    contents.register("follow_up.", contents.from_table("records_followup", chain="chart_id", body="title"))
    contents.register(REPORTED, contents.from_table("records_calloutcome", chain="chart_id"))
    contents.register("grant.", _grant_words)
    contents.register(DRAWN, contents.from_table("records_sample", chain="id", body="population"))
    contents.register(REVIEWED_SAMPLE, contents.from_table("records_itemreview", chain="sample_id"))
    for kind in (RESOLVED, CONFIRMED):
        contents.register(kind, contents.from_table("records_itemresolution", chain="sample_id"))
    contents.register(SETTLED, contents.from_table("records_hintnote", chain="review_id"))
    contents.register(SIGNED, contents.from_table("records_accessreview", chain="id", seq="signed_seq", body="note"))
    for kind in (RETURNED, ANSWERED, COMMENTED):
        contents.register(kind, contents.from_table("records_grantnote", chain="grant_id"))
    for kind in (READ, NOTED, BOOKMARKED):
        contents.register(kind, contents.from_table("records_readingnote", chain="grant_id"))


def _grant_words(leaves: Sequence[LeafRow]) -> dict[Place, contents.Stored]:
    """A grant's chain is its own, so each kind of act fills one column of one row."""
    ids = {UUID(leaf.chain) for leaf in leaves}
    grants = {grant.chain_id.hex: grant for grant in AccessGrant.objects.filter(chain_id__in=ids)}
    found = {(leaf.chain, leaf.seq): getattr(grants.get(leaf.chain), COLUMNS[leaf.kind], None) for leaf in leaves}
    return {place: contents.Stored(bytes(words)) for place, words in found.items() if words is not None}
