"""Set-based SQL of the message writer, for SQLite and PostgreSQL. Nothing else in the project writes SQL by hand for speed.

Every method runs inside the writer's transaction on the thread's Django connection, below Django's cursor wrappers: those rewrite each
statement's placeholders, which costs more than the statement. Values go in and come out as UUID, bytes and int on both databases.
"""

from __future__ import annotations

from json import dumps
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db import connection

from consult.stored import CaseRow, CursorRow, StoredEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from consult.stored import EventRow, Key
    from records.ledger.leaves import Linked


_CASES = """SELECT c.id, h.last_seq, h.head, c.patient_id, c.assignee_id, c.state, c.needs_reply_since IS NOT NULL,
  c.rounds - c.rounds_used, c.until IS NOT NULL AND c.until < {}
  FROM consult_consultation c JOIN records_chain h ON h.id = c.id WHERE c.id {} ORDER BY c.id"""
_SIDES = """SELECT s.id, h.last_seq, h.head, c.patient_id, c.assignee_id, c.state
  FROM consult_sidethread s JOIN records_chain h ON h.id = s.id JOIN consult_consultation c ON c.id = s.about_id
  WHERE s.id {} ORDER BY s.id"""
_MEMBERS = "SELECT side_id, person_id FROM consult_sidemember WHERE side_id {}"
_NOTICES = """SELECT n.id, h.last_seq, h.head, n.patient_id FROM consult_noticethread n JOIN records_chain h ON h.id = n.id
  WHERE n.id {} ORDER BY n.id"""
_STANDING = """SELECT p.id, r.role, c.expires_on FROM records_person p JOIN records_rolegrant r ON r.person_id = p.id
  LEFT JOIN records_credential c ON c.person_id = p.id WHERE p.is_active AND p.id {}"""
_SESSIONS = "SELECT session_key FROM django_session WHERE expire_date > {} AND session_key {}"
_CONTENT_BETWEEN = """SELECT 1 FROM consult_event WHERE thread_id = {0} AND seq > {0} AND seq <= {0} AND sender_id <> {0}
  AND kind <> 'receipt.read' LIMIT 1"""

_KNOWN = """SELECT e.thread_id, e.sender_id, e.client_id, e.seq, e.kind, e.at, e.key_id, e.body FROM json_each(?) k
  CROSS JOIN consult_event e ON e.thread_id = k.value ->> 0 AND e.sender_id = k.value ->> 1 AND e.client_id = k.value ->> 2"""


