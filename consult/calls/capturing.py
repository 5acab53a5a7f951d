"""Recording calls: who may send their own track, for how long, and what of it a case shows.

Consent is `consult.calls.consent`'s, and is asked for at every piece. The tracks are kept by `transcription.tracks`, which is told here
when a window of consent opens and closes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef

from consult import timeline
from consult.calls import consent
from consult.calls.errors import NO_RECORDING
from consult.models import CallConsent, CallRecording, CallSeat
from consult.models.calls import LIVE
from consult.protocol.call_events import RecordingSilent
from records.errors import NOT_FOUND, Refused
from records.people import Person
from transcription.models import Capture
from transcription.tracks import captures, taking
from transcription.tracks.captures import Window

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

    from transcription.models import Track
    from transcription.tracks.taking import Sent

log = structlog.get_logger(__name__)

SILENT: Final = "recording.silent"
SWEPT_AT_ONCE: Final = 100
STARTED: Final = CallRecording.objects.filter(started_at__isnull=False)
# Parts of a recording that goes on: whoever takes their yes back while the call lasts takes it back for these too.
HELD: Final = CallRecording.objects.filter(joined=True, state=CallRecording.State.STOPPED, call__state__in=LIVE)


def in_call(person: Person, call: UUID) -> None:
    """Raises Refused(NOT_FOUND) for whoever did not talk in this call."""
    if not CallSeat.objects.filter(call=call, person=person, state=CallSeat.State.BOUND).exists():
        raise Refused(NOT_FOUND)


def open_track(
    person: Person,
    call: UUID,
    generation: int,
    client_id: str,
    age_ms: int,
    *,
    length: int | None = None,
    by_server: bool = False,
) -> Track:
    """A track of one's own, for a time that everybody agreed to. In rooms the server takes it, and devices send none.

    Raises Refused: NO_RECORDING, and as `taking.opened`.
    """
    consent.window(person.id, call, generation)
    row = STARTED.select_related("call").get(call=call, generation=generation)
    if row.call.room != by_server:
        raise Refused(NO_RECORDING)
    return taking.opened(person, _capture(row), client_id, age_ms, length=length, by_server=by_server)


def take(track: Track, sent: Sent, read: Callable[[int], bytes]) -> Track:
    """Add to one's own track. Raises as `taking.take`."""
    of, person = track.capture, track.person_id
    return taking.take(track, sent, read, lambda: _window(consent.window(person, of.call, of.generation)))


def _window(asked: consent.Window) -> Window:
    return Window(asked.started_at, asked.stopped_at, kept=asked.state != CallRecording.State.WITHDRAWN)


def _capture(row: CallRecording) -> Capture:
    """What this app's neighbour below knows of a recording; made at first sight."""
    assert row.started_at is not None, "it is one of STARTED"
    agreed = CallConsent.objects.filter(recording=row, granted=True).values_list("person", flat=True)
    case = row.call.consultation
    made, _ = Capture.objects.get_or_create(
        call=row.call_id,
        generation=row.generation,
        defaults={
            "thread_id": case.chain_id,
            "patient_id": case.patient_id,
            "asked_by_id": row.asked_by_id,
            "people": sorted(map(str, agreed)),
            "on_at": row.started_at,
        },
    )
    return made


def of_case(case_id: UUID) -> QuerySet[Capture]:
    """The captures of a case, the oldest first, with all that is shown of them."""
    rows = Capture.objects.filter(thread=case_id).select_related("recording__job", "asked_by")
    return rows.prefetch_related("tracks__person", "tracks__recording").order_by("on_at")


def people_of(capture: Capture) -> list[Person]:
    """Everybody who agreed, the patient first."""
    found = Person.objects.filter(id__in=capture.people).prefetch_related("roles", "departments")
    return sorted(found, key=lambda person: (person.id != capture.patient_id, person.name))


def sweep() -> dict[str, int]:
    """Run by beat: windows that opened and closed, sides from which nothing comes."""
    begun = _begin()
    mine = {"call": OuterRef("call"), "generation": OuterRef("generation")}
    stopped, held = Exists(STARTED.filter(**mine, stopped_at__isnull=False)), Exists(HELD.filter(**mine))
    closed = list(captures.live().filter(stopped, ~held)[:SWEPT_AT_ONCE])
    for capture in closed:
        try:
            _close(capture)
        except OSError as error:  # one that cannot be destroyed yet holds up no other
            log.warning("capture.not_closed", call=str(capture.call), reason=type(error).__name__)
    silent = sum(_alarm(capture) for capture in captures.unlistened().filter(~stopped)[:SWEPT_AT_ONCE])
    return {"begun": begun, "closed": len(closed), "silent": silent}


def _close(capture: Capture) -> None:
    row = STARTED.get(call=capture.call, generation=capture.generation)
    captures.over(capture, Window(capture.on_at, row.stopped_at, kept=row.state != CallRecording.State.WITHDRAWN))


def _begin() -> int:
    """Also of a recording that no device has sent anything of there is a capture, which can then be missed."""
    known = Capture.objects.filter(call=OuterRef("call"), generation=OuterRef("generation"))
    found = STARTED.filter(~Exists(known), state__in=[CallRecording.State.ON, CallRecording.State.STOPPED])
    rows = list(found.select_related("call__consultation")[:SWEPT_AT_ONCE])
    for row in rows:
        _capture(row)
    return len(rows)


@transaction.atomic
def _alarm(capture: Capture) -> int:
    """Say in the case that a side which agreed is not being recorded: everybody would find out when it is too late."""
    found = captures.gone_silent(capture.id)
    for person in found:
        log.error("capture.silent", call=str(capture.call), person=person)
        timeline.append(capture.thread_id, SILENT, None, RecordingSilent(capture.call, UUID(person)))
    return len(found)


@transaction.atomic
def cut_short(person: UUID, call: UUID, generation: int) -> None:
    """Say in the case that nothing more of somebody is recorded, where it still should be."""
    row = STARTED.select_related("call__consultation").filter(call=call, generation=generation).first()
    if row is not None and row.state == CallRecording.State.ON:
        capture = _capture(row)
        if captures.cut_short(capture.id, str(person)):
            log.error("capture.cut_short", call=str(call), person=str(person))
            timeline.append(capture.thread_id, SILENT, None, RecordingSilent(call, person))
