"""Writing once to many patients: composed for a cohort as it is at that moment, sent by `sending.py`, followed and stopped here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid4

import msgspec
import structlog
from celery import current_app
from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, Subquery, Sum
from django.utils import timezone
from kombu.exceptions import OperationalError

from consult.broadcasts import cohorts
from consult.consultations import licensed, written
from consult.models import Addressees, Broadcast, BroadcastRecipient, Cursor
from records.access import loaded, require
from records.errors import CLIENT_ID_CONFLICT, NOT_FOUND, ErrorKind, Refused
from records.ledger import chains
from records.ledger.models import Chain
from records.people import Person
from records.vault import Context, Retention, data_key, open_key, seal, unseal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

log = structlog.get_logger(__name__)

TASK: Final = "consult.send_broadcast"
COMPOSED, STOPPED = "broadcast.composed", "broadcast.stopped"
MAX_RECIPIENTS: Final = 50_000
MAX_NAMED: Final = 500  # patients picked one by one
AT_ONCE: Final = 500  # recipients stored in one transaction: on SQLite everybody else waits for it
NAMED: Final = "named"
LISTED: Final = 100
PAGE: Final = 50

State = Broadcast.State
Got = BroadcastRecipient.State
SHOWN: Final = ("waiting", "sent", "read", "opted_out", "failed")

NOBODY: Final = ErrorKind("broadcast.nobody", 422, "这个群组里没有患者。", "There are no patients in this group.")
TOO_MANY: Final = ErrorKind(
    "broadcast.too_many",
    422,
    f"一次最多发给 {MAX_RECIPIENTS} 位患者。",
    f"One broadcast reaches at most {MAX_RECIPIENTS} patients.",
)
OTHER_COUNT: Final = ErrorKind(
    "broadcast.count",
    409,
    "人数在您确认后有变化，请再看一下再发。",
    "The number of patients changed after you confirmed it. Please look again.",
)


class Words(msgspec.Struct, frozen=True):
    """What is sealed."""

    title: str
    text: str


def compose(
    person: Person, client_id: str, words: Words, *, expected: int, cohort: str | None = None, patients: Sequence[UUID] = ()
) -> Broadcast:
    """Address a notice to everybody in a cohort now, or to the named patients, and begin to send it.

    `expected` is the number that the author confirmed: another number is refused. Repeating the client id returns the first.
    Raises Refused: NOT_FOUND for a cohort or a patient that is not theirs, BLANK, LICENCE, NOBODY, TOO_MANY, OTHER_COUNT,
    CLIENT_ID_CONFLICT.
    """
    written(words.title)
    written(words.text)
    mine = Broadcast.objects.filter(author=person, client_id=client_id)
    if (known := mine.first()) is not None:
        return _again(known, words, cohort or NAMED)
    licensed(person)
    ids = _addressed(person, cohort, patients)  # before the transaction: looking for very many takes a while
    if len(ids) != expected:
        raise Refused(OTHER_COUNT)
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(id=person.id)
        if (known := mine.first()) is not None:
            return _again(known, words, cohort or NAMED)
        return _store(person, client_id, words, cohort or NAMED, ids)


def load(person: Person, action: str, broadcast_id: UUID) -> Broadcast:
    """The broadcast for this act, or Refused(NOT_FOUND)."""
    return loaded(person, action, Broadcast.objects.select_related("author").filter(chain=broadcast_id).first())


def written_by(person: Person) -> list[Broadcast]:
    """One's own, newest first."""
    require(person, "broadcast.list")
    return list(Broadcast.objects.filter(author=person).select_related("author").order_by("-at")[:LISTED])


@transaction.atomic
def stop(person: Person, broadcast_id: UUID) -> Broadcast:
    """Send it to nobody else. What is sent stays sent; stopping what is over changes nothing."""
    load(person, "broadcast.stop", broadcast_id)
    row = Broadcast.objects.select_for_update().get(chain=broadcast_id)
    if row.state == State.SENDING:
        row.state = State.STOPPED
        row.save(update_fields=["state"])
        with chains.extend(row.id) as tail:
            tail.add(STOPPED, actor=person.id)
    return row


def words_of(row: Broadcast) -> Words:
    """Title and text, opened."""
    return msgspec.json.decode(unseal(open_key(row.key_id), _context(row), bytes(row.body)), type=Words)