class Rows:
    """The statements, once; what differs between the databases is in the two subclasses."""

    mark: str
    # They end the statements that lock what they read. Of a side thread only its chain is locked: its case may be in another's batch.
    lock = lock_chain = ""

    def __init__(self) -> None:
        connection.ensure_connection()
        self.raw: Any = connection.connection

    def threads(self, ids: Sequence[UUID], now: datetime) -> dict[UUID, CaseRow]:
        """The threads of a batch with their chain ends, locked in the order of their ids: consultations, then the few others."""
        found = {row.id: row for row in self._cases(ids, now)}
        if missing := [id_ for id_ in ids if id_ not in found]:
            found |= {row.id: row for row in self._sides(missing)}
            found |= {row.id: row for row in self._notices(missing)}
        return found

    def _cases(self, ids: Sequence[UUID], now: datetime) -> list[CaseRow]:
        clause, values = self._in([self._uuid(id_) for id_ in ids])
        moment = connection.ops.adapt_datetimefield_value(now)
        read, statement = self._read_uuid, _CASES.format(self.mark, clause) + self.lock
        return [
            CaseRow(read(id_), last, head, read(patient), read(assignee), state, bool(needs), left, bool(over))
            for id_, last, head, patient, assignee, state, needs, left, over in self.raw.execute(statement, [moment, *values])
        ]

    def _sides(self, ids: Sequence[UUID]) -> list[CaseRow]:
        clause, values = self._in([self._uuid(id_) for id_ in ids])
        read = self._read_uuid
        rows = list(self.raw.execute(_SIDES.format(clause) + self.lock_chain, values))
        members: dict[UUID, set[UUID]] = {}
        for side, person in self.raw.execute(_MEMBERS.format(clause), values) if rows else ():
            members.setdefault(read(side), set()).add(read(person))
        return [
            CaseRow(
                read(id_), last, head, read(patient), read(assignee), state, needs_reply=False,
                kind="side", members=frozenset(members.get(read(id_), ())),
            )
            for id_, last, head, patient, assignee, state in rows
        ]  # fmt: skip

    def _notices(self, ids: Sequence[UUID]) -> list[CaseRow]:
        clause, values = self._in([self._uuid(id_) for id_ in ids])
        read = self._read_uuid
        return [
            CaseRow(read(id_), last, head, read(patient), None, "active", needs_reply=False, kind="notices")
            for id_, last, head, patient in self.raw.execute(_NOTICES.format(clause) + self.lock_chain, values)
        ]

    def known(self, keys: Sequence[Key]) -> dict[Key, StoredEvent]:
        """Events already stored under these client ids."""
        raise NotImplementedError

    def add_events(self, events: Sequence[EventRow], leaves: Sequence[tuple[UUID, Linked]]) -> None:
        """Events, their leaves, and the outbox rows of the leaves, in order."""
        raise NotImplementedError

    def move_chains(self, ends: Sequence[tuple[UUID, int, bytes]]) -> None:
        raise NotImplementedError

    def _in(self, values: Sequence[Any]) -> tuple[str, Sequence[Any]]:
        raise NotImplementedError

    def _uuid(self, value: UUID | None) -> Any:
        return value

    def _read_uuid(self, value: Any) -> Any:
        return value

    def standing(self, people: Sequence[UUID]) -> dict[UUID, tuple[frozenset[str], Any]]:
        """Active people: the roles they hold, and when their licence ends (None: they need none)."""
        clause, values = self._in([self._uuid(person) for person in people])
        found: dict[UUID, tuple[frozenset[str], Any]] = {}
        for person, role, expires in self.raw.execute(_STANDING.format(clause), values):
            key = self._read_uuid(person)
            roles = found[key][0] if key in found else frozenset()
            found[key] = (roles | {role}, expires)
        return found

    def sessions(self, keys: Sequence[str], now: datetime) -> set[str]:
        """Which of these sessions still exist."""
        clause, values = self._in(keys)
        moment = connection.ops.adapt_datetimefield_value(now)
        return {key for (key,) in self.raw.execute(_SESSIONS.format(self.mark, clause), [moment, *values])}

    def touch(self, consultations: Iterable[tuple[UUID, bool, int]], now: datetime) -> None:
        """Set the time of the last message; True turns needs-reply on where it was off, False turns it off; add the new rounds."""
        moment = connection.ops.adapt_datetimefield_value(now)
        statement = (
            f"UPDATE consult_consultation SET last_at = {self.mark}, rounds_used = rounds_used + {self.mark}, needs_reply_since = "
            f"CASE WHEN {self.mark} THEN COALESCE(needs_reply_since, {self.mark}) ELSE NULL END WHERE id = {self.mark}"
        )
        rows = [(moment, rounds, waits, moment, self._uuid(id_)) for id_, waits, rounds in consultations]
        self.raw.cursor().executemany(statement, rows)

    def touch_sides(self, sides: Iterable[UUID], now: datetime) -> None:
        """Set the time of the last message of side threads."""
        moment = connection.ops.adapt_datetimefield_value(now)
        statement = f"UPDATE consult_sidethread SET last_at = {self.mark} WHERE id = {self.mark}"
        self.raw.cursor().executemany(statement, [(moment, self._uuid(id_)) for id_ in sides])

    def cursor_of(self, thread: UUID, person: UUID) -> CursorRow:
        found = self.raw.execute(
            f"SELECT delivered, read, delivered_at, read_at FROM consult_cursor WHERE thread_id = {self.mark} AND person_id = {self.mark}",
            (self._uuid(thread), self._uuid(person)),
        ).fetchone()
        return CursorRow(thread, person, *(found or (0, 0, None, None)))

    def put_cursor(self, row: CursorRow) -> None:
        """Insert or move a cursor that was read under the lock of its thread."""
        marks = ", ".join([self.mark] * 6)
        self.raw.execute(
            f"INSERT INTO consult_cursor (thread_id, person_id, delivered, read, delivered_at, read_at) VALUES ({marks}) "
            f"ON CONFLICT (thread_id, person_id) DO UPDATE SET delivered = excluded.delivered, read = excluded.read, "
            f"delivered_at = excluded.delivered_at, read_at = excluded.read_at",
            (self._uuid(row.thread), self._uuid(row.person), *row[2:]),
        )

    def others_wrote(self, thread: UUID, person: UUID, after: int, upto: int) -> bool:
        """Whether somebody else's act stands in (after, upto]: only then is reading it worth a receipt."""
        values = (self._uuid(thread), after, upto, self._uuid(person))
        return self.raw.execute(_CONTENT_BETWEEN.format(self.mark), values).fetchone() is not None


