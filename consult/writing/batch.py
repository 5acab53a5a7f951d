"""One batch of acts: checked, numbered, sealed, chained and stored, in the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
from django.db import connection
from django.utils import timezone

from consult.errors import CLOSED, LICENCE, NO_SUCH_MESSAGE, ROUNDS_USED, TIME_OVER
from consult.protocol import Event, ReadUpTo, encode
from consult.relations import Kind, beside, kin, relations, rule
from consult.writing.acts import Committed, Delta, Moved
from consult.writing.postgresql_rows import PostgresqlRows
from consult.writing.sqlite_rows import SqliteRows
from consult.writing.stored import CursorRow, StoredEvent
from records.access import Relation, allowed
from records.errors import CLIENT_ID_CONFLICT, NOT_FOUND, SIGNED_OUT, Refused
from records.ledger.chains import moment, now_ms
from records.ledger.leaves import Tail
from records.ledger.receipts import Receipts
from records.vault import Context, OpenKey, data_key, open_key, seal, unseal
from records.vault.models import Retention

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from consult.writing.acts import Outcome, Submission
    from consult.writing.rows import Rows
    from consult.writing.stored import CaseRow, EventRow, LeafRow

ROWS: Final[dict[str, type[Rows]]] = {"sqlite": SqliteRows, "postgresql": PostgresqlRows}
CONTENT_TYPE = "application/json"
READ_KIND = "receipt.read"
MESSAGE_KIND = "message.posted"


@dataclass(slots=True)
class _Case:
    """A thread while its batch is being built."""

    row: CaseRow
    tail: Tail
    key: OpenKey
    first_seq: int
    ident: Any  # of the thread and of its key, as the driver takes them
    key_ident: Any
    events: list[bytes] = field(default_factory=list)
    cursors: list[Moved] = field(default_factory=list)
    needs_reply: bool | None = None  # None: no message in this batch
    rounds: int = 0  # begun in this batch

    @property
    def audience(self) -> frozenset[UUID]:
        row = self.row
        people = [*row.members] if row.kind == Kind.SIDE else [row.patient]
        if row.assignee is not None:
            people.append(row.assignee)
        if row.family is not None:
            people += [one.person for one in kin(row.family, now_ms())]
        return frozenset(people) if row.kind != Kind.SIDE else frozenset(people) - {row.patient}


class _Standing(NamedTuple):
    """How one person stands to one kind of act in one thread, for the length of a batch."""

    row: CaseRow | None
    refusal: Refused | None
    for_patient: bool
    sender: Any  # the person, as the driver takes it


def commit(batch: Sequence[Submission]) -> tuple[list[Outcome], list[Delta]]:
    """Store a batch; returns one outcome for each submission, in order, and what each consultation gained."""
    return _Batch(batch).run()


def event_context(
    kind: str, consultation: UUID, seq: int, sender: UUID | None, client_id: str | None, content_type: str = CONTENT_TYPE
) -> Context:
    """What an event's ciphertext is bound to: it opens nowhere else."""
    return Context(kind, consultation, seq, sender, client_id or "", content_type)


