"""The message writer's statements for PostgreSQL: arrays in, prepared, and sent without waiting for the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from psycopg import Cursor

from consult.writing.postgresql_arrays import adopt, bigints, blobs, flags, ints, texts, uuids
from consult.writing.rows import Rows
from consult.writing.stored import CaseRow, Looked, Standing, StoredEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from uuid import UUID

    from consult.writing.postgresql_arrays import Packed
    from consult.writing.stored import End, EventRow, Key, LeafRow, Spoken

CASES: Final = """SELECT c.id, h.last_seq, h.head, c.patient_id, CASE WHEN c.kept = '' THEN c.assignee_id END, c.state,
  c.needs_reply_since IS NOT NULL, c.rounds - c.rounds_used, c.until IS NOT NULL AND c.until < %s,
  CASE WHEN c.kept = '' THEN c.family END
  FROM consult_consultation c JOIN records_chain h ON h.id = c.id
  WHERE c.id = ANY(%s::uuid[]) AND c.kept <> 'shredded' ORDER BY c.id FOR UPDATE"""
STANDING: Final = """SELECT p.id, r.role, c.expires_on FROM records_person p JOIN records_rolegrant r ON r.person_id = p.id
  LEFT JOIN records_credential c ON c.person_id = p.id WHERE p.is_active AND p.id = ANY(%s::uuid[])"""
SESSIONS: Final = "SELECT session_key FROM django_session WHERE expire_date > %s AND session_key = ANY(%s::text[])"
# One lookup a key: as a join it might be planned to read the whole table.
KNOWN: Final = """SELECT e.* FROM unnest(%s::uuid[], %s::uuid[], %s::text[]) k(thread, sender, client) CROSS JOIN LATERAL
  (SELECT thread_id, sender_id, client_id, seq, kind, at, key_id FROM consult_event
  WHERE thread_id = k.thread AND sender_id = k.sender AND client_id = k.client OFFSET 0) e"""
# One statement for all that a batch stores: each further one costs as much as a small batch's rows. Foreign keys are looked at on commit.
STORE: Final = """WITH
  event AS (INSERT INTO consult_event (thread_id, seq, kind, at, sender_id, client_id, key_id, body)
    SELECT * FROM unnest(%b::uuid[], %b::bigint[], %b::text[], %b::bigint[], %b::uuid[], %b::text[], %b::uuid[], %b::bytea[])),
  leaf AS (INSERT INTO records_leaf (chain_id, seq, kind, at, data, hash)
    SELECT * FROM unnest(%b::uuid[], %b::bigint[], %b::text[], %b::bigint[], %b::bytea[], %b::bytea[]) RETURNING id),
  pending AS (INSERT INTO records_pendingleaf (leaf_id) SELECT id FROM leaf),
  chain AS (UPDATE records_chain c SET last_seq = e.seq, head = e.head
    FROM unnest(%b::uuid[], %b::bigint[], %b::bytea[]) e(id, seq, head) WHERE c.id = e.id)
  UPDATE consult_consultation c SET last_at = %b, rounds_used = rounds_used + e.rounds,
    needs_reply_since = CASE WHEN e.waits THEN COALESCE(needs_reply_since, %b) END
    FROM unnest(%b::uuid[], %b::bool[], %b::int[]) e(id, waits, rounds) WHERE c.id = e.id"""


# What packs each column, as the rows of `consult.writing.stored` have them.
EVENT: Final = (uuids, bigints, texts, bigints, uuids, texts, uuids, blobs)
LEAF: Final = (uuids, bigints, texts, bigints, blobs, blobs)
END: Final = (uuids, bigints, blobs)
SPOKEN: Final = (uuids, flags, ints)
NEVER_UNASKED: Final = 2**31  # runs of a statement after which psycopg would prepare it by itself


class PostgresqlRows(Rows):
    mark = "%s"
    lock_chain = " FOR UPDATE OF h"

    def ident(self, value: UUID) -> UUID:
        return value

    def _read(self, value: UUID) -> UUID:
        return value

    def _in(self, values: Sequence[UUID]) -> tuple[str, Sequence[Any]]:
        return "= ANY(%s)", [list(values)]

    def _run(self, statement: str, values: Sequence[Any]) -> Any:
        """Parsed and planned once a connection: that costs more than running it. Inside a pipeline nothing is waited for before a fetch."""
        # Django binds values on its side and turns prepared statements off, even those asked for; the threshold leaves its own as they are.
        self.raw.prepare_threshold = NEVER_UNASKED
        adopt(self.raw)
        return Cursor(self.raw).execute(statement, values, prepare=True, binary=True)

    def look(self, threads: Sequence[UUID], people: Sequence[UUID], sessions: Sequence[str], keys: Sequence[Key]) -> Looked:
        # The lock comes first: each later statement sees what others committed while we waited for it.
        cases = self._run(CASES, (self.now, uuids(threads)))
        standing = self._run(STANDING, (uuids(people),))
        living = self._run(SESSIONS, (self.now, texts(sessions)))
        stored = self._known(keys)
        found = {row[0]: CaseRow(*row) for row in cases}
        if len(found) < len(threads):
            found |= self._others([id_ for id_ in threads if id_ not in found])
            # Those locks were taken after the looks: look again at what may have changed.
            stored = self._known(keys)
        known = {(row[0], row[1], row[2]): StoredEvent(*row[3:]) for row in stored}
        return Looked(found, _standing(standing), frozenset(key for (key,) in living), known)

    def _known(self, keys: Sequence[Key]) -> Any:
        if not keys:
            return ()
        threads, senders, clients = zip(*keys, strict=True)
        return self._run(KNOWN, (uuids(threads), uuids(senders), texts(clients)))

    def store(
        self, events: Sequence[EventRow], leaves: Sequence[LeafRow], ends: Sequence[End], spoken: Sequence[Spoken]
    ) -> None:
        waiting = _packed(spoken, SPOKEN) if spoken else (uuids(()), flags(()), ints(()))
        values = (*_packed(events, EVENT), *_packed(leaves, LEAF), *_packed(ends, END), self.now, self.now, *waiting)
        self._run(STORE, values)


def _packed(rows: Iterable[Sequence[Any]], columns: Sequence[Callable[[Any], Packed]]) -> list[Packed]:
    return [pack(column) for pack, column in zip(columns, zip(*rows, strict=True), strict=True)]


def _standing(rows: Iterable[tuple[UUID, str, Any]]) -> dict[UUID, Standing]:
    found: dict[UUID, Standing] = {}
    for person, role, licence_ends in rows:
        roles = found[person].roles if person in found else frozenset()
        found[person] = Standing(roles | {role}, licence_ends)
    return found
