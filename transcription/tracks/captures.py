"""Captures from beginning to end: begun when everybody agreed, over when consent is, settled when every device has sent its sound.

Nothing here decides whether a call may be recorded: the app above says so, by `begun` and `over`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

import structlog
from celery import current_app
from django.db import transaction
from django.db.models import F, Max, Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from records.ledger.chains import now_ms
from transcription.tracks import dropping
from transcription.tracks.models import Capture, Track

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

log = structlog.get_logger(__name__)

TASK: Final = "transcription.settle"
QUEUE: Final = "voice"  # seconds of work: not behind an afternoon's transcriptions
# A device may lose its network, or be closed with sound still on it: so long after the last that came, it is not waited for.
PATIENCE: Final = timedelta(hours=1)
SILENCE: Final = timedelta(minutes=5)
LEASE: Final = timedelta(minutes=15)
ATTEMPTS: Final = 3
SWEPT_AT_ONCE: Final = 100
LIVE: Final = (Capture.State.ON, Capture.State.WAITING, Capture.State.JOINING)


class Window(NamedTuple):
    """When a call may be recorded, ms since epoch. `off_at` None: now. `kept` false: somebody took the consent back."""

    on_at: int
    off_at: int | None
    kept: bool


def live() -> QuerySet[Capture]:
    """Those that are recorded, for all that this app knows; the oldest first."""
    return Capture.objects.filter(state=Capture.State.ON).order_by("on_at")


def over(capture: Capture, window: Window) -> None:
    """The window of a capture has closed: wait for what devices still have, or destroy it all. Done again, it changes nothing."""
    if not window.kept:
        dropping.drop(capture.id)
    elif window.off_at is not None:
        open_ = Capture.objects.filter(id=capture.id, state=Capture.State.ON)
        open_.update(state=Capture.State.WAITING, off_at=window.off_at)


def sweep() -> int:
    """Send those captures to a worker for which nothing more is waited for, or whose worker died. Return how many."""
    now, sent = timezone.now(), 0
    for capture in Capture.objects.filter(state=Capture.State.WAITING).order_by("off_at")[:SWEPT_AT_ONCE]:
        if complete(capture):
            Capture.objects.filter(id=capture.id, state=Capture.State.WAITING).update(state=Capture.State.JOINING)
            sent += _send(capture.id)
    stuck = Q(lease_until__lt=now) | Q(lease_until=None)
    for capture in Capture.objects.filter(stuck, state=Capture.State.JOINING).order_by("off_at")[:SWEPT_AT_ONCE]:
        if capture.attempt >= ATTEMPTS:
            Capture.objects.filter(stuck, id=capture.id, attempt=capture.attempt).update(
                state=Capture.State.FAILED, holder=None
            )
            log.error("capture.failed", capture=str(capture.id))
        else:
            sent += _send(capture.id)
    return sent


def complete(capture: Capture) -> bool:
    """Whether every device of everybody who agreed has sent all of it, or has been silent for PATIENCE."""
    assert capture.off_at is not None, "it is over"
    tracks = capture.tracks.exclude(state=Track.State.DROPPED)
    missing = set(capture.people) - {str(id_) for id_ in tracks.values_list("person", flat=True)}
    if not missing and not tracks.filter(state=Track.State.OPEN).exists():
        return True
    last = tracks.aggregate(at=Max("last_at"))["at"]
    since_off = timedelta(milliseconds=now_ms() - capture.off_at)
    return since_off > PATIENCE and (last is None or timezone.now() - last > PATIENCE)


@transaction.atomic
def gone_silent(capture_id: UUID) -> list[str]:
    """Who agreed and has sent nothing SILENCE after recording began: ids, each once."""
    capture = Capture.objects.select_for_update().get(id=capture_id)
    if timedelta(milliseconds=now_ms() - capture.on_at) < SILENCE:
        return []
    heard = {str(id_) for id_ in capture.tracks.filter(size__gt=0).values_list("person", flat=True)}
    found = [id_ for id_ in capture.people if id_ not in heard and id_ not in capture.silent]
    Capture.objects.filter(id=capture_id).update(silent=[*capture.silent, *found])
    return found


@transaction.atomic
def cut_short(capture_id: UUID, person: str) -> bool:
    """No more will come of somebody who agreed. False: it was noticed before that nothing comes."""
    capture = Capture.objects.select_for_update().get(id=capture_id)
    if person in capture.silent:
        return False
    Capture.objects.filter(id=capture_id).update(silent=[*capture.silent, person])
    return True


def claim(capture_id: UUID, holder: UUID) -> bool:
    """Take a capture to join. False: somebody else has it, or there is nothing to do."""
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    rows = Capture.objects.filter(free, id=capture_id, state=Capture.State.JOINING, attempt__lt=ATTEMPTS)
    return bool(rows.update(holder=holder, lease_until=now + LEASE, attempt=F("attempt") + 1))


def release(capture_id: UUID, holder: UUID) -> None:
    """Give it back after its worker died."""
    Capture.objects.filter(id=capture_id, holder=holder).update(holder=None, lease_until=None)


def _send(capture_id: UUID) -> int:
    """A lost message is sent again by the next sweep."""
    try:
        current_app.send_task(TASK, args=[str(capture_id)], queue=QUEUE)
    except (OperationalError, OSError) as error:
        log.warning("capture.unsent", capture=str(capture_id), reason=type(error).__name__)
        return 0
    return 1
