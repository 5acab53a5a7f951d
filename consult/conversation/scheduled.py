"""Messages that a clinician writes now and sends later.

At its time a sweep posts each exactly as a live message is posted, in the transaction that marks it sent: a crash undoes both, two
workers at once send one, and a cancellation either comes before it or hears that it is sent.
"""

from __future__ import annotations

import time
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

import structlog
from django.db import connection, transaction
from django.utils import timezone

from consult import audiences, consultations
from consult.doorbell import Ring, ring
from consult.errors import CLOSED, LICENCE
from consult.models import Consultation, ScheduledMessage
from consult.protocol import MessageSend
from consult.relations import Kind
from consult.writing import posting
from consult.writing.acts import Submission
from consult.writing.batch import MESSAGE_KIND, commit
from records.errors import CLIENT_ID_CONFLICT, NOT_FOUND, SIGNED_OUT, ErrorKind, Refused
from records.people import Person
from records.vault import Context, KeyMissing, Retention, SealBroken, data_key, open_key, seal, unseal

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from consult.audiences import Thread
    from consult.writing.acts import Committed
log = structlog.get_logger(__name__)

ACTION, SEND = "message.schedule", "message.send"
SOONEST, LATEST = timedelta(minutes=1), timedelta(days=30)
UNDERWAY: Final = timedelta(seconds=10)  # what a request may take that asks for SOONEST
TOO_LATE: Final = timedelta(hours=1)  # after an outage: what was right this morning may be wrong by now
WAITING_EACH: Final = 100  # of one person
KEPT: Final = timedelta(days=7)  # rows of what is sent or cancelled, for requests that come again
SWEPT_AT_ONCE: Final = 500
SWEEP_SECONDS: Final = 4.0

State = ScheduledMessage.State

BAD_TIME: Final = ErrorKind(
    "scheduled.time", 422, "请选择 1 分钟以后、30 天以内的时间。", "Choose a time between one minute and 30 days from now."
)
TOO_MANY_WAITING: Final = ErrorKind(
    "scheduled.too_many",
    409,
    f"已有 {WAITING_EACH} 条定时消息在等待，请先取消一些。",
    f"{WAITING_EACH} scheduled messages are waiting already. Cancel some first.",
)
SENT_ALREADY: Final = ErrorKind("scheduled.sent", 409, "这条消息已经发出。", "This message has been sent.")
ACCESS_LOST: Final = ErrorKind(
    "scheduled.access_lost",
    409,
    "到时间时您已不负责这次咨询，消息没有发出。",
    "At its time the consultation was no longer yours. The message was not sent.",
)
SENDER_GONE: Final = ErrorKind(
    "scheduled.sender_gone",
    409,
    "到时间时发送人的账号已停用，消息没有发出。",
    "At its time the sender's account was closed. The message was not sent.",
)
MISSED: Final = ErrorKind(
    "scheduled.missed",
    409,
    "系统当时没有运行，已过时间太久，请看过后自己发送。",
    "The server was not running at that time. It is too late now: please look at it and send it yourself.",
)
UNSENDABLE: Final = ErrorKind("scheduled.failed", 409, "到时间时没能发出。", "It could not be sent at its time.")


@transaction.atomic
def schedule(person: Person, thread_id: UUID, client_id: str, text: str, at: datetime) -> ScheduledMessage:
    """Keep a message until `at`. Repeating the client id returns the first; another message under it is a conflict.

    Raises Refused: NOT_FOUND, BLANK, CLOSED, LICENCE, BAD_TIME, TOO_MANY_WAITING, CLIENT_ID_CONFLICT.
    """
    thread = audiences.load(person, thread_id, ACTION)
    consultations.written(text)
    Person.objects.select_for_update(no_key=True).get(id=person.id)  # two requests at once count one after the other
    known = ScheduledMessage.objects.filter(sender=person, thread_id=thread_id, client_id=client_id).first()
    if known is not None:
        return _again(known, text, at)
    _check(person, thread, at)
    key = data_key(thread_id, Retention.DIALOGUE)
    row = ScheduledMessage(thread_id=thread_id, sender=person, client_id=client_id, at=at, key_id=key.id)
    row.body = seal(key, _context(row), text.encode())
    row.save(force_insert=True)
    return row


def waiting(person: Person, thread_id: UUID | None = None) -> list[ScheduledMessage]:
    """What waits for its time, and what could not be sent and is not put away yet; the next first."""
    rows = ScheduledMessage.objects.filter(sender=person, state__in=[State.WAITING, State.FAILED])
    if thread_id is not None:
        audiences.load(person, thread_id, ACTION)
        rows = rows.filter(thread_id=thread_id)
    return list(rows.order_by("at", "id")[: 2 * WAITING_EACH])


