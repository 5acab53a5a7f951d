"""The transcription job as a row: queued, leased, renewed, finished. What the broker loses, the sweep finds here.

A worker holds a job by an id of its own (`holder`) until `lease_until`. Everything that it writes names its holder, so one
that lost its lease (it slept, the machine stalled) changes nothing any more.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog
from celery import current_app
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from transcription.failures import CANCELLED, CRASHED
from transcription.models import Job, Recording

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from records.errors import ErrorKind

log = structlog.get_logger(__name__)

TASK: Final = "transcription.transcribe"
# A voice note is waited for: it must not stand behind an afternoon's calls, nor behind the one that is being transcribed.
QUEUES: Final[dict[str, str]] = {
    Recording.Origin.CALL: "transcription",
    Recording.Origin.TALK: "transcription",
    Recording.Origin.VOICE: "voice",
}
LEASE: Final = timedelta(seconds=30)
ATTEMPTS: Final = 3
# A waiting job whose message may have been lost gets another: soon when nobody is working, else patiently.
RESEND_IDLE: Final = timedelta(seconds=10)
RESEND_BUSY: Final = timedelta(minutes=5)
SWEPT_AT_ONCE: Final = 100


# Recording's origin -> the task that takes its finished transcript further. Filled by the apps above this one.
_afterwards: Final[dict[str, str]] = {}


class LeaseLost(Exception):
    """Somebody else may be doing this job now: stop, and write nothing."""


def enqueue(recording: Recording, priority: Job.Priority = Job.Priority.NORMAL) -> None:
    """Queue a recording's transcription, or queue it anew; the message leaves after commit. Call inside a transaction."""
    fresh = {"state": Job.State.QUEUED, "progress": 0.0, "attempt": 0, "holder": None, "lease_until": None}
    fresh |= {"sent_at": timezone.now(), "priority": priority}
    Job.objects.update_or_create(
        recording=recording, defaults={**fresh, "tries": F("tries") + 1}, create_defaults={"recording": recording, **fresh}
    )
    Recording.objects.filter(id=recording.id).update(state=Recording.State.QUEUED, failure="", warnings=[])
    queue = QUEUES[recording.origin]
    transaction.on_commit(lambda: send(recording.id, queue))


def send(recording_id: UUID, queue: str) -> None:
    """Tell the workers. A message carries the id alone; without a broker the sweep tries again."""
    _tell(TASK, recording_id, queue)


def afterwards(origin: str, task: str) -> None:
    """Name the task that gets the id of every recording of this origin once its transcript is stored. That a message arrives is not
    promised: whoever registers sweeps as well."""
    _afterwards[origin] = task


def hand_on(recording_id: UUID) -> None:
    """Tell who waits for this recording's transcript, if anybody does."""
    origin = Recording.objects.values_list("origin", flat=True).get(id=recording_id)
    if origin in _afterwards:
        _tell(_afterwards[origin], recording_id)


def _tell(task: str, recording_id: UUID, queue: str | None = None) -> None:
    try:
        current_app.send_task(task, args=[str(recording_id)], queue=queue)
    except (OperationalError, OSError) as error:
        log.warning("transcription.unsent", task=task, recording=str(recording_id), reason=type(error).__name__)


def take_next(recording_id: UUID, holder: UUID) -> UUID | None:
    """Claim the job whose turn it is in the queue of this one, which a message told of. None: nothing waits there.

    Messages are as many as jobs, and come in the order in which those were made; which job each is spent on is decided here.
    """
    told = Recording.objects.filter(id=recording_id).values_list("origin", flat=True).first()
    while told is not None and (found := _in_turn(told).values_list("recording_id", flat=True).first()):
        if claim(found, holder):
            return found
    return None


def _in_turn(origin: str) -> QuerySet[Job]:
    """What waits in this origin's queue: who is waited for first, then the oldest. One that was given up in between counts no more."""
    together = [one for one, queue in QUEUES.items() if queue == QUEUES[origin]]
    waiting = Job.objects.filter(state=Job.State.QUEUED, attempt__lt=ATTEMPTS, recording__origin__in=together)
    return waiting.order_by("-priority", "created_at", "id")


def ahead_of(job: Job) -> int | None:
    """How many jobs come before this one; None unless it waits."""
    if job.state != Job.State.QUEUED:
        return None
    sooner = Q(priority__gt=job.priority) | Q(priority=job.priority, created_at__lt=job.created_at)
    return _in_turn(job.recording.origin).filter(sooner).count()


def expedite(recording_id: UUID) -> None:
    """Somebody waits for this one: it is taken before all that nobody waits for. Does nothing once it runs."""
    Job.objects.filter(recording_id=recording_id, state=Job.State.QUEUED).update(priority=Job.Priority.WAITED_FOR)


