"""The sequencer's statements: set-based SQL for SQLite and PostgreSQL, a fixed number of them whatever the batch holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db import connection

from records.ledger.inspection import LeafRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from records.ledger.tree import FullTile

SEQUENCER_LOCK: Final = 0x58514C4544  # pg_advisory_xact_lock key: "XQLED"


_LEAF: Final = "l.id, l.chain_id, l.seq, l.kind, l.at, l.data, l.hash"


class Outbox:
    """What both databases share; the two subclasses differ in how they take arrays.

    Every leaf is looked up by its id or its (chain, seq). A plain join may be planned as a merge that reads the ledger from its beginning.
    """

    pending_sql: str
    pending_where: str
    before_sql: str
    place_sql: str
    clear_sql: str

    def try_lock(self) -> bool:
        """Become the one sequencer until the transaction ends. SQLite: the write transaction is that already."""
        return True

    def pending(self, limit: int, without: Collection[str]) -> list[LeafRow]:
        """The oldest waiting leaves, except those of some chains."""
        where, values = (self.pending_where, [self.array(without)]) if without else ("", [])
        rows = self._all(self.pending_sql.format(leaf=_LEAF, where=where), [*values, limit])
        return [LeafRow(row[0], self.hex(row[1]), row[2], row[3], row[4], bytes(row[5]), bytes(row[6])) for row in rows]

    def sequenced_before(self, firsts: Sequence[tuple[str, int]]) -> dict[str, bytes]:
        """For (chain, seq): the hash of leaf seq-1 of that chain, where that leaf has its place in the tree."""
        rows = self._all(self.before_sql, [self.pairs(firsts)]) if firsts else []
        return {self.hex(row[0]): bytes(row[1]) for row in rows}

    def place(self, first_index: int, leaf_ids: Sequence[int]) -> None:
        """Give the leaves consecutive places from `first_index` on, and take them out of the outbox."""
        ids = self.array(leaf_ids)
        with connection.cursor() as cursor:
            cursor.execute(self.place_sql, [first_index, ids])
            cursor.execute(self.clear_sql, [ids])
            if cursor.rowcount != len(leaf_ids):
                raise RuntimeError("the outbox changed under the sequencer")

    def add_tiles(self, tiles: Iterable[FullTile]) -> None:
        with connection.cursor() as cursor:
            cursor.executemany('INSERT INTO records_tile (level, "index", hashes, root) VALUES (%s, %s, %s, %s)', list(tiles))

    def add_checkpoint(self, size: int, root: bytes, note: str, at: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO records_checkpoint (size, root, note, at) VALUES (%s, %s, %s, %s)", [size, root, note, at]
            )

    def array(self, values: Collection[Any]) -> Any:
        raise NotImplementedError

    def pairs(self, values: Sequence[tuple[str, int]]) -> Any:
        raise NotImplementedError

    def hex(self, value: Any) -> str:
        raise NotImplementedError

    @staticmethod
    def _all(sql: str, values: Sequence[Any]) -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            rows: list[Any] = cursor.fetchall()
        return rows


class SqliteOutbox(Outbox):
    """Arrays travel as JSON; ids of chains are stored as 32 hex digits."""

    # Here CROSS JOIN says which table comes first.
    pending_sql = """SELECT {leaf} FROM records_pendingleaf p CROSS JOIN records_leaf l ON l.id = p.leaf_id {where}
      ORDER BY p.leaf_id LIMIT %s"""
    pending_where = "AND l.chain_id NOT IN (SELECT value FROM json_each(%s))"
    before_sql = """SELECT l.chain_id, l.hash FROM json_each(%s) j
      CROSS JOIN records_leaf l ON l.chain_id = j.value ->> 0 AND l.seq = (j.value ->> 1) - 1
      CROSS JOIN records_treeentry t ON t.leaf_id = l.id"""
    place_sql = 'INSERT INTO records_treeentry ("index", leaf_id) SELECT key + %s, value FROM json_each(%s)'
    clear_sql = "DELETE FROM records_pendingleaf WHERE leaf_id IN (SELECT value FROM json_each(%s))"

    def array(self, values: Collection[Any]) -> str:
        return json.dumps(list(values))

    def pairs(self, values: Sequence[tuple[str, int]]) -> str:
        return json.dumps(values)

    def hex(self, value: str) -> str:
        return value


class PostgresqlOutbox(Outbox):
    # Here OFFSET 0 keeps a lateral look from becoming a join.
    pending_sql = """SELECT l.* FROM records_pendingleaf p CROSS JOIN LATERAL
      (SELECT {leaf} FROM records_leaf l WHERE l.id = p.leaf_id {where} OFFSET 0) l ORDER BY p.leaf_id LIMIT %s"""
    pending_where = "AND l.chain_id <> ALL (%s::uuid[])"
    before_sql = """SELECT l.chain_id, l.hash FROM jsonb_array_elements(%s::jsonb) j CROSS JOIN LATERAL
      (SELECT l.id, l.chain_id, l.hash FROM records_leaf l WHERE l.chain_id = (j ->> 0)::uuid AND l.seq = (j ->> 1)::bigint - 1
      OFFSET 0) l CROSS JOIN LATERAL (SELECT FROM records_treeentry t WHERE t.leaf_id = l.id OFFSET 0) placed"""
    place_sql = """INSERT INTO records_treeentry ("index", leaf_id)
      SELECT n - 1 + %s, id FROM unnest(%s::bigint[]) WITH ORDINALITY AS leaf (id, n)"""
    clear_sql = "DELETE FROM records_pendingleaf WHERE leaf_id = ANY (%s::bigint[])"

    def try_lock(self) -> bool:
        return bool(self._all("SELECT pg_try_advisory_xact_lock(%s)", [SEQUENCER_LOCK])[0][0])

    def array(self, values: Collection[Any]) -> list[Any]:
        return list(values)

    def pairs(self, values: Sequence[tuple[str, int]]) -> str:
        return json.dumps(values)

    def hex(self, value: UUID) -> str:
        return value.hex


def outbox() -> Outbox:
    return PostgresqlOutbox() if connection.vendor == "postgresql" else SqliteOutbox()
