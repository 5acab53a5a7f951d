"""May this call be recorded? Asked of everybody in it, for this call alone; nothing runs before all have said yes, a no ends no call, and
whoever takes their yes back stops it at once, for both.

Every answer is an act in the timeline. Whoever takes sound or pictures in asks for the `window` at every piece.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Final, NamedTuple

from django.db import IntegrityError, transaction

from consult import timeline
from consult.calls.errors import COLLEAGUES_ONLY, NO_RECORDING, NOT_ASKED, OTHER_TEXT
from consult.calls.seats import changed, done, talking
from consult.models.calls import Call, CallConsent, CallRecording, CallSeat
from consult.protocol.call_events import RecordingAnswered, RecordingAsked, RecordingTurned
from records.errors import UNAVAILABLE, Refused
from records.ledger.chains import now_ms

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from consult.calls.seats import Place
    from consult.protocol import calls
    from records.people import Person

State = CallRecording.State
OPEN: Final = (State.ASKED, State.ON)


class Window(NamedTuple):
    """When one generation of a call was recorded, ms since epoch. `stopped_at` None: it runs. `state`: on, withdrawn or stopped."""

    generation: int
    started_at: int
    stopped_at: int | None
    state: str


def window(person: UUID, call: UUID, generation: int) -> Window:
    """What of somebody's track belongs to a generation: pieces recorded within it may arrive after it stopped, and after the call.

    Raises `Refused(NO_RECORDING)` where it never started, or the person did not talk in this call.
    """
    row = CallRecording.objects.filter(call=call, consents__person=person, generation=generation).first()
    if row is None or row.started_at is None:
        raise Refused(NO_RECORDING)
    return Window(generation, row.started_at, row.stopped_at, row.state)


def request(person: Person, command: calls.RecordingRequest, line: str) -> UUID:
    """Ask, which is consenting oneself; where the other has asked already, it is answering yes. Returns the consultation."""
    try:
        with transaction.atomic():
            return _request(person, command, line)
    except IntegrityError:  # another request came at the same moment
        raise Refused(UNAVAILABLE) from None


def _request(person: Person, command: calls.RecordingRequest, line: str) -> UUID:
    place = talking(person, command.call, line)
    body = RecordingAsked(command.call, command.text_version)
    yes = RecordingAnswered(command.call, granted=True, text_version=command.text_version)
    if done(place, person, command.client_id, body, yes):
        return place.case.id
    if place.call.side_id is not None:
        raise Refused(COLLEAGUES_ONLY)
    asked = _open(place.call)
    if asked is not None:
        _grant(place, asked, person, command.client_id, command.text_version)
        return place.case.id
    _ask(place.call, person.id, command.client_id, command.text_version, {person.id})
    timeline.append(place.case.id, "recording.asked", person, body, command.client_id)
    changed(place.call)
    return place.case.id


def _ask(call: Call, by: UUID, client_id: str, text_version: str, agreed: Collection[UUID]) -> CallRecording:
    """The next request of this call, put to everybody who talks in it; those have agreed already."""
    generation, now = CallRecording.objects.filter(call=call).count() + 1, now_ms()
    row = CallRecording.objects.create(
        call=call, generation=generation, asked_by_id=by, client_id=client_id, text_version=text_version, changed_at=now
    )
    for seat in CallSeat.objects.filter(call=call, live=True, state=CallSeat.State.BOUND):
        yes = seat.person_id in agreed
        CallConsent.objects.create(recording=row, person_id=seat.person_id, granted=yes or None, at=now if yes else None)
    return row


def joined(call: Call, person: Person) -> None:
    """Somebody sat down in a room: nothing more is recorded before they have said yes too. In the caller's transaction."""
    asked = _open(call)
    if asked is None:
        return
    if asked.state == State.ASKED:
        CallConsent.objects.update_or_create(recording=asked, person=person, defaults={"granted": None, "at": None})
        return
    agreed = set(CallConsent.objects.filter(recording=asked, granted=True).values_list("person", flat=True)) - {person.id}
    asked.joined = True
    _stopped(call, asked, State.STOPPED, "joined", None)
    _ask(call, asked.asked_by_id, f"{person.id.hex}-{asked.generation}", asked.text_version, agreed)
    timeline.append(call.thread, "recording.asked", None, RecordingAsked(call.id, asked.text_version))


