"""The life of a call: invited, shown, answered or declined, taken up again, hung up. Each act checks, writes, appends, in one transaction.

`line` is the connection that the command came over: the seat it takes is that device's, and nobody else's.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from consult import consultations, terms, timeline
from consult.audiences import audience
from consult.calls import plans
from consult.calls.ending import end, leave, rise
from consult.calls.errors import ELSEWHERE, IN_CALL, NOBODY, OVER
from consult.calls.seats import Place, changed, take
from consult.doorbell import Ring, ring
from consult.errors import CLOSED, ROUNDS_USED, TIME_OVER
from consult.models import Call, CallSeat, Consultation, Cursor, Event, Retraction
from consult.protocol.call_events import CallAnswered, CallDropped, CallInvited
from consult.relations import kin
from records.access import can
from records.errors import BAD_INPUT, CLIENT_ID_CONFLICT, NOT_FOUND, TOO_MANY, UNAVAILABLE, Refused
from records.ledger.chains import moment, now_ms
from records.people import CLINICAL, Person

if TYPE_CHECKING:
    from uuid import UUID

    from consult.protocol import calls
    from consult.protocol.calls import Ending, Medium

Seat = CallSeat.State
UNANSWERED_AT_MOST, UNANSWERED_WITHIN_SECONDS = 20, 600  # calls of one person
OVER_TERMS: Final = {"rounds": ROUNDS_USED, "time": TIME_OVER}
# What hanging up makes of a call that was answered, by the reason; of one that rings it makes a cancelled one.
HUNG_UP: Final[dict[str, Ending]] = {"done": "ended", "no_answer": "ended", "no_device": "failed", "no_connection": "failed"}


def invite(person: Person, command: calls.CallInvite, line: str) -> UUID:
    """Ring the other side; returns the call. Who is rung already by that side answers with it instead. Repeating it changes nothing.

    Two calls that take the same person at one moment: one of them finds the other, and tries once more to see what it is.
    """
    for _ in range(2):
        try:
            with transaction.atomic():
                return _invite(person, command, line)
        except IntegrityError:
            continue
    raise Refused(UNAVAILABLE)


def _invite(person: Person, command: calls.CallInvite, line: str) -> UUID:
    case = consultations.load(person, command.consultation, "call.join", lock=True)
    before = CallSeat.objects.select_related("call").filter(call__consultation=case, person=person, client_id=command.client_id)
    if (seat := before.first()) is not None:
        return _again(seat, command.device, line)
    if Event.objects.filter(thread=case.id, sender=person, client_id=command.client_id).exists():
        raise Refused(CLIENT_ID_CONFLICT)
    _may_call_now(person, case)
    mine = CallSeat.objects.select_related("call").filter(person=person, live=True).first()
    if mine is None:
        return _ring(person, case, command, line)
    if mine.call.consultation_id != case.id or mine.state != Seat.RUNG or mine.call.room:
        raise Refused(IN_CALL)
    mine.client_id = command.client_id
    _answer(Place(mine.call, mine, case), person, command.device, command.media, line)
    return mine.call_id


def _may_call_now(person: Person, case: Consultation) -> None:
    if case.state == Consultation.State.CLOSED:
        raise Refused(CLOSED)
    if case.assignee_id is None:
        raise Refused(NOBODY)
    if person.id == case.assignee_id:
        consultations.licensed(person)
    elif (why := terms.over(case)) is not None:
        raise Refused(OVER_TERMS[why])


def _not_again_and_again(person: Person, now: int) -> None:
    """Whoever is not answered rings no more than so often."""
    since = now - UNANSWERED_WITHIN_SECONDS * 1000
    unanswered = Call.objects.filter(caller=person, room=False, at__gt=since, answered_at=None).order_by("-at")
    oldest = unanswered.values_list("at", flat=True)[UNANSWERED_AT_MOST - 1 : UNANSWERED_AT_MOST].first()
    if oldest is not None:
        raise Refused(TOO_MANY, retry_after=(oldest - since) / 1000)


def _ring(person: Person, case: Consultation, command: calls.CallInvite, line: str) -> UUID:
    _not_again_and_again(person, now_ms())
    now, media = now_ms(), _ordered(command.media)
    until = now + settings.XINQIAO_CALL_RING_SECONDS * 1000
    call = Call.objects.create(consultation=case, caller=person, media=media, at=now, until=until)
    CallSeat.objects.create(
        call=call, person=person, state=Seat.BOUND, device=command.device, line=line, seen_at=now, client_id=command.client_id
    )
    others = _other_side(person, case)
    free = [one for one in others if not CallSeat.objects.filter(person=one, live=True).exists()]
    for one in free:
        CallSeat.objects.create(call=call, person=one, state=Seat.RUNG)
    timeline.append(case.id, "call.invited", person, CallInvited(call.id, media), command.client_id)
    Consultation.objects.filter(chain_id=case.id).update(last_at=timezone.now())
    if free:
        changed(call)
    elif others:
        end(call, "busy", "busy")
    else:
        end(call, "missed", "nobody")
    return call.id


def _other_side(person: Person, case: Consultation) -> list[Person]:
    """Whom a call of this person rings: the patient and who may speak for them in calls, or the doctor. In the order of their ids, so that
    two calls take their seats in the same one."""
    family = [one.person for one in kin(case.family, now_ms()) if one.calls]
    rung = Q(id__in=[case.patient_id, *family]) if person.id == case.assignee_id else Q(id=case.assignee_id)
    people = Person.objects.filter(rung).exclude(id=person.id).prefetch_related("roles", "departments").order_by("id")
    return [one for one in people if can(one, "call.join", case)]


def _again(seat: CallSeat, device: str, line: str) -> UUID:
    """The command came before and its answer was lost: the seat is on the line that asks now."""
    if seat.device != device:
        raise Refused(CLIENT_ID_CONFLICT)
    if seat.call.live:
        _take_line(seat, line)
        changed(seat.call)
    return seat.call_id


def _take_line(seat: CallSeat, line: str) -> None:
    seat.line, seat.away_until, seat.seen_at = line, None, now_ms()
    seat.save(update_fields=["line", "away_until", "seen_at", "resumes"])


@transaction.atomic
def show(person: Person, command: calls.CallRinging) -> None:
    """A device shows the call: whoever rings is told."""
    call, seat, _ = take(person, command.call)
    if seat.state == Seat.RUNG and seat.live and not call.shown:
        call.shown = True
        changed(call, "shown")


@transaction.atomic
def accept(person: Person, command: calls.CallAccept, line: str) -> None:
    """This device takes the call; the others stop ringing."""
    place = take(person, command.call)
    call, seat, case = place
    if not call.live:
        raise Refused(OVER)
    if call.caller_id == person.id or call.room:
        raise Refused(NOT_FOUND)
    if seat.state == Seat.BOUND and seat.device == command.device:
        _again(seat, command.device, line)
        return
    if seat.state != Seat.RUNG or not seat.live:
        raise Refused(ELSEWHERE)
    if person.id == case.assignee_id:
        consultations.licensed(person)
    _answer(place, person, command.device, command.media, line)


def _answer(place: Place, person: Person, device: str, media: list[Medium], line: str) -> None:
    call, seat, case = place
    seat.state, seat.device, seat.line, seat.seen_at = Seat.BOUND, device, line, now_ms()
    seat.save(update_fields=["state", "device", "line", "seen_at", "client_id"])
    CallSeat.objects.filter(call=call, state=Seat.RUNG).update(state=Seat.LEFT, live=False)
    both = [medium for medium in _ordered(media) if medium in call.media] or _ordered(media)
    call.state, call.callee, call.media, call.answered_at = Call.State.ACTIVE, person, both, seat.seen_at
    # Of an invitation that came the other way at the same moment, this is the act.
    timeline.append(case.id, "call.answered", person, CallAnswered(call.id, both), seat.client_id)
    _answers_what_was_read(case)
    plans.talked(case)
    # What the pages show of the case says that an answer is owed.
    transaction.on_commit(partial(ring, Ring("changed", case.id, 0, tuple(audience(case.id)))))
    changed(call, "state", "callee", "media", "answered_at")


def _answers_what_was_read(case: Consultation) -> None:
    """Talking answers what the doctor knew of by then. What the patient's side wrote and the doctor has not seen still waits, from the
    first of it on."""
    seen = Cursor.objects.filter(thread=case.id, person=case.assignee_id).values_list("read", flat=True).first() or 0
    written = Event.objects.filter(thread=case.id, kind="message.posted", seq__gt=seen)
    taken_back = Exists(Retraction.objects.filter(thread=case.id, of=OuterRef("seq")))
    asked = written.exclude(sender__roles__role__in=CLINICAL).exclude(taken_back).order_by("seq")
    at = asked.values_list("at", flat=True).first()
    Consultation.objects.filter(chain_id=case.id).update(needs_reply_since=None if at is None else moment(at))


@transaction.atomic
def decline(person: Person, command: calls.CallDecline, line: str) -> UUID:
    """This person does not answer; the call ends unless somebody else of that side is rung too. Returns the consultation."""
    call, seat, case = take(person, command.call)
    if not call.live or not seat.live:
        return case.id
    if seat.state != Seat.RUNG:
        raise Refused(NOT_FOUND)
    if call.room and command.note.strip():  # it would stand in the case, also where its colleagues alone were talking
        raise Refused(BAD_INPUT, {"note": {"zh": "多方通话不能附言。", "en": "A room takes no note."}})
    seat.line = line
    if call.room:
        rise(call, [seat], "declined", person)
    elif not leave(call, [seat]):
        end(call, "declined", command.reason, person)
    return case.id


@transaction.atomic
def hang_up(person: Person, command: calls.CallHangup) -> None:
    """Whoever talks ends it, on any of their devices; whoever rings takes it back. What is over stays as it ended."""
    call, seat, _ = take(person, command.call)
    if not call.live:
        return
    if seat.state != Seat.BOUND:
        raise Refused(NOT_FOUND)
    if call.room:
        rise(call, [seat], "done", person)
        return
    end(call, HUNG_UP[command.reason] if call.answered_at else "cancelled", command.reason, person)


@transaction.atomic
def resume(person: Person, command: calls.CallResume, line: str) -> None:
    """The same device goes on, on a new connection."""
    call, seat, case = take(person, command.call)
    if not call.live:
        raise Refused(OVER)
    if seat.state != Seat.BOUND or seat.device != command.device or call.room:
        raise Refused(NOT_FOUND)
    if seat.away_until is not None and call.state == Call.State.ACTIVE:
        timeline.append(case.id, "call.returned", person, CallDropped(call.id, person.id))
    seat.resumes += call.state == Call.State.ACTIVE
    _take_line(seat, line)
    changed(call)


def _ordered(media: list[Medium]) -> list[Medium]:
    """Without repetitions, sound first."""
    return sorted(set(media))
