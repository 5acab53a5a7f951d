"""What nobody asks for: lost connections, times that run out, rights that end by themselves. Any process may look, and any number of them.

Each finds what is due in a statement that takes no lock, and then looks again at each call under its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import connection, transaction

from consult import timeline
from consult.calls.ending import end, rise, settle
from consult.calls.seats import changed, locked, may
from consult.models import Call, CallSeat
from consult.models.calls import LIVE
from consult.protocol.call_events import CallDropped
from records.ledger.chains import now_ms

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

SILENT_MS: Final = 10_000  # a line of which no process has said so long that it serves it is gone, with its process
LOST: Final = "no_connection"
Seat = CallSeat.State


@transaction.atomic
def drop(call_id: UUID, line: str, silent_since: int | None = None) -> None:
    """A connection is gone: its device has the grace to come back. On another line by now: nothing happens.

    `silent_since`: only if its process has said nothing of it since then; it may still say so, and then the line is found again.
    """
    case = locked(call_id)
    seat = (
        CallSeat.objects.select_related("call", "person").filter(call=call_id, line=line, state=Seat.BOUND, live=True).first()
    )
    if case is None or seat is None or seat.away_until is not None:
        return
    if silent_since is not None and (seat.seen_at or 0) >= silent_since:
        return
    seat.away_until = now_ms() + settings.XINQIAO_CALL_GRACE_SECONDS * 1000
    if silent_since is None:
        seat.line = ""  # gone for good: who read beforehand that it is served must not find it again
    seat.save(update_fields=["away_until", "line"])
    if seat.call.state == Call.State.ACTIVE and not seat.call.room:
        timeline.append(case.id, "call.dropped", None, CallDropped(call_id, seat.person_id))
    changed(seat.call)


def seen(lines: Collection[str]) -> None:
    """This process serves these lines. One that was taken for lost meanwhile, because nobody could say so, is not."""
    if not lines:
        return
    mine = CallSeat.objects.filter(live=True, state=Seat.BOUND, line__in=lines)
    with transaction.atomic():
        # What an act holds is left out until the next time: waiting for many rows, in no order, would end in a deadlock.
        free = mine.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
        CallSeat.objects.filter(id__in=list(free.values_list("id", flat=True))).update(seen_at=now_ms())
    for call_id, line in mine.filter(away_until__isnull=False).values_list("call", "line"):
        _found(call_id, line)


@transaction.atomic
def _found(call_id: UUID, line: str) -> None:
    case = locked(call_id)
    seat = CallSeat.objects.select_related("call", "person").filter(call=call_id, line=line, away_until__isnull=False).first()
    if case is None or seat is None:
        return
    seat.away_until = None
    seat.save(update_fields=["away_until"])
    if seat.call.state == Call.State.ACTIVE and not seat.call.room:
        timeline.append(case.id, "call.returned", seat.person, CallDropped(call_id, seat.person_id))
    changed(seat.call)


def sweep() -> int:
    """End what is due; returns how many calls ended. Run by every process that serves sockets, and by beat."""
    now = now_ms()
    bound = CallSeat.objects.filter(live=True, state=Seat.BOUND)
    for call_id, line in bound.filter(away_until=None, seen_at__lt=now - SILENT_MS).values_list("call", "line"):
        drop(call_id, line, now - SILENT_MS)
    rung = Call.objects.filter(state=Call.State.RINGING, until__lte=now).values_list("id", flat=True)
    left = bound.filter(away_until__lte=now).values_list("call", flat=True)
    expired = Call.objects.filter(state=Call.State.ACTIVE, room=True, until__lte=now).values_list("id", flat=True)
    unanswered = CallSeat.objects.filter(live=True, state=Seat.RUNG, rung_until__lte=now).values_list("call", flat=True)
    return sum(_end_if_due(call_id) for call_id in {*rung, *left, *expired, *unanswered})


@transaction.atomic
def _end_if_due(call_id: UUID) -> bool:
    case, now = locked(call_id), now_ms()
    call = Call.objects.get(id=call_id)
    if case is None or not call.live:
        return False
    if call.room:
        return _empty_if_due(call, now)
    if CallSeat.objects.filter(call=call, live=True, state=Seat.BOUND, away_until__lte=now).exists():
        end(call, "ended" if call.answered_at else "cancelled", LOST)
        return True
    if call.state == Call.State.RINGING and call.until <= now:
        end(call, "missed", "no_answer")
        return True
    return False


def _empty_if_due(room: Call, now: int) -> bool:
    """Whoever did not come, or did not come back, is not there; whether the room is over."""
    if room.until <= now:
        end(room, "ended", "expired")
        return True
    seats = CallSeat.objects.filter(call=room, live=True)
    rise(room, list(seats.filter(state=Seat.RUNG, rung_until__lte=now)), "no_answer")
    rise(room, list(seats.filter(state=Seat.BOUND, away_until__lte=now)), LOST)
    return not room.live


def end_forbidden() -> None:
    """End the calls whose people may be in them no longer, where nobody said so when it changed: a day that passed, a role that went."""
    people = ("person__roles", "person__departments")
    seats = CallSeat.objects.filter(live=True).select_related("call__consultation", "person").prefetch_related(*people)
    for call_id in {seat.call_id for seat in seats if not may(seat.person, seat.call, seat.call.consultation)}:
        with transaction.atomic():
            if (case := locked(call_id)) is not None:
                settle(case)


def turn(lines: Collection[str], *, compare: bool) -> dict[UUID, int]:
    """What every process that serves sockets does again and again; returns every live call and its version."""
    seen(lines)
    sweep()
    if compare:
        end_forbidden()
    return live()


def live() -> dict[UUID, int]:
    """Every live call and its version."""
    return dict(Call.objects.filter(state__in=LIVE).values_list("id", "version"))
