"""Content that is gone by right: which leaves' ciphertext a tombstone accounts for. The ledger asks before it calls anything missing."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

import msgspec

from records.ledger import contents
from records.ledger.models import Leaf
from records.retention.chain import RETENTION_CHAIN
from records.retention.holds import COLUMNS
from records.retention.models import HoldRefusal, LegalHold, RightsRequest, Tombstone
from records.retention.shredding import SHREDDED
from records.vault.models import Retention

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from records.ledger.contents import Place
    from records.ledger.inspection import LeafRow

# Beginnings of kinds -> class of their content; everything else is dialogue.
CLASSES: Final = (
    (("chart.entry.", "follow_up.", "transcript."), Retention.RECORD),
    (("grant.", "hold.", "rights.", "sample."), Retention.ACCESS),
)


KNOWN: Final = {"maximum", "replay"}  # anything else is the id of what a patient asked for


class Told(NamedTuple):
    """A tombstone: its number, when (ms since epoch), and why: maximum, replay, request."""

    number: int
    at: int
    why: str


def register() -> None:
    contents.register("hold.", _hold_words)
    contents.register("rights.", _rights_words)
    contents.register_destroyed(destroyed)


def class_of(kind: str) -> str:
    """The retention class of a leaf's content."""
    return next((found for begins, found in CLASSES if kind.startswith(begins)), Retention.DIALOGUE)


def destroyed(rows: Sequence[LeafRow]) -> dict[Place, int]:
    """The leaves whose content a tombstone accounts for, and its number. One that its own leaf does not confirm accounts for none."""
    stones = defaultdict(list)
    for stone in _confirmed({UUID(row.chain) for row in rows}):
        stones[stone.scope.hex, stone.retention].append(stone)
    found = {}
    for row in rows:
        for stone in stones.get((row.chain, class_of(row.kind)), ()):
            if row.at <= stone.at and (stone.about is None or str(stone.about).encode() in row.data):
                found[row.chain, row.seq] = stone.seq
    return found


def told(numbers: Collection[int]) -> dict[int, Told]:
    """What these tombstones say."""
    leaves = Leaf.objects.filter(chain=RETENTION_CHAIN, kind=SHREDDED, seq__in=numbers)
    whys = {leaf.seq: msgspec.json.decode(bytes(leaf.data))["ids"]["why"] for leaf in leaves}
    return {leaf.seq: Told(leaf.seq, leaf.at, whys[leaf.seq] if whys[leaf.seq] in KNOWN else "request") for leaf in leaves}


def _confirmed(scopes: set[UUID]) -> list[Tombstone]:
    stones = {stone.seq: stone for stone in Tombstone.objects.filter(scope__in=scopes)}
    leaves = Leaf.objects.filter(chain=RETENTION_CHAIN, kind=SHREDDED, seq__in=stones)
    said = {leaf.seq: msgspec.json.decode(bytes(leaf.data))["ids"] for leaf in leaves}
    return [stone for seq, stone in stones.items() if _says(said.get(seq, {}), stone)]


def _says(ids: dict[str, str], stone: Tombstone) -> bool:
    about = str(stone.about) if stone.about else None
    told = (ids.get("key"), ids.get("scope"), ids.get("class"), ids.get("about"))
    return told == (str(stone.key_id), str(stone.scope), stone.retention, about)


def _hold_words(leaves: Sequence[LeafRow]) -> dict[Place, contents.Stored]:
    """A hold's chain is its own, so each kind of act fills one column of one row; what was asked for and declined stands in rows of its
    own."""
    chains = {UUID(leaf.chain) for leaf in leaves}
    rows = {row.chain_id.hex: row for row in LegalHold.objects.filter(chain__in=chains)}
    found = {
        (leaf.chain, leaf.seq): getattr(rows.get(leaf.chain), COLUMNS[leaf.kind], None)
        for leaf in leaves
        if leaf.kind in COLUMNS
    }
    for refusal in HoldRefusal.objects.filter(hold__in=chains):
        chain = refusal.hold_id.hex
        found |= {(chain, refusal.seq): refusal.why, (chain, refusal.asked_seq): refusal.asked_why}
    return {place: contents.Stored(bytes(words)) for place, words in found.items() if words is not None}


def _rights_words(leaves: Sequence[LeafRow]) -> dict[Place, contents.Stored]:
    rows = RightsRequest.objects.filter(chain__in={UUID(leaf.chain) for leaf in leaves}, reason__isnull=False)
    reasons = {row.chain_id.hex: contents.Stored(bytes(row.reason or b"")) for row in rows}
    return {(leaf.chain, leaf.seq): reasons[leaf.chain] for leaf in leaves if leaf.chain in reasons}
