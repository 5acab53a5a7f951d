"""Where the ciphertext of a leaf is kept. Every app registers the kinds it writes; the ledger itself imports none of them.

A loader gets leaves of its kinds and returns, for (chain, seq), exactly the bytes that were given to the ledger as `content`, and
what the row beside them repeats of the leaf.
"""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import UUID

from django.db import connection

from records.ledger.outbox import outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from records.ledger.inspection import LeafRow
    from records.ledger.leaves import RawLeaf

    Place = tuple[str, int]  # chain (32 hex digits), seq
    Loader = Callable[[Sequence[LeafRow]], Mapping[Place, "Stored"]]
    Destroyed = Callable[[Sequence[LeafRow]], Mapping[Place, int]]


class Stored(NamedTuple):
    """A content, and what its row repeats: (member of the leaf or name among its ids, value), ids of rows as 32 hex digits."""

    content: bytes
    said: Sequence[tuple[str, Any]] = ()

    def agrees(self, leaf: RawLeaf) -> bool:
        """Whether the row says nothing else than the leaf."""
        return all(_member(leaf, name) == value for name, value in self.said)


class Table:
    """A loader for contents that are one column of the row that has the leaf's chain and sequence."""

    def __init__(self, name: str, chain: str, seq: str, body: str, said: Mapping[str, str]) -> None:
        self.name, self.chain, self.seq = name, chain, seq
        self._names = tuple(said.values())
        self._columns = ", ".join(f"r.{column}" for column in (chain, seq, body, *said))

    def __call__(self, leaves: Sequence[LeafRow]) -> dict[Place, Stored]:
        pairs = _PAIRS[connection.vendor].format(table=self.name, chain=self.chain, seq=self.seq)
        read_chain, places = outbox().hex, json.dumps([(leaf.chain, leaf.seq) for leaf in leaves])
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {self._columns} FROM {pairs}", [places])  # noqa: S608 - names from code
            return {
                (read_chain(row[0]), row[1]): Stored(bytes(row[2]), [*zip(self._names, map(_plain, row[3:]), strict=True)])
                for row in cursor.fetchall()
            }

    def without_leaf(self, kinds: Sequence[str], most: int) -> list[Place]:
        """Rows that no leaf of these kinds (their beginnings) accounts for: nobody wrote them through the product."""
        known = " OR ".join("l.kind LIKE %s" for _ in kinds)
        statement = f"""SELECT r.{self.chain}, r.{self.seq} FROM {self.name} r WHERE r.{self.seq} IS NOT NULL AND NOT EXISTS
          (SELECT 1 FROM records_leaf l WHERE l.chain_id = r.{self.chain} AND l.seq = r.{self.seq} AND ({known})) LIMIT %s"""  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(statement, [*(f"{kind}%" for kind in kinds), most])
            return [(outbox().hex(chain), seq) for chain, seq in cursor.fetchall()]


IDS: Final = {"actor", "amends"}  # what a leaf writes with hyphens and a row without

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


def from_table(
    table: str, *, chain: str, seq: str = "seq", body: str = "body", said: Mapping[str, str] = MappingProxyType({})
) -> Table:
    """Return a loader for a table. `said`: columns that repeat a member of the leaf, or one of its ids, and must be equal to it."""
    return Table(table, chain, seq, body, said)


def without_leaf(most: int) -> list[Place]:
    """Rows of contents that no leaf accounts for, of every table that was registered; at most so many of each."""
    tables: dict[str, tuple[Table, list[str]]] = {}
    for kind, loader in _loaders.items():
        if isinstance(loader, Table):
            tables.setdefault(loader.name, (loader, []))[1].append(kind)
    return [place for table, kinds in tables.values() for place in table.without_leaf(kinds, most)]


def _plain(value: Any) -> Any:
    """As both databases' drivers could give it."""
    return value.hex if isinstance(value, UUID) else value


def _member(leaf: RawLeaf, name: str) -> Any:
    found = getattr(leaf, name) if name in leaf.__struct_fields__ else leaf.ids.get(name)
    return found.replace("-", "") if found and name in IDS else found