@transaction.atomic
def cancel(recording_id: UUID) -> None:
    """End a job that waits or runs, with the reason that somebody wanted it; it can be queued again. Does nothing once it has ended.

    A worker that runs it finds its lease gone, at the latest when its parent renews it, and stores nothing.
    """
    going = Job.objects.filter(recording_id=recording_id, state__in=[Job.State.QUEUED, Job.State.RUNNING])
    if going.update(state=Job.State.FAILED, holder=None, lease_until=None):
        Recording.objects.filter(id=recording_id).update(state=Recording.State.FAILED, failure=CANCELLED.code)


def claim(recording_id: UUID, holder: UUID) -> bool:
    """Take a job that waits, or whose holder's lease is over. False: there is nothing to do (a repeated message is harmless)."""
    now = timezone.now()
    free = Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, lease_until__lt=now)
    with transaction.atomic():
        claimed = Job.objects.filter(free, recording_id=recording_id, attempt__lt=ATTEMPTS).update(
            state=Job.State.RUNNING, holder=holder, lease_until=now + LEASE, attempt=F("attempt") + 1, progress=0.0
        )
        if claimed:
            Recording.objects.filter(id=recording_id).update(state=Recording.State.RUNNING)
    return bool(claimed)


def renew(recording_id: UUID, holder: UUID) -> None:
    """Keep the lease. Raises LeaseLost."""
    _update(recording_id, holder, lease_until=timezone.now() + LEASE)


def report(recording_id: UUID, holder: UUID, progress: float) -> None:
    """Show how far it is, 0..1. Raises LeaseLost."""
    _update(recording_id, holder, progress=progress)


def _update(recording_id: UUID, holder: UUID, **values: object) -> None:
    if not Job.objects.filter(recording_id=recording_id, holder=holder, state=Job.State.RUNNING).update(**values):
        raise LeaseLost(str(recording_id))


def finish(recording_id: UUID, holder: UUID, state: Recording.State, warnings: list[str]) -> None:
    """Mark the job done in the transaction that stores the transcript. Raises LeaseLost, which must undo that transaction."""
    _update(recording_id, holder, state=Job.State.DONE, progress=1.0)
    Recording.objects.filter(id=recording_id).update(state=state, failure="", warnings=warnings)


@transaction.atomic
def fail(recording_id: UUID, holder: UUID, kind: ErrorKind) -> None:
    """End the job with a named reason. Raises LeaseLost."""
    _update(recording_id, holder, state=Job.State.FAILED)
    Recording.objects.filter(id=recording_id).update(state=Recording.State.FAILED, failure=kind.code)


def ended(recording_id: UUID, holder: UUID) -> bool:
    """Whether this holder brought the job to its end, good or bad."""
    over = [Job.State.DONE, Job.State.FAILED]
    return Job.objects.filter(recording_id=recording_id, holder=holder, state__in=over).exists()


def release(recording_id: UUID, holder: UUID, *, over_at: datetime | None = None) -> None:
    """Give a job back after its worker died: queued again, or failed after ATTEMPTS. Does nothing when the lease is lost, or, given
    `over_at`, when it was renewed meanwhile."""
    held = Job.objects.filter(recording_id=recording_id, holder=holder, state=Job.State.RUNNING)
    if over_at is not None:
        held = held.filter(lease_until__lt=over_at)
    job = held.select_related("recording").first()
    if job is not None:
        _give_back(held, job)


@transaction.atomic
def _give_back(held: QuerySet[Job], job: Job) -> None:
    """`held` is asked once more in the update itself: its holder may have come back since `job` was read."""
    recording = Recording.objects.filter(id=job.recording_id)
    if job.attempt >= ATTEMPTS:
        if held.update(state=Job.State.FAILED):
            recording.update(state=Recording.State.FAILED, failure=CRASHED.code)
    elif held.update(state=Job.State.QUEUED, holder=None, lease_until=None, sent_at=timezone.now()):
        recording.update(state=Recording.State.QUEUED)
        queue = QUEUES[job.recording.origin]
        transaction.on_commit(lambda: send(job.recording_id, queue))


def sweep() -> int:
    """Queue what dead workers left behind and send lost messages again. Return how many jobs it touched."""
    now = timezone.now()
    expired = list(Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=now)[:SWEPT_AT_ONCE])
    for job in expired:
        if job.holder is not None:
            release(job.recording_id, job.holder, over_at=now)
    return len(expired) + sum(_send_lost(origin, now) for origin in QUEUES)


def _send_lost(origin: str, now: datetime) -> int:
    jobs = Job.objects.filter(recording__origin=origin)
    idle = not jobs.filter(state=Job.State.RUNNING, lease_until__gte=now).exists()
    patience = RESEND_IDLE if idle else RESEND_BUSY
    waiting = list(jobs.filter(state=Job.State.QUEUED, sent_at__lt=now - patience)[:SWEPT_AT_ONCE])
    Job.objects.filter(id__in=[job.id for job in waiting]).update(sent_at=now)
    for job in waiting:
        send(job.recording_id, QUEUES[origin])
    return len(waiting)
