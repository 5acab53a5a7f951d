"""Captures from beginning to end: begun when everybody agreed, over when consent is, settled when every device has sent its sound.

Nothing here decides whether a call may be recorded: the app above says so, by `begun` and `over`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

import structlog
from celery import current_app
from django.db import transaction
from django.db.models import Count, Exists, F, Func, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from kombu.exceptions import OperationalError

from records.ledger.chains import now_ms
from transcription.tracks import dropping
from transcription.tracks.models import Capture, Track

if TYPE_CHECKING:
    from typing import Any
    from uuid import UUID

    from django.db.models import QuerySet

log = structlog.get_logger(__name__)

TASK: Final = "transcription.settle"
QUEUE: Final = "voice"  # seconds of work: not behind an afternoon's transcriptions
# A device may lose its network, or be closed with sound still on it: so long after the last that came, it is not waited for.
PATIENCE: Final = timedelta(hours=1)
OUR_PATIENCE: Final = timedelta(minutes=5)  # where the server records: it keeps what it heard within minutes, or cannot
SILENCE: Final = timedelta(minutes=5)
LEASE: Final = timedelta(seconds=30)
RENEW: Final = timedelta(seconds=5)
MOST: Final = timedelta(minutes=15)  # that joining one may take
RESEND: Final = timedelta(minutes=1)
ATTEMPTS: Final = 3
DISK: Final = timedelta(days=1)
SWEPT_AT_ONCE: Final = 100


class Window(NamedTuple):
    """When a call may be recorded, ms since epoch. `off_at` None: now. `kept` false: somebody took the consent back."""

    on_at: int
    off_at: int | None
    kept: bool


class _Length(Func):
    """How many there are in a list that is stored as JSON."""

    function = "JSONB_ARRAY_LENGTH"
    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSON_ARRAY_LENGTH", **context)


def live() -> QuerySet[Capture]:
    """Those that are recorded, for all that this app knows, the oldest first."""
    return Capture.objects.filter(state=Capture.State.ON).order_by("on_at")


def unlistened() -> QuerySet[Capture]:
    """Those of `live` of which `gone_silent` is still to say who is not heard: it names all of them at once."""
    return live().filter(listened_at=None, on_at__lte=_ago(SILENCE))


def over(capture: Capture, window: Window) -> None:
    """The window of a capture has closed: wait for what devices still have, or destroy it all. Done again, it changes nothing."""
    if not window.kept:
        dropping.drop(capture.id)
    elif window.off_at is not None:
        open_ = Capture.objects.filter(id=capture.id, state=Capture.State.ON)
        open_.update(state=Capture.State.WAITING, off_at=window.off_at)


def sweep() -> int:
    """Send those captures to a worker for which nothing more is waited for, whose worker died, or whose message was lost.
    Return how many."""
    sent = sum(join(capture.id) for capture in _complete().order_by("off_at")[:SWEPT_AT_ONCE])
    now = timezone.now()
    idle = Capture.objects.filter(Q(lease_until__lt=now) | Q(lease_until=None), state=Capture.State.JOINING)
    for capture in idle.filter(attempt__gte=ATTEMPTS).order_by("off_at")[:SWEPT_AT_ONCE]:
        if idle.filter(id=capture.id, attempt__gte=ATTEMPTS).update(state=Capture.State.FAILED, holder=None):
            log.error("capture.failed", capture=str(capture.id))
    lost = idle.filter(Q(sent_at__lt=now - RESEND) | Q(sent_at=None), attempt__lt=ATTEMPTS)
    for capture in lost.order_by(F("sent_at").asc(nulls_first=True))[:SWEPT_AT_ONCE]:
        if lost.filter(id=capture.id).update(sent_at=now):
            sent += _send(capture.id)
    return sent


def join(capture_id: UUID) -> int:
    """Send a capture to a worker, if nothing more is waited for. Return how many that are."""
    whole = _complete().filter(id=capture_id)
    return _send(capture_id) if whole.update(state=Capture.State.JOINING, sent_at=timezone.now()) else 0


def _complete() -> QuerySet[Capture]:
    """Those that wait though everybody who agreed has sent all of it, or nothing has come for as long as there is patience."""
    tracks = Track.objects.exclude(state=Track.State.DROPPED)
    mine = tracks.filter(capture=OuterRef("id"))
    sent = Q(speakers=_Length("people")) & ~Q(Exists(mine.filter(state=Track.State.OPEN)))
    ours = Q(Exists(mine.filter(by_server=True))) & _quiet(mine, OUR_PATIENCE)
    quiet = _quiet(mine, PATIENCE) | ours
    return Capture.objects.alias(speakers=_people(tracks)).filter(sent | quiet, state=Capture.State.WAITING)


def _quiet(tracks: QuerySet[Track], time: timedelta) -> Q:
    return Q(off_at__lt=_ago(time)) & ~Q(Exists(tracks.filter(last_at__gte=timezone.now() - time)))


def _people(tracks: QuerySet[Track]) -> Coalesce:
    """How many people those of these tracks are of that belong to a capture."""
    mine = tracks.filter(capture=OuterRef("id")).order_by().values("capture")
    return Coalesce(Subquery(mine.annotate(people=Count("person", distinct=True)).values("people")), 0)


def _ago(time: timedelta) -> int:
    """Ms since epoch."""
    return now_ms() - int(time.total_seconds() * 1000)


@transaction.atomic
def gone_silent(capture_id: UUID) -> list[str]:
    """Who agreed and has sent nothing SILENCE after recording began: ids, each once."""
    capture = Capture.objects.select_for_update().get(id=capture_id)
    if capture.on_at > _ago(SILENCE):
        return []
    heard = {str(id_) for id_ in capture.tracks.filter(size__gt=0).values_list("person", flat=True)}
    found = [id_ for id_ in capture.people if id_ not in heard and id_ not in capture.silent]
    Capture.objects.filter(id=capture_id).update(silent=[*capture.silent, *found], listened_at=timezone.now())
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


def renew(capture_id: UUID, holder: UUID) -> None:
    """Keep the lease, if it is still this holder's: whoever lost it finds out when storing."""
    held = Capture.objects.filter(id=capture_id, holder=holder, state=Capture.State.JOINING)
    held.update(lease_until=timezone.now() + LEASE)


