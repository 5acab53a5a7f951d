"""Whether a leaf may be signed: hashed again, read again, linked to its predecessor. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from records.ledger.leaves import EMPTY_HEAD, VERSION, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Mapping

    from records.ledger.outbox import PendingRow


class LeafBody(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The members of a leaf's canonical JSON (see leaves.py)."""

    actor: str | None
    at: int
    chain: str
    content: str | None
    ids: dict[str, str]
    kind: str
    prev: str
    seq: int
    v: int


class Fault(NamedTuple):
    """A leaf that must not be signed, and why."""

    chain: str
    seq: int
    leaf: int
    reason: str


_decode = msgspec.json.Decoder(LeafBody).decode


def parse(data: bytes) -> LeafBody:
    """Raises ValueError unless `data` is a leaf of a version known here."""
    body = _decode(data)
    if body.v != VERSION:
        raise ValueError("unknown version")
    return body


def fault_of(row: PendingRow, previous: bytes) -> str | None:
    """Return what is wrong with a row whose predecessor's hash is `previous`, or None."""
    if leaf_hash(row.data) != row.hash:
        return "its bytes do not have its hash"
    try:
        body = parse(row.data)
    except ValueError:
        return "its bytes are not a leaf"
    if (body.seq, body.kind, body.at) != (row.seq, row.kind, row.at) or body.chain.replace("-", "") != row.chain:
        return "its columns differ from its bytes"
    if body.prev != previous.hex():
        return "it is not linked to its predecessor"
    return None


class Inspector:
    """Admits the rows of one batch, in order, given the hashes of the predecessors that are in the tree already."""

    def __init__(self, before: Mapping[str, bytes]) -> None:
        self._heads: dict[str, tuple[int | None, bytes]] = {chain: (None, head) for chain, head in before.items()}
        self._refused: set[str] = set()
        self.faults: list[Fault] = []

    def admit(self, row: PendingRow) -> bool:
        """Whether the row may be signed. After the first fault of a chain the rest of the chain is refused too."""
        if row.chain in self._refused:
            return False
        reason = self._fault(row)
        if reason is None:
            self._heads[row.chain] = row.seq, row.hash
            return True
        self._refused.add(row.chain)
        self.faults.append(Fault(row.chain, row.seq, row.id, reason))
        return False

    def _fault(self, row: PendingRow) -> str | None:
        if row.seq == 1 and row.chain not in self._heads:
            return fault_of(row, EMPTY_HEAD)
        last_seq, head = self._heads.get(row.chain, (None, b""))
        if not head or (last_seq is not None and row.seq != last_seq + 1):
            return "its predecessor is not in the tree"
        return fault_of(row, head)
