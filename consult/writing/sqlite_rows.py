"""The message writer's statements for SQLite.

The driver drops the interpreter's lock at every step of a statement, and has to win it back from the event loop: so there are few
statements, each with one row of result. What goes in and out of them in numbers travels as JSON, which msgspec reads and writes.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import msgspec

from consult.writing.rows import Rows
from consult.writing.stored import CaseRow, Looked, Standing, StoredEvent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consult.writing.stored import End, EventRow, Key, LeafRow, Spoken

WIDTHS: Final = (64, 16, 4, 1)  # rows in one INSERT; few widths, so that each is prepared once
LOOK: Final = """SELECT
  (SELECT json_group_array(json_array(c.id, h.last_seq, hex(h.head), c.patient_id,
      iif(c.kept = '', c.assignee_id, NULL), c.state,
      json(iif(c.needs_reply_since IS NULL, 'false', 'true')), c.rounds - c.rounds_used,
      json(iif(c.until IS NOT NULL AND c.until < ?1, 'true', 'false')), iif(c.kept = '', c.family, NULL)))
    FROM json_each(?2) w CROSS JOIN consult_consultation c ON c.id = w.value AND c.kept <> 'shredded'
    CROSS JOIN records_chain h ON h.id = c.id),
  (SELECT json_group_array(json_array(p.id, r.role, l.expires_on))
    FROM json_each(?3) w CROSS JOIN records_person p ON p.id = w.value AND p.is_active
    CROSS JOIN records_rolegrant r ON r.person_id = p.id LEFT JOIN records_credential l ON l.person_id = p.id),
  (SELECT json_group_array(s.session_key)
    FROM json_each(?4) w CROSS JOIN django_session s ON s.session_key = w.value AND s.expire_date > ?1),
  (SELECT json_group_array(json_array(w.key, e.seq, e.kind, e.at, e.key_id))
    FROM json_each(?5) w CROSS JOIN consult_event e
    ON e.thread_id = w.value ->> 0 AND e.sender_id = w.value ->> 1 AND e.client_id = w.value ->> 2)"""
EVENTS: Final = "INSERT INTO consult_event (thread_id, seq, kind, at, sender_id, client_id, key_id, body) VALUES "
LEAVES: Final = "INSERT INTO records_leaf (chain_id, seq, kind, at, data, hash) VALUES "
# Ids of one transaction have no gaps between them: nobody else writes meanwhile.
PENDING: Final = "INSERT INTO records_pendingleaf (leaf_id) SELECT id FROM records_leaf WHERE id > ? AND id <= ?"
CHAINS: Final = """UPDATE records_chain SET last_seq = e.column2, head = e.column3 FROM (VALUES {}) AS e
  WHERE records_chain.id = e.column1"""
TOUCH: Final = """UPDATE consult_consultation SET last_at = ?1, rounds_used = rounds_used + e.column3,
  needs_reply_since = iif(e.column2, COALESCE(needs_reply_since, ?1), NULL) FROM (VALUES {}) AS e
  WHERE consult_consultation.id = e.column1"""

_write = msgspec.json.Encoder(uuid_format="hex").encode
_threads = msgspec.json.Decoder(list[tuple[UUID, int, str, UUID, UUID | None, str, bool, int | None, bool, str | None]]).decode
_people = msgspec.json.Decoder(list[tuple[UUID, str, date | None]]).decode
_sessions = msgspec.json.Decoder(frozenset[str]).decode
_known = msgspec.json.Decoder(list[tuple[int, int, str, int, UUID]]).decode


class SqliteRows(Rows):
    mark = "?"  # the IMMEDIATE transaction is the lock

    def ident(self, value: UUID) -> str:
        return value.hex

    def _read(self, value: str) -> UUID:
        return UUID(value)

    def _in(self, values: Sequence[UUID]) -> tuple[str, Sequence[Any]]:
        return "IN (SELECT value FROM json_each(?))", [_json(values)]

    def look(self, threads: Sequence[UUID], people: Sequence[UUID], sessions: Sequence[str], keys: Sequence[Key]) -> Looked:
        values = (self.now, _json(threads), _json(people), _json(sessions), _json(keys))
        cases, standing, living, stored = self.raw.execute(LOOK, values).fetchone()
        found = {row[0]: CaseRow(row[0], row[1], bytes.fromhex(row[2]), *row[3:]) for row in _threads(cases)}
        if len(found) < len(threads):
            found |= self._others([id_ for id_ in threads if id_ not in found])
        known = {keys[place]: StoredEvent(seq, kind, at, key) for place, seq, kind, at, key in _known(stored)}
        return Looked(found, _standing(_people(standing)), _sessions(living), known)

    def store(
        self, events: Sequence[EventRow], leaves: Sequence[LeafRow], ends: Sequence[End], spoken: Sequence[Spoken]
    ) -> None:
        self._insert(EVENTS, events)
        last = self._insert(LEAVES, leaves)
        self.raw.execute(PENDING, (last - len(leaves), last))
        self._update(CHAINS, ends)
        self._update(TOUCH, spoken, self.now)

    def _insert(self, head: str, rows: Sequence[Sequence[Any]]) -> int:
        """Return the id of the last row."""
        done, last = 0, 0
        for width in WIDTHS:
            while len(rows) - done >= width:
                values = tuple(chain.from_iterable(rows[done : done + width]))
                last = self.raw.execute(_inserting(head, width, len(rows[0])), values).lastrowid
                done += width
        return last

    def _update(self, statement: str, rows: Sequence[Sequence[Any]], *first: Any) -> None:
        done = 0
        for width in WIDTHS:
            while len(rows) - done >= width:
                values = (*first, *chain.from_iterable(rows[done : done + width]))
                self.raw.execute(_updating(statement, width, len(rows[0]), len(first)), values)
                done += width


def _json(values: Sequence[Any]) -> str:
    return _write(values).decode()


def _standing(rows: Sequence[tuple[UUID, str, date | None]]) -> dict[UUID, Standing]:
    found: dict[UUID, Standing] = {}
    for person, role, licence_ends in rows:
        known = found.get(person)
        found[person] = Standing(known.roles | {role} if known else _only(role), licence_ends)
    return found


@lru_cache
def _only(role: str) -> frozenset[str]:
    return frozenset({role})


@lru_cache
def _inserting(head: str, width: int, columns: int) -> str:
    return head + ",".join([f"({','.join('?' * columns)})"] * width)


@lru_cache
def _updating(statement: str, width: int, columns: int, first: int) -> str:
    """With the marks numbered, because those before them are."""
    marks = iter(range(first + 1, first + 1 + width * columns))
    return statement.format(",".join(f"({','.join(f'?{next(marks)}' for _ in range(columns))})" for _ in range(width)))
