"""Whether a leaf may stand: hashed again, read again, linked to its predecessor. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from records.ledger.findings import Finding
from records.ledger.leaves import EMPTY_HEAD, is_canonical, leaf_hash, parse_raw

if TYPE_CHECKING:
    from collections.abc import Mapping


class LeafRow(NamedTuple):
    """A leaf as the database holds it. `chain` is the 32 hex digits of its id."""

    id: int
    chain: str
    seq: int
    kind: str
    at: int
    data: bytes
    hash: bytes


def code_of(row: LeafRow, previous: bytes) -> str | None:
    """Return what is wrong with a row whose predecessor's hash is `previous` (a code of findings.py), or None."""
    if leaf_hash(row.data) != row.hash:
        return "leaf.hash"
    try:
        body = parse_raw(row.data)
    except ValueError:
        return "leaf.form"
    if body.seq != row.seq or body.kind != row.kind or body.at != row.at or body.chain != _dashed(row.chain):
        return "leaf.columns"
    if body.prev != previous.hex():
        return "leaf.link"
    return None if is_canonical(row.data, body) else "leaf.form"


@lru_cache(maxsize=4096)
def _dashed(chain: str) -> str:
    return str(UUID(chain))


class Inspector:
    """Admits rows in order, each chain's ascending, given the hashes of predecessors known to be good (by chain)."""

    def __init__(self, before: Mapping[str, bytes] | None = None) -> None:
        # chain -> sequence (None: not known) and hash of its last good leaf
        self.heads: dict[str, tuple[int | None, bytes]] = {chain: (None, head) for chain, head in (before or {}).items()}
        self._refused: set[str] = set()
        self.findings: list[Finding] = []

    def admit(self, row: LeafRow) -> bool:
        """Whether the row stands. After the first fault of a chain the rest of that chain is refused too, silently."""
        if row.chain in self._refused:
            return False
        code = self._code(row)
        if code is None:
            self.heads[row.chain] = row.seq, row.hash
            return True
        self._refused.add(row.chain)
        self.findings.append(Finding(code, row.chain, row.seq, row.id))
        return False

    def _code(self, row: LeafRow) -> str | None:
        last_seq, head = self.heads.get(row.chain, (0, EMPTY_HEAD))
        if last_seq is not None and row.seq != last_seq + 1:
            return "leaf.gap"
        return code_of(row, head)