def release(capture_id: UUID, holder: UUID) -> None:
    """Give it back after its worker died: the next sweep sends it again."""
    Capture.objects.filter(id=capture_id, holder=holder).update(holder=None, lease_until=None, sent_at=None)


def postpone(capture_id: UUID, holder: UUID) -> None:
    """Give it back because the disk, the database or the keyring is away, which is no fault of what is joined: a sweep sends it again after
    RESEND. Does nothing when the lease is lost."""
    held = Capture.objects.filter(id=capture_id, holder=holder, state=Capture.State.JOINING)
    held.update(holder=None, lease_until=None, sent_at=timezone.now(), attempt=F("attempt") - 1)


def waits_for_disk(capture: Capture) -> bool:
    """Whether a disk that cannot be read now may yet be: of one that could not for so long as DISK, what can be read is all there is."""
    return capture.off_at is None or capture.off_at > _ago(DISK)


def came_further(capture_id: UUID, holder: UUID) -> None:
    """Attempts are counted from what was last done for good. In the transaction that does it."""
    Capture.objects.filter(id=capture_id, holder=holder).update(attempt=1)


def unsealed() -> int:
    """Send those that were given up before every track of theirs was a recording once more: what is in none, no rule of keeping reaches.
    Return how many. Run by beat, seldom."""
    left = Exists(Track.objects.filter(capture=OuterRef("id"), state__in=[Track.State.OPEN, Track.State.ENDED]))
    ids = list(Capture.objects.filter(left, state=Capture.State.FAILED).values_list("id", flat=True)[:SWEPT_AT_ONCE])
    for id_ in ids:
        again = {"state": Capture.State.JOINING, "attempt": ATTEMPTS - 1, "lease_until": None, "sent_at": timezone.now()}
        if Capture.objects.filter(id=id_, state=Capture.State.FAILED).update(**again):
            _send(id_)
    return len(ids)


def wait_again(capture_id: UUID, holder: UUID) -> None:
    """Give it back because more came while it was joined: what else its device has is waited for. Does nothing when the lease is lost."""
    _wait(Capture.objects.filter(id=capture_id, holder=holder))


def expect_more(capture_id: UUID) -> None:
    """Wait for a device that comes while the others are joined; whoever joins them finds the lease lost."""
    _wait(Capture.objects.filter(id=capture_id))


def _wait(rows: QuerySet[Capture]) -> None:
    joining = rows.filter(state=Capture.State.JOINING)
    joining.update(state=Capture.State.WAITING, holder=None, lease_until=None, attempt=0)


def _send(capture_id: UUID) -> int:
    """A lost message is sent again by a sweep, after RESEND."""
    try:
        current_app.send_task(TASK, args=[str(capture_id)], queue=QUEUE)
    except (OperationalError, OSError) as error:
        log.warning("capture.unsent", capture=str(capture_id), reason=type(error).__name__)
        return 0
    return 1