class SqliteRows(Rows):
    mark = "?"  # the IMMEDIATE transaction is the lock
    # SQLite drops the GIL once a statement: few, wide ones; few widths, so that each is prepared once.
    WIDTHS: Final = (64, 16, 4, 1)

    def _uuid(self, value: UUID | None) -> Any:
        return None if value is None else value.hex

    def _read_uuid(self, value: Any) -> Any:
        return None if value is None else UUID(value)

    def _in(self, values: Sequence[Any]) -> tuple[str, Sequence[Any]]:
        return "IN (SELECT value FROM json_each(?))", [dumps(list(values))]

    def known(self, keys: Sequence[Key]) -> dict[Key, StoredEvent]:
        # CROSS JOIN fixes the order: the planner would otherwise read the whole table (3.40 does for a row value IN too).
        values = dumps([(thread.hex, sender.hex, client) for thread, sender, client in keys])
        return {
            (UUID(thread), UUID(sender), client): StoredEvent(seq, kind, at, UUID(key), body)
            for thread, sender, client, seq, kind, at, key, body in self.raw.execute(_KNOWN, (values,))
        }

    def add_events(self, events: Sequence[EventRow], leaves: Sequence[tuple[UUID, Linked]]) -> None:
        self._insert(
            "INSERT INTO consult_event (thread_id, seq, kind, at, sender_id, client_id, key_id, body) VALUES ",
            [(e.thread.hex, e.seq, e.kind, e.at, e.sender.hex, e.client_id, e.key.hex, e.body) for e in events],
        )
        ids = self._insert(
            "INSERT INTO records_leaf (chain_id, seq, kind, at, data, hash) VALUES ",
            [(chain.hex, x.seq, x.kind, x.at, x.data, x.hash) for chain, x in leaves],
            " RETURNING id",
        )
        self._insert("INSERT INTO records_pendingleaf (leaf_id) VALUES ", ids)

    def _insert(self, head: str, rows: Sequence[Sequence[Any]], returning: str = "") -> list[tuple[int]]:
        returned: list[tuple[int]] = []
        done = 0
        one = f"({','.join('?' * len(rows[0]))})"
        for width in self.WIDTHS:
            while len(rows) - done >= width:
                values = [value for row in rows[done : done + width] for value in row]
                found = self.raw.execute(head + ",".join([one] * width) + returning, values)
                if returning:
                    returned.extend(found.fetchall())
                done += width
        return returned

    def move_chains(self, ends: Sequence[tuple[UUID, int, bytes]]) -> None:
        self.raw.executemany(
            "UPDATE records_chain SET last_seq = ?, head = ? WHERE id = ?", [(seq, head, id_.hex) for id_, seq, head in ends]
        )


class PostgresRows(Rows):
    mark = "%s"
    lock, lock_chain = " FOR UPDATE", " FOR UPDATE OF h"

    def _in(self, values: Sequence[Any]) -> tuple[str, Sequence[Any]]:
        return "= ANY(%s)", [list(values)]

    def known(self, keys: Sequence[Key]) -> dict[Key, StoredEvent]:
        threads, senders, clients = (list(part) for part in zip(*keys, strict=True))
        found = self.raw.execute(
            """SELECT e.thread_id, e.sender_id, e.client_id, e.seq, e.kind, e.at, e.key_id, e.body FROM consult_event e
              JOIN unnest(%s::uuid[], %s::uuid[], %s::text[]) k(thread, sender, client)
              ON e.thread_id = k.thread AND e.sender_id = k.sender AND e.client_id = k.client""",
            (threads, senders, clients),
        )
        return {(row[0], row[1], row[2]): StoredEvent(*row[3:]) for row in found}

    def add_events(self, events: Sequence[EventRow], leaves: Sequence[tuple[UUID, Linked]]) -> None:
        self.raw.execute(
            """INSERT INTO consult_event (thread_id, seq, kind, at, sender_id, client_id, key_id, body)
              SELECT * FROM unnest(%b::uuid[], %b::bigint[], %b::text[], %b::bigint[], %b::uuid[], %b::text[], %b::uuid[], %b::bytea[])""",
            [list(column) for column in zip(*events, strict=True)],
        )
        columns = zip(*((chain, x.seq, x.kind, x.at, x.data, x.hash) for chain, x in leaves), strict=True)
        self.raw.execute(
            """WITH added AS (INSERT INTO records_leaf (chain_id, seq, kind, at, data, hash)
                SELECT * FROM unnest(%b::uuid[], %b::bigint[], %b::text[], %b::bigint[], %b::bytea[], %b::bytea[]) RETURNING id)
              INSERT INTO records_pendingleaf (leaf_id) SELECT id FROM added""",
            [list(column) for column in columns],
        )

    def move_chains(self, ends: Sequence[tuple[UUID, int, bytes]]) -> None:
        self.raw.execute(
            """UPDATE records_chain c SET last_seq = e.seq, head = e.head
              FROM unnest(%b::uuid[], %b::bigint[], %b::bytea[]) e(id, seq, head) WHERE c.id = e.id""",
            [list(column) for column in zip(*ends, strict=True)],
        )


_BY_VENDOR: Final[dict[str, Callable[[], Rows]]] = {"sqlite": SqliteRows, "postgresql": PostgresRows}


def rows() -> Rows:
    """The statements for the thread's connection. Raises KeyError for a database we do not support."""
    return _BY_VENDOR[connection.vendor]()
