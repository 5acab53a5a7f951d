"""Where the ciphertext of a leaf is kept. Every app registers the kinds it writes; the ledger itself imports none of them.

A loader gets leaves of its kinds and returns, for (chain, seq), exactly the bytes that were given to the ledger as `content`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from django.db import connection

from records.ledger.outbox import outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from records.ledger.inspection import LeafRow

    Place = tuple[str, int]  # chain (32 hex digits), seq
    Loader = Callable[[Sequence[LeafRow]], Mapping[Place, bytes]]
    Destroyed = Callable[[Sequence[LeafRow]], Mapping[Place, int]]

_loaders: Final[dict[str, Loader]] = {}

_destroyed: Final[list[Destroyed]] = []

_PAIRS: Final = {
    "sqlite": "json_each(%s) j JOIN {table} r ON r.{chain} = j.value ->> 0 AND r.{seq} = j.value ->> 1",
    "postgresql": """jsonb_array_elements(%s::jsonb) j
      JOIN {table} r ON r.{chain} = (j ->> 0)::uuid AND r.{seq} = (j ->> 1)::bigint""",
}


def register(kind_prefix: str, loader: Loader) -> None:
    """Say where the contents of leaves are whose kind begins with `kind_prefix`; the longest prefix wins."""
    _loaders[kind_prefix] = loader


def register_destroyed(ask: Destroyed) -> None:
    """Say who knows which contents were destroyed by right: (chain, seq) -> number of the tombstone that accounts for it."""
    _destroyed.append(ask)


def destroyed(leaves: Sequence[LeafRow]) -> dict[Place, int]:
    """Of these leaves, those whose content a tombstone accounts for."""
    return {place: number for ask in _destroyed if leaves for place, number in ask(leaves).items()}


def loader_of(kind: str) -> Loader | None:
    prefix = max((prefix for prefix in _loaders if kind.startswith(prefix)), key=len, default=None)
    return None if prefix is None else _loaders[prefix]


def from_table(table: str, *, chain: str, seq: str = "seq", body: str = "body") -> Loader:
    """Return a loader for contents that are one column of the row that has the leaf's chain and sequence."""

    def load(leaves: Sequence[LeafRow]) -> dict[Place, bytes]:
        pairs = _PAIRS[connection.vendor].format(table=table, chain=chain, seq=seq)
        read_chain, places = outbox().hex, json.dumps([(leaf.chain, leaf.seq) for leaf in leaves])
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT r.{chain}, r.{seq}, r.{body} FROM {pairs}", [places])  # noqa: S608 - names from code
            return {(read_chain(row[0]), row[1]): bytes(row[2]) for row in cursor.fetchall()}

    return load
