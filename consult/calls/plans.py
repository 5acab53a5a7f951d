"""Times for calls: proposed by one side, taken by the other with one tap, remembered to both shortly before. Each act checks, writes,
appends, in one transaction that holds the case."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils import timezone

from consult import timeline
from consult.audiences import audience
from consult.calls.errors import BAD_SLOTS, NO_PLAN, NOBODY, SLOT_GONE
from consult.doorbell import Ring, ring
from consult.errors import CLOSED
from consult.models import CallPlan, Consultation
from consult.models.plans import OPEN
from consult.protocol.call_events import CallAgreed, CallDue, CallProposed, CallUnplanned
from records.access import loaded
from records.errors import Refused
from records.ledger.chains import now_ms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.db.models import QuerySet

    from consult.protocol.arrangements import CallAgree, CallPropose, CallUnplan
    from consult.timeline import Appended
    from records.people import Person

SOONEST_MS: Final = 5 * 60_000
LATEST_MS: Final = 30 * 86_400_000
REMIND_MS: Final = 10 * 60_000  # before its time
KEPT_MS: Final = 3_600_000  # after its time, for whoever is late; and so long before it a call counts as the one agreed on
State = CallPlan.State


@transaction.atomic
def propose(person: Person, command: CallPropose) -> Appended:
    """Offer times, in place of whatever was open. Raises Refused: NOT_FOUND, CLOSED, NOBODY, BAD_SLOTS, CLIENT_ID_CONFLICT."""
    case = _case(person, command.consultation)
    slots = sorted(set(command.slots))
    body = CallProposed(slots, sorted(set(command.media)))
    if done := timeline.repeated(case.id, person, command.client_id, body):
        return done
    now = now_ms()
    if not now + SOONEST_MS <= slots[0] or slots[-1] > now + LATEST_MS:
        raise Refused(BAD_SLOTS)
    drop(case, "replaced", person)
    appended = timeline.append(case.id, "call.proposed", person, body, command.client_id)
    mine = person.id == case.assignee_id
    CallPlan.objects.create(consultation=case, seq=appended.seq, by=person, from_doctor=mine, media=body.media, slots=slots)
    _answers(case, doctor=mine)
    return appended


@transaction.atomic
def agree(person: Person, command: CallAgree) -> Appended:
    """Take one of the times that the other side offered.

    Raises Refused: NOT_FOUND, CLOSED, NOBODY, NO_PLAN, SLOT_GONE, CLIENT_ID_CONFLICT."""
    case = _case(person, command.consultation)
    plan = CallPlan.objects.filter(consultation=case, seq=command.seq).first()
    body = CallAgreed(command.seq, command.at, plan.media if plan else [])
    if done := timeline.repeated(case.id, person, command.client_id, body):
        return done
    doctor = person.id == case.assignee_id
    if plan is None or plan.state != State.PROPOSED or plan.from_doctor == doctor:
        raise Refused(NO_PLAN)
    if command.at not in plan.slots or command.at < now_ms():
        raise Refused(SLOT_GONE)
    plan.state, plan.at = State.AGREED, command.at
    plan.reminded = command.at - now_ms() <= REMIND_MS  # who agrees on so soon a time needs no reminder of it
    plan.save(update_fields=["state", "at", "reminded"])
    _answers(case, doctor=doctor)
    return timeline.append(case.id, "call.agreed", person, body, command.client_id)


@transaction.atomic
def unplan(person: Person, command: CallUnplan) -> Appended:
    """Take it back, or turn it down, as long as it is open. Raises Refused: NOT_FOUND, CLOSED, NOBODY, NO_PLAN, CLIENT_ID_CONFLICT."""
    case = _case(person, command.consultation)
    body = CallUnplanned(command.seq, "taken_back")
    if done := timeline.repeated(case.id, person, command.client_id, body):
        return done
    plan = CallPlan.objects.filter(consultation=case, seq=command.seq, state__in=OPEN).first()
    if plan is None:
        raise Refused(NO_PLAN)
    _end(plan)
    if person.id == case.assignee_id:
        _changed(case.id)  # a no to a time is no answer to what she wrote
    else:
        _answers(case, doctor=False)
    return timeline.append(case.id, "call.unplanned", person, body, command.client_id)


def drop(case: Consultation, reason: str, by: Person | None = None) -> None:
    """End what is open, in the caller's transaction, which holds the case."""
    plan = CallPlan.objects.filter(consultation=case, state__in=OPEN).first()
    if plan is not None:
        _end(plan)
        timeline.append(case.id, "call.unplanned", by, CallUnplanned(plan.seq, reason))


