"""Set-based SQL of the message writer. Only this module and the one of each database write SQL by hand for a message's sake.

Every method runs inside the writer's transaction on the thread's Django connection, below Django's cursor wrappers: those rewrite each
statement's placeholders, which costs more than the statement. Values come out as UUID, bytes and int on both databases.
"""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Final

from django.db import connection

from consult.writing.stored import CaseRow, CursorRow, Looked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from consult.writing.stored import End, EventRow, Key, LeafRow, Spoken

SIDES: Final = """SELECT s.id, h.last_seq, h.head, c.patient_id, c.assignee_id, c.state
  FROM consult_sidethread s JOIN records_chain h ON h.id = s.id JOIN consult_consultation c ON c.id = s.about_id
  WHERE s.id {} AND c.kept = '' ORDER BY s.id"""
MEMBERS: Final = "SELECT side_id, person_id FROM consult_sidemember WHERE side_id {}"
NOTICES: Final = """SELECT n.id, h.last_seq, h.head, n.patient_id FROM consult_noticethread n JOIN records_chain h ON h.id = n.id
  WHERE n.id {} ORDER BY n.id"""
CURSOR: Final = "SELECT delivered, read, delivered_at, read_at FROM consult_cursor WHERE thread_id = {0} AND person_id = {0}"
PUT_CURSOR: Final = """INSERT INTO consult_cursor (thread_id, person_id, delivered, read, delivered_at, read_at)
  VALUES ({0}, {0}, {0}, {0}, {0}, {0}) ON CONFLICT (thread_id, person_id) DO UPDATE SET delivered = excluded.delivered,
  read = excluded.read, delivered_at = excluded.delivered_at, read_at = excluded.read_at"""
CONTENT_BETWEEN: Final = """SELECT 1 FROM consult_event WHERE thread_id = {0} AND seq > {0} AND seq <= {0} AND sender_id <> {0}
  AND kind <> 'receipt.read' LIMIT 1"""
BODY: Final = "SELECT body FROM consult_event WHERE thread_id = {0} AND seq = {0}"
TOUCH_SIDE: Final = "UPDATE consult_sidethread SET last_at = {0} WHERE id = {0}"


class Rows:
    """The statements, once; what differs between the databases is in the two subclasses."""

    mark: str
    # Ends the statements that lock what they read. Of a side thread only its chain is locked: its case may be in another's batch.
    lock_chain = ""

    def __init__(self, now: datetime) -> None:
        connection.ensure_connection()
        self.raw: Any = connection.connection
        self.now: Any = connection.ops.adapt_datetimefield_value(now)

    def look(self, threads: Sequence[UUID], people: Sequence[UUID], sessions: Sequence[str], keys: Sequence[Key]) -> Looked:
        """What there is to these ids, the threads locked until commit in the order of their ids."""
        raise NotImplementedError

    def store(
        self, events: Sequence[EventRow], leaves: Sequence[LeafRow], ends: Sequence[End], spoken: Sequence[Spoken]
    ) -> None:
        """Add events, their leaves, and the outbox rows of the leaves, in order, and move the ends of their chains. In `spoken`
        consultations set the time of the last message; True turns needs-reply on where it was off, False turns it off; add the rounds."""
        raise NotImplementedError

    def ident(self, value: UUID) -> Any:
        """An id as the driver takes it."""
        raise NotImplementedError

    def _read(self, value: Any) -> UUID:
        raise NotImplementedError

    def _in(self, values: Sequence[UUID]) -> tuple[str, Sequence[Any]]:
        raise NotImplementedError

    def _others(self, ids: Sequence[UUID]) -> dict[UUID, CaseRow]:
        """Threads that are no consultations: few, so they have statements of their own."""
        return {row.id: row for row in (*self._sides(ids), *self._notices(ids))} if ids else {}

    def _sides(self, ids: Sequence[UUID]) -> list[CaseRow]:
        clause, values = self._in(ids)
        read = self._read
        rows = list(self.raw.execute(SIDES.format(clause) + self.lock_chain, values))
        members: dict[UUID, set[UUID]] = {}
        for side, person in self.raw.execute(MEMBERS.format(clause), values) if rows else ():
            members.setdefault(read(side), set()).add(read(person))
        return [
            CaseRow(
                read(id_), last, head, read(patient), None if assignee is None else read(assignee), state, needs_reply=False,
                kind="side", members=frozenset(members.get(read(id_), ())),
            )
            for id_, last, head, patient, assignee, state in rows
        ]  # fmt: skip

    def _notices(self, ids: Sequence[UUID]) -> list[CaseRow]:
        clause, values = self._in(ids)
        read = self._read
        return [
            CaseRow(read(id_), last, head, read(patient), None, "active", needs_reply=False, kind="notices")
            for id_, last, head, patient in self.raw.execute(NOTICES.format(clause) + self.lock_chain, values)
        ]

    def body(self, thread: UUID, seq: int) -> bytes:
        """The sealed body of a stored event."""
        return bytes(self.raw.execute(BODY.format(self.mark), (self.ident(thread), seq)).fetchone()[0])

    def touch_sides(self, sides: Sequence[Any]) -> None:
        """Set the time of the last message of side threads."""
        self.raw.cursor().executemany(TOUCH_SIDE.format(self.mark), [(self.now, id_) for id_ in sides])

    def cursor_of(self, thread: UUID, person: UUID) -> CursorRow:
        found = self.raw.execute(CURSOR.format(self.mark), (self.ident(thread), self.ident(person))).fetchone()
        return CursorRow(thread, person, *(found or (0, 0, None, None)))

    def put_cursor(self, row: CursorRow) -> None:
        """Insert or move a cursor that was read under the lock of its thread."""
        self.raw.execute(PUT_CURSOR.format(self.mark), (self.ident(row.thread), self.ident(row.person), *row[2:]))

    def others_wrote(self, thread: UUID, person: UUID, after: int, upto: int) -> bool:
        """Whether somebody else's act stands in (after, upto]: only then is reading it worth a receipt."""
        values = (self.ident(thread), after, upto, self.ident(person))
        return self.raw.execute(CONTENT_BETWEEN.format(self.mark), values).fetchone() is not None


@contextmanager
def bare_transaction() -> Iterator[None]:
    """A transaction without Django's bookkeeping, which costs more than the statements of a small batch.

    Nothing inside may use `transaction.on_commit`. A failure rolls back. On PostgreSQL all of it is one pipeline: BEGIN leaves with the
    first look, and COMMIT with what is stored; its end waits for the commit and raises what failed before it.
    """
    connection.ensure_connection()
    raw: Any = connection.connection
    sqlite = connection.vendor == "sqlite"
    try:
        with nullcontext() if sqlite else raw.pipeline():
            raw.execute("BEGIN IMMEDIATE" if sqlite else "BEGIN")
            yield
            raw.execute("COMMIT")
    except BaseException:
        try:
            raw.execute("ROLLBACK")
        except Exception:  # noqa: BLE001 - lost, or rolled back already: a new connection knows where it stands
            connection.close()
        raise