@transaction.atomic
def cancel(person: Person, scheduled_id: UUID) -> ScheduledMessage:
    """Never send it, or put away one that failed. Raises Refused(NOT_FOUND), or SENT_ALREADY."""
    row = ScheduledMessage.objects.select_for_update().filter(id=scheduled_id, sender=person).first()
    if row is None:
        raise Refused(NOT_FOUND)
    if row.state == State.SENT:
        raise Refused(SENT_ALREADY)
    row.state, row.body = State.CANCELLED, b""
    row.save(update_fields=["state", "body"])
    return row


def words(row: ScheduledMessage) -> str:
    """The text, while it is kept."""
    return unseal(open_key(row.key_id), _context(row), bytes(row.body)).decode() if row.body else ""


def sweep() -> dict[str, int]:
    """Send what is due, the earliest first, and forget what is done. Run by beat; any number of workers may do so at once."""
    now, ends = timezone.now(), time.monotonic() + SWEEP_SECONDS
    due = ScheduledMessage.objects.filter(state=State.WAITING, at__lte=now).order_by("at").values_list("id", flat=True)
    counted = {"sent": 0, "failed": 0}
    for scheduled_id in list(due[:SWEPT_AT_ONCE]):
        if time.monotonic() > ends:
            break
        result = _send(scheduled_id)
        if result is not None:
            counted[result] += 1
    done = ScheduledMessage.objects.filter(state__in=[State.SENT, State.CANCELLED], at__lt=now - KEPT)
    done.delete()
    return counted


def _check(person: Person, thread: Thread, at: datetime) -> None:
    now = timezone.now()
    if not now + SOONEST - UNDERWAY <= at <= now + LATEST:
        raise Refused(BAD_TIME)
    closed = thread.consultation is not None and thread.consultation.state == Consultation.State.CLOSED
    if closed and thread.kind is Kind.CONSULTATION:
        raise Refused(CLOSED)
    consultations.licensed(person)
    if ScheduledMessage.objects.filter(sender=person, state=State.WAITING).count() >= WAITING_EACH:
        raise Refused(TOO_MANY_WAITING)


def _again(row: ScheduledMessage, text: str, at: datetime) -> ScheduledMessage:
    if row.at != at or (row.body and words(row) != text):
        raise Refused(CLIENT_ID_CONFLICT)
    return row


def _send(scheduled_id: UUID) -> str | None:
    """Returns what became of it; None when somebody else has it, or it is to be tried again."""
    try:
        with transaction.atomic():
            return _post(scheduled_id)
    except Refused as refused:
        if refused.kind.retry:
            return None
        return _failed(scheduled_id, LATER.get(refused.kind, refused.kind))
    except (KeyMissing, SealBroken):
        return _failed(scheduled_id, UNSENDABLE)


def _post(scheduled_id: UUID) -> str | None:
    rows = ScheduledMessage.objects.select_for_update(skip_locked=True)
    row = rows.filter(id=scheduled_id, state=State.WAITING).first()
    if row is None:
        return None
    if timezone.now() > row.at + TOO_LATE:
        raise Refused(MISSED)
    posted = _commit(row)
    row.state, row.seq, row.body = State.SENT, posted.seq, b""
    row.save(update_fields=["state", "seq", "body"])
    return "sent"


def _commit(row: ScheduledMessage) -> Committed:
    """Through the checks of every live message but the session's, in this transaction instead of the writer's."""
    body = posting.plain(MessageSend("scheduled", row.thread_id, row.client_id, words(row)))
    act = Submission(row.thread_id, row.sender_id, None, SEND, MESSAGE_KIND, lambda _: None, row.client_id, body)
    with connection.wrap_database_errors:
        (outcome,), deltas = commit([act])
    if isinstance(outcome, Refused):
        raise outcome
    rings = [Ring("timeline", delta.consultation, delta.head, tuple(delta.audience)) for delta in deltas]
    transaction.on_commit(partial(ring, *rings))
    return outcome


def _failed(scheduled_id: UUID, kind: ErrorKind) -> str | None:
    row = ScheduledMessage.objects.filter(id=scheduled_id, state=State.WAITING).first()
    if row is None or not ScheduledMessage.objects.filter(id=row.id, state=State.WAITING).update(
        state=State.FAILED, failure=kind.code
    ):
        return None
    log.warning("scheduled.failed", scheduled=str(row.id), reason=kind.code)
    ring(Ring("changed", row.thread_id, 0, (row.sender_id,)))
    return "failed"


def _context(row: ScheduledMessage) -> Context:
    return Context("message.scheduled", row.thread_id, 0, row.sender_id, row.client_id, "text/plain")


# What a live message is told at once is said otherwise to somebody who reads it later.
LATER: Final = {NOT_FOUND: ACCESS_LOST, SIGNED_OUT: SENDER_GONE}
# What can stand in `failure`: everything that a live message may be refused for, and what only happens to one that waited.
FAILURES: Final = {
    kind.code: kind for kind in (CLOSED, LICENCE, ACCESS_LOST, SENDER_GONE, MISSED, UNSENDABLE, CLIENT_ID_CONFLICT)
}


def failure(row: ScheduledMessage) -> ErrorKind | None:
    return FAILURES.get(row.failure, UNSENDABLE) if row.failure else None