def without(call: Call, seats: Collection[CallSeat]) -> None:
    """These people left: their answer is not waited for. In the caller's transaction."""
    asked = _open(call)
    if asked is not None and asked.state == State.ASKED:
        CallConsent.objects.filter(recording=asked, person__in=[seat.person_id for seat in seats], granted=None).delete()
        _start(call, asked)


def _start(call: Call, asked: CallRecording) -> None:
    """Record from now on, where everybody has agreed."""
    asked.changed_at = now_ms()
    if not CallConsent.objects.filter(recording=asked).exclude(granted=True).exists():
        asked.state, asked.started_at = State.ON, asked.changed_at
        timeline.append(call.thread, "recording.started", None, RecordingTurned(call.id, "all_agreed"))
    asked.save(update_fields=["state", "started_at", "changed_at"])


@transaction.atomic
def answer(person: Person, command: calls.RecordingConsent, line: str) -> UUID:
    """Say yes or no, or take a yes back, in a room also when nothing is asked any more. Whoever talks may say no on any of their devices.
    Returns the consultation."""
    place = talking(person, command.call, line if command.granted else None)
    body = RecordingAnswered(command.call, command.granted, command.text_version)
    if done(place, person, command.client_id, body):
        return place.case.id
    asked = _open(place.call)
    if asked is None and not command.granted and _withdraw_before(place.call, person):
        timeline.append(place.case.id, "recording.answered", person, body, command.client_id)
        changed(place.call)
        return place.case.id
    if asked is None:
        raise Refused(NOT_ASKED)
    if command.granted:
        _grant(place, asked, person, command.client_id, command.text_version)
    else:
        _refuse(place, asked, person, command.client_id, body)
    return place.case.id


def _grant(place: Place, asked: CallRecording, person: Person, client_id: str, text_version: str) -> None:
    if text_version != asked.text_version:
        raise Refused(OTHER_TEXT)
    waiting = CallConsent.objects.filter(recording=asked, person=person).exclude(granted=True)
    if not waiting.update(granted=True, at=now_ms()):
        return
    yes = RecordingAnswered(place.call.id, granted=True, text_version=text_version)
    timeline.append(place.case.id, "recording.answered", person, yes, client_id)
    _start(place.call, asked)
    changed(place.call)


def _refuse(place: Place, asked: CallRecording, person: Person, client_id: str, body: RecordingAnswered) -> None:
    CallConsent.objects.filter(recording=asked, person=person).update(granted=False, at=now_ms())
    timeline.append(place.case.id, "recording.answered", person, body, client_id)
    _withdraw_before(place.call, person)
    _stopped(place.call, asked, State.WITHDRAWN if asked.state == State.ON else State.REFUSED, "withdrawn", None)
    changed(place.call)


def _withdraw_before(call: Call, person: Person) -> int:
    """The parts that what is open goes on with, or would, as far back as only somebody's joining stopped them, and where this person had
    agreed. Returns how many."""
    before = CallRecording.objects.filter(call=call).exclude(state__in=OPEN).order_by("-generation")
    parts = [row.pk for row in takewhile(lambda row: row.joined or row.started_at is None, before) if row.joined]
    agreed = CallConsent.objects.filter(recording__in=parts, person=person, granted=True).values("recording")
    kept = CallRecording.objects.filter(id__in=agreed).exclude(state=State.WITHDRAWN)
    return kept.update(state=State.WITHDRAWN, changed_at=now_ms())


@transaction.atomic
def stop(person: Person, command: calls.RecordingStop) -> UUID:
    """Stop what runs, or take back what was asked. What is stopped stays so. Returns the consultation."""
    place = talking(person, command.call, None)
    asked = _open(place.call)
    if asked is not None:
        _stopped(place.call, asked, State.STOPPED, "stopped", person)
        changed(place.call)
    return place.case.id


def _stopped(call: Call, asked: CallRecording, state: CallRecording.State, why: str, by: Person | None) -> None:
    now = now_ms()
    if asked.state == State.ON:
        asked.stopped_at = now
        timeline.append(call.thread, "recording.stopped", by, RecordingTurned(call.id, why))
    asked.state, asked.changed_at = state, now
    asked.save(update_fields=["state", "changed_at", "stopped_at", "joined"])


def end_with(call: Call) -> None:
    """Whatever runs stops with the call; a request that nobody answered is over. In the caller's transaction."""
    asked = _open(call)
    if asked is not None:
        _stopped(call, asked, State.STOPPED, "call_ended", None)


def _open(call: Call) -> CallRecording | None:
    return CallRecording.objects.filter(call=call, state__in=OPEN).first()