def talked(case: Consultation) -> None:
    """They talk: what was agreed on for about now is done. In the caller's transaction, which holds the case."""
    CallPlan.objects.filter(consultation=case, state=State.AGREED, at__lte=now_ms() + KEPT_MS).update(state=State.OVER)


def shown(ids: Sequence[UUID], person: Person) -> dict[UUID, dict[str, Any]]:
    """What is open of these cases, for rows of lists. `mine`: this reader's side proposed it."""
    rows = CallPlan.objects.filter(consultation__in=ids, state__in=OPEN).select_related("consultation")
    return {
        row.consultation_id: {
            "seq": row.seq,
            "state": row.state,
            "media": row.media,
            "slots": row.slots,
            "at": row.at,
            "mine": row.from_doctor == (row.consultation.assignee_id == person.id),
        }
        for row in rows
    }


def sweep() -> dict[str, int]:
    """Remind both sides of what is near, and end what came to nothing. Run by beat; any number of workers may do so at once."""
    now = now_ms()
    near = CallPlan.objects.filter(state=State.AGREED, reminded=False, at__lte=now + REMIND_MS, at__gt=now - KEPT_MS)
    agreed = CallPlan.objects.filter(state=State.AGREED, at__lte=now - KEPT_MS)
    return {
        "reminded": sum(_remind(row) for row in list(near.values_list("id", flat=True))),
        "over": _over(agreed) + _stale(now),
    }


def _stale(now: int) -> int:
    """Proposals all of whose times are past."""
    rows = CallPlan.objects.filter(state=State.PROPOSED).values_list("id", "slots")
    past = [row for row, slots in rows if slots[-1] < now]
    return _over(CallPlan.objects.filter(id__in=past, state=State.PROPOSED))


def _over(plans: QuerySet[CallPlan]) -> int:
    cases = list(plans.values_list("consultation", flat=True))
    ended = plans.update(state=State.OVER)
    for case in cases:
        _changed(case)
    return ended


@transaction.atomic
def _remind(plan_id: int) -> bool:
    of = CallPlan.objects.filter(id=plan_id).values("consultation")
    case = Consultation.objects.select_for_update(of=("self",)).get(chain__in=of)
    plan = CallPlan.objects.filter(id=plan_id, state=State.AGREED, reminded=False).first()
    if plan is None or plan.at is None:
        return False
    plan.reminded = True
    plan.save(update_fields=["reminded"])
    timeline.append(case.id, "call.due", None, CallDue(plan.seq, plan.at))
    transaction.on_commit(partial(ring, Ring("due", case.id, plan.at, tuple(audience(case.id)))))
    return True


def _case(person: Person, consultation: UUID) -> Consultation:
    case = loaded(person, "call.join", Consultation.objects.select_for_update().filter(chain_id=consultation).first())
    if case.state == Consultation.State.CLOSED:
        raise Refused(CLOSED)
    if case.assignee_id is None:
        raise Refused(NOBODY)
    return case


def _end(plan: CallPlan) -> None:
    plan.state = State.OVER
    plan.save(update_fields=["state"])


def _answers(case: Consultation, *, doctor: bool) -> None:
    """What the doctor does answers; what the patient's side does asks, as a message would."""
    needs = None if doctor else case.needs_reply_since or timezone.now()
    Consultation.objects.filter(chain_id=case.id).update(needs_reply_since=needs, last_at=timezone.now())
    _changed(case.id)


def _changed(case: UUID) -> None:
    """Pages that show the case ask for it again."""
    transaction.on_commit(partial(ring, Ring("changed", case, 0, tuple(audience(case)))))