class _Batch:
    def __init__(self, batch: Sequence[Submission]) -> None:
        self.batch = batch
        self.at = now_ms()
        self.now = moment(self.at)
        self.today = timezone.localdate(self.now)
        self.rows = ROWS[connection.vendor](self.now)
        self.new: list[EventRow] = []
        self.leaves: list[LeafRow] = []
        self.receipts = Receipts(self.at)
        # By the numbers of the ids: a UUID hashes and compares in Python, some twenty times for each message.
        self.cases: dict[int, _Case] = {}
        self.standings: dict[tuple[Any, ...], _Standing] = {}

    def run(self) -> tuple[list[Outcome], list[Delta]]:
        self._load()
        results = [self._one(submission) for submission in self.batch]
        self._store()
        self.receipts.hashes.extend(leaf[-1] for leaf in self.leaves)
        return results, self._deltas()

    def _load(self) -> None:
        batch = self.batch
        threads = {s.consultation.int: s.consultation for s in batch}
        found, people, self.sessions, known = self.rows.look(
            [threads[number] for number in sorted(threads)],
            list({s.actor.int: s.actor for s in batch}.values()),
            list({s.session for s in batch if s.session is not None}),
            [(s.consultation, s.actor, s.client_id) for s in batch if s.client_id is not None],
        )
        self.threads = {id_.int: row for id_, row in found.items()}
        self.people = {id_.int: standing for id_, standing in people.items()}
        self.known = {(thread.int, person.int, id_): stored for (thread, person, id_), stored in known.items()}

    def _one(self, submission: Submission) -> Outcome:
        """Check, write, append."""
        standing = self._standing(submission)
        row, refusal = standing.row, standing.refusal
        if refusal is None or refusal.kind is not SIGNED_OUT:
            # What was stored is acknowledged even when the case has gone to somebody else since: an answer may have been lost.
            key = (submission.consultation.int, submission.actor.int, submission.client_id or "")
            if stored := self.known.get(key):
                return self._again(submission, stored)
        if refusal is not None:
            return refusal
        assert row is not None, "no row is a refusal"
        if submission.kind is None:
            return self._move_cursor(submission, self._case(row), standing)
        if row.state == "closed":
            return Refused(CLOSED)
        case = self._case(row)
        if submission.reply_to > case.tail.last_seq:
            return Refused(NO_SUCH_MESSAGE)
        if submission.kind == MESSAGE_KIND and (refusal := self._spoken(case, asks=standing.for_patient)):
            return refusal
        return self._append(submission, case, standing.sender, submission.kind, submission.body)

    def _spoken(self, case: _Case, *, asks: bool) -> Refused | None:
        """Whose turn it is after a message. The first question after an answer begins a round, if the terms have one left."""
        row = case.row
        waiting = row.needs_reply if case.needs_reply is None else case.needs_reply
        if asks and row.over:
            return Refused(TIME_OVER)
        if asks and not waiting:
            if row.rounds_left is not None and row.rounds_left <= case.rounds:
                return Refused(ROUNDS_USED)
            case.rounds += 1
        case.needs_reply = asks
        return None

    def _standing(self, submission: Submission) -> _Standing:
        """Asked once for all acts of one kind by one person in one thread."""
        thread, person = submission.consultation.int, submission.actor
        about = (thread, person.int, submission.session, submission.action, submission.kind)
        standing = self.standings.get(about)
        if standing is None:
            row = self.threads.get(thread)
            for_patient = row is not None and _for_patient(row, person)
            refusal = self._refusal(submission, row, for_patient=for_patient)
            standing = self.standings[about] = _Standing(row, refusal, for_patient, self.rows.ident(person))
        return standing

    def _refusal(self, submission: Submission, row: CaseRow | None, *, for_patient: bool) -> Refused | None:
        living = submission.session is None or submission.session in self.sessions
        person = self.people.get(submission.actor.int)
        if not living or person is None:
            return Refused(SIGNED_OUT)
        roles, licence_ends = person
        if row is None:
            return Refused(NOT_FOUND)
        action = rule(row.kind, submission.action)
        if action is None or not allowed(roles, action, _relations(submission.actor, row)):
            return Refused(NOT_FOUND)
        lapsed = licence_ends is not None and licence_ends < self.today
        if lapsed and submission.kind == MESSAGE_KIND and not for_patient:
            return Refused(LICENCE)
        return None

    def _again(self, submission: Submission, stored: StoredEvent) -> Outcome:
        """The same act once more gets the first answer; the same id for another act is a conflict."""
        sealed_for = event_context(stored.kind, submission.consultation, stored.seq, submission.actor, submission.client_id)
        sealed = stored.body if stored.body is not None else self.rows.body(submission.consultation, stored.seq)
        same = stored.kind == submission.kind and unseal(open_key(stored.key), sealed_for, sealed) == submission.body
        return Committed(stored.seq, stored.at) if same else Refused(CLIENT_ID_CONFLICT)

    def _case(self, row: CaseRow) -> _Case:
        case = self.cases.get(row.id.int)
        if case is None:
            tail = Tail(row.id, row.last_seq, bytes(row.head))
            key, ident = data_key(row.id, Retention.DIALOGUE), self.rows.ident
            case = self.cases[row.id.int] = _Case(row, tail, key, row.last_seq + 1, ident(row.id), ident(key.id))
        return case

    def _append(self, submission: Submission, case: _Case, ident: Any, kind: str, body: bytes) -> Committed:
        seq, sender, client_id = case.tail.next_seq, submission.actor, submission.client_id
        blob = seal(case.key, event_context(kind, case.row.id, seq, sender, client_id), body)
        ids = {"client": client_id} if client_id else None
        leaf = case.tail.add(kind, at=self.at, actor=sender, content=blob, ids=ids)
        self.leaves.append((case.ident, *leaf))
        self.new.append((case.ident, seq, kind, self.at, ident, client_id, case.key_ident, blob))
        case.events.append(encode(Event(seq, kind, self.at, sender, client_id, msgspec.Raw(body))))
        if client_id is not None:
            self.known[case.row.id.int, sender.int, client_id] = StoredEvent(seq, kind, self.at, case.key.id, blob)
        return Committed(seq, self.at, self.receipts, len(self.leaves) - 1)

    def _move_cursor(self, submission: Submission, case: _Case, standing: _Standing) -> Committed:
        """Advance the person's cursor; staff reading another's words is an act of its own, with a leaf."""
        person, upto = submission.actor, case.tail.last_seq
        old = self.rows.cursor_of(case.row.id, person)
        read = max(old.read, min(submission.read, upto))
        delivered = max(old.delivered, min(submission.delivered, upto), read)
        answer = Committed(0, self.at)
        if (read, delivered) == (old.read, old.delivered):
            return answer
        staff_reads = read > old.read and case.row.state != "closed" and not standing.for_patient
        if staff_reads and self.rows.others_wrote(case.row.id, person, old.read, read):
            answer = self._append(submission, case, standing.sender, READ_KIND, encode(ReadUpTo(read)))
        delivered_at = self.at if delivered > old.delivered else old.delivered_at
        read_at = self.at if read > old.read else old.read_at
        self.rows.put_cursor(CursorRow(case.row.id, person, delivered, read, delivered_at, read_at))
        case.cursors.append((person, delivered, read, delivered_at, read_at))
        return answer

    def _store(self) -> None:
        if not self.new:
            return
        grown = [case for case in self.cases.values() if case.events]
        ends = [(case.ident, case.tail.last_seq, case.tail.head) for case in grown]
        spoke = [case for case in grown if case.needs_reply is not None]
        asked = [(case.ident, bool(case.needs_reply), case.rounds) for case in spoke if case.row.kind == Kind.CONSULTATION]
        self.rows.store(self.new, self.leaves, ends, asked)
        if sides := [case.ident for case in spoke if case.row.kind == Kind.SIDE]:
            self.rows.touch_sides(sides)

    def _deltas(self) -> list[Delta]:
        return [
            Delta(case.row.id, case.first_seq, case.tail.last_seq, case.events, case.audience, case.cursors)
            for case in self.cases.values()
            if case.events or case.cursors
        ]


def _relations(person: UUID, row: CaseRow) -> frozenset[Relation]:
    if row.kind == Kind.SIDE:
        return beside(person, patient=row.patient, assignee=row.assignee, members=row.members)
    family = () if row.family is None else kin(row.family, now_ms())
    return relations(person, patient=row.patient, assignee=row.assignee, waits_in=None, family=family)


def _for_patient(row: CaseRow, person: UUID) -> bool:
    """Whether this person stands on the patient's side of the case: the patient, or a relative who does not treat it."""
    if person == row.patient:
        return True
    return row.family is not None and person != row.assignee and any(one.person == person for one in kin(row.family, 0))
