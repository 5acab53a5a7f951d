"""Sending a broadcast: a few recipients a transaction, so many a second, each exactly once.

Before anything is sent, each of very many recipients gets a row, some hundreds a transaction. What a recipient gets and that they got it
are one transaction. A worker that dies leaves nothing half done; the next goes on where it stopped. A worker gives the job back every
few seconds, because others wait behind it.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from consult import timeline
from consult.broadcasts import cohorts, composing, notices
from consult.models import Addressees, Broadcast, BroadcastRecipient
from consult.protocol import Notice
from records.errors import ErrorKind
from records.ledger import chains
from records.vault import KeyMissing, SealBroken

if TYPE_CHECKING:
    from collections.abc import Sequence

log = structlog.get_logger(__name__)

FINISHED: Final = "broadcast.finished"
LEASE: Final = timedelta(seconds=4)  # renewed with every step
RESEND: Final = timedelta(seconds=3)
SLICE_SECONDS: Final = 2.0
PAUSE_SECONDS: Final = 0.05  # after recipients were stored: SQLite's writers do not queue, and look again only now and then
MAX_BATCH: Final = 10  # in one transaction: on SQLite everybody else waits for it
SWEPT_AT_ONCE: Final = 100

State = Broadcast.State
# One that was stopped is sent to nobody else, but whom it would have reached is written down all the same.
UNDONE: Final = Q(state=State.SENDING) | Exists(Addressees.objects.filter(broadcast=OuterRef("pk")))
Got = BroadcastRecipient.State

CARE_ENDED: Final = ErrorKind(
    "broadcast.care_ended", 409, "发送时患者已不在您的诊疗范围内。", "When it was sent the patient was no longer in your care."
)
UNSEALABLE: Final = ErrorKind(
    "broadcast.failed", 409, "没能写入患者的通知。", "It could not be written into the patient's notices."
)
FAILURES: Final = {kind.code: kind for kind in (CARE_ENDED, UNSEALABLE)}


def work(broadcast_id: UUID) -> None:
    """Send to the next recipients for a few seconds. A repeated message finds somebody at work, or nothing to do."""
    holder = uuid4()
    if not _claim(broadcast_id, holder):
        return
    ends, rate = time.monotonic() + SLICE_SECONDS, settings.XINQIAO_BROADCAST_PER_SECOND
    size = max(1, min(MAX_BATCH, rate // 5))
    while time.monotonic() < ends:
        began = time.monotonic()
        if _store_step(broadcast_id, holder):
            time.sleep(max(PAUSE_SECONDS, time.monotonic() - began))
            continue
        done = _step(broadcast_id, holder, size)
        if not done:
            return
        time.sleep(max(0.0, done / rate - (time.monotonic() - began)))
    _release(broadcast_id, holder)
    composing.send(broadcast_id)


def sweep() -> int:
    """Tell the workers again of broadcasts that nobody works at. Return how many."""
    now = timezone.now()
    idle = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    lost = Broadcast.objects.filter(UNDONE, idle, sent_at__lt=now - RESEND)
    found = list(lost.values_list("chain", flat=True)[:SWEPT_AT_ONCE])
    Broadcast.objects.filter(chain__in=found).update(sent_at=now)
    for id_ in found:
        composing.send(id_)
    return len(found)


def _claim(broadcast_id: UUID, holder: UUID) -> bool:
    now = timezone.now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    rows = Broadcast.objects.filter(UNDONE, free, chain=broadcast_id)
    return bool(rows.update(holder=holder, lease_until=now + LEASE))


def _release(broadcast_id: UUID, holder: UUID) -> None:
    held = Broadcast.objects.filter(chain=broadcast_id, holder=holder)
    held.update(holder=None, lease_until=None, sent_at=timezone.now())


@transaction.atomic
def _store_step(broadcast_id: UUID, holder: UUID) -> bool:
    """Give the next recipients their rows; False once all have theirs, or when the lease is another's."""
    row = Broadcast.objects.select_for_update().filter(chain=broadcast_id, holder=holder).first()
    if row is None or not composing.store_some(row):
        return False
    Broadcast.objects.filter(chain=row.id).update(lease_until=timezone.now() + LEASE)
    return True


@transaction.atomic
def _step(broadcast_id: UUID, holder: UUID, size: int) -> int:
    """Deal with the next recipients; returns how many, 0 once there is nothing to do, or nothing for this worker."""
    row = Broadcast.objects.select_for_update().filter(chain=broadcast_id, holder=holder, state=State.SENDING).first()
    if row is None:
        return 0
    waiting = list(BroadcastRecipient.objects.filter(broadcast=row, state=Got.WAITING).order_by("id")[:size])
    if not waiting:
        _finish(row)
        return 0
    Broadcast.objects.filter(chain=row.id).update(lease_until=timezone.now() + LEASE)
    _deliver(row, waiting)
    BroadcastRecipient.objects.bulk_update(waiting, ["state", "failure", "thread", "seq", "at"])
    return len(waiting)


def _deliver(row: Broadcast, waiting: Sequence[BroadcastRecipient]) -> None:
    people = [recipient.patient_id for recipient in waiting]
    unwilling, reachable = notices.opted_out(people), cohorts.reachable(row.author, people)
    willing = []
    for recipient in waiting:
        recipient.at = timezone.now()
        if recipient.patient_id in unwilling:
            recipient.state = Got.OPTED_OUT
        elif recipient.patient_id not in reachable:
            recipient.state, recipient.failure = Got.FAILED, CARE_ENDED.code
        else:
            willing.append(recipient)
    _post_or_fail(row, willing)


def _post_or_fail(row: Broadcast, willing: Sequence[BroadcastRecipient]) -> None:
    """Together, or, where one stands in the way, each alone. A keyring that is away is no failure: the job is tried again."""
    try:
        with transaction.atomic():
            _post(row, willing)
    except (KeyMissing, SealBroken):
        if len(willing) > 1:
            for recipient in willing:
                _post_or_fail(row, [recipient])
            return
        log.exception("broadcast.unsealable", broadcast=str(row.id))
        willing[0].state, willing[0].failure = Got.FAILED, UNSEALABLE.code


def _post(row: Broadcast, willing: Sequence[BroadcastRecipient]) -> None:
    words = composing.words_of(row)
    threads = notices.threads_of([recipient.patient_id for recipient in willing])
    notice, hearing = Notice(row.id, words.title, words.text), {thread: [patient] for patient, thread in threads.items()}
    seqs = timeline.append_each(hearing, notices.POSTED, row.author, notice, f"broadcast-{row.id.hex}")
    for recipient in willing:
        recipient.thread_id = threads[recipient.patient_id]
        recipient.state, recipient.seq = Got.SENT, seqs[recipient.thread_id]


def _finish(row: Broadcast) -> None:
    assert not Addressees.objects.filter(broadcast=row).exists(), "everybody has a row before anything is sent"
    row.state, row.holder, row.lease_until = State.DONE, None, None
    row.save(update_fields=["state", "holder", "lease_until"])
    counted = composing.counts([row.id])[row.id]
    reached = counted["sent"] + counted["read"]
    facts = {"sent": str(reached), "opted_out": str(counted["opted_out"]), "failed": str(counted["failed"])}
    with chains.extend(row.id) as tail:
        tail.add(FINISHED, actor=None, ids=facts)