def counts(ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """For each broadcast, how many recipients stand in each of SHOWN; together they are all."""
    found = {id_: dict.fromkeys(SHOWN, 0) for id_ in ids}
    rows = BroadcastRecipient.objects.filter(broadcast__in=ids)
    for id_, state, number in rows.values_list("broadcast", "state").annotate(n=Count("id")):
        found[id_][state] = number
    for id_, number in Addressees.objects.filter(broadcast__in=ids).values_list("broadcast").annotate(n=Sum("number")):
        found[id_]["waiting"] += number
    for id_, number in _read(rows).values_list("broadcast").annotate(n=Count("id")):
        found[id_]["read"] = number
        found[id_]["sent"] -= number
    return found


def recipients(row: Broadcast, state: str | None, page: int) -> tuple[int, list[BroadcastRecipient]]:
    """A page of the recipients in one of SHOWN, or of all, in order of their names: how many there are, and these. Of a broadcast to very
    many, those who have no row yet come within seconds."""
    rows = BroadcastRecipient.objects.filter(broadcast=row)
    if state == "read":
        rows = _read(rows)
    elif state == "sent":
        rows = rows.filter(state=Got.SENT).exclude(id__in=_read(rows).values("id"))
    elif state is not None:
        rows = rows.filter(state=state)
    ordered = (
        rows.select_related("patient")
        .prefetch_related("patient__roles", "patient__departments")
        .order_by("patient__name", "id")
    )
    return rows.count(), list(ordered[(page - 1) * PAGE : page * PAGE])


def read_by(rows: Iterable[BroadcastRecipient]) -> set[int]:
    """The ids of those who have read it."""
    return set(_read(BroadcastRecipient.objects.filter(id__in=[row.id for row in rows])).values_list("id", flat=True))


def send(broadcast_id: UUID) -> None:
    """Tell the workers. Without a broker the sweep tries again."""
    try:
        current_app.send_task(TASK, args=[str(broadcast_id)])
    except (OperationalError, OSError) as error:
        log.warning("broadcast.unsent", broadcast=str(broadcast_id), reason=type(error).__name__)


def _addressed(person: Person, cohort: str | None, patients: Sequence[UUID]) -> list[UUID]:
    if cohort is not None:
        ids = list(cohorts.chosen(person, cohort).patients.values_list("id", flat=True)[: MAX_RECIPIENTS + 1])
    else:
        ids = sorted(set(patients))
        if cohorts.reachable(person, ids) != set(ids):
            raise Refused(NOT_FOUND)
    if not ids:
        raise Refused(NOBODY)
    if len(ids) > MAX_RECIPIENTS:
        raise Refused(TOO_MANY)
    return ids


def _store(person: Person, client_id: str, words: Words, cohort: str, ids: Sequence[UUID]) -> Broadcast:
    chain = Chain.objects.create(id=uuid4(), kind=Chain.Kind.BROADCAST)
    key = data_key(chain.id, Retention.DIALOGUE)
    row = Broadcast(chain=chain, author=person, client_id=client_id, cohort=cohort, key_id=key.id, at=timezone.now())
    row.body = seal(key, _context(row), msgspec.json.encode(words))
    with chains.extend(chain.id) as tail:
        assert tail.next_seq == row.seq, "the words are the first leaf"
        facts = {"client": client_id, "cohort": cohort, "recipients": str(len(ids))}
        tail.add(COMPOSED, actor=person.id, content=row.body, ids=facts)
    row.save(force_insert=True)
    parts = [ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)]
    if len(parts) == 1:
        _add_recipients(row, ids)
    else:
        held = ((part, b"".join(id_.bytes for id_ in part)) for part in parts)
        Addressees.objects.bulk_create(Addressees(broadcast=row, number=len(part), people=people) for part, people in held)
    transaction.on_commit(lambda: send(row.id))
    return row


def store_some(row: Broadcast) -> bool:
    """Give the next AT_ONCE patients of a broadcast to very many their rows, in the caller's transaction, which holds the broadcast's lock.
    False: all have theirs."""
    part = Addressees.objects.filter(broadcast=row).order_by("id").first()
    if part is None:
        return False
    _add_recipients(row, part.ids)
    part.delete()
    return True


def _add_recipients(row: Broadcast, ids: Sequence[UUID]) -> None:
    BroadcastRecipient.objects.bulk_create(BroadcastRecipient(broadcast=row, patient_id=id_) for id_ in ids)


def _again(row: Broadcast, words: Words, cohort: str) -> Broadcast:
    if (words_of(row), row.cohort) != (words, cohort):
        raise Refused(CLIENT_ID_CONFLICT)
    return row


def _read(rows: QuerySet[BroadcastRecipient]) -> QuerySet[BroadcastRecipient]:
    cursor = Cursor.objects.filter(thread=OuterRef("thread"), person=OuterRef("patient")).values("read")[:1]
    return rows.alias(upto=Subquery(cursor)).filter(Q(state=Got.SENT) & Q(upto__gte=F("seq")))


def _context(row: Broadcast) -> Context:
    return Context(COMPOSED, row.chain_id, row.seq, row.author_id, row.client_id, "application/json")
