"""Times for calls: proposed, taken with one tap, remembered shortly before, and gone with what they were about."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.utils import timezone

from consult import consultations, timeline, waiting_room
from consult.calls import acts, plans
from consult.calls.errors import BAD_SLOTS, NO_PLAN, SLOT_GONE
from consult.models import CallPlan, Consultation, Event
from consult.packs import readable
from consult.protocol import ConsultationReturn, calls
from consult.protocol.arrangements import CallAgree, CallPropose, CallUnplan
from consult.timeline import Appended
from records.errors import NOT_FOUND, Refused
from records.ledger.audit import check_chain
from records.ledger.chains import now_ms
from records.ledger.sequencer import Sequencer
from records.people import Person
from tests.cast import client_id, consultation, who

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("cast")]
HOUR = 3_600_000


def proposes(person: Person, case: UUID, *slots: int) -> Appended:
    return plans.propose(person, CallPropose("1", case, client_id(), list(slots), ["audio"]))


def agrees(person: Person, case: UUID, seq: int, at: int) -> Appended:
    return plans.agree(person, CallAgree("2", case, client_id(), seq, at))


def row(person: Person, case: UUID) -> dict[str, object] | None:
    found: dict[str, object] | None = waiting_room.describe(person, [Consultation.objects.get(chain_id=case)])[0]["call_plan"]
    return found


def kinds(case: UUID) -> list[str]:
    return list(Event.objects.filter(thread=case, kind__startswith="call.").order_by("seq").values_list("kind", flat=True))


def test_wang_offers_three_times_and_dr_zhao_takes_one() -> None:
    case, wang, zhao = consultation().id, who("wang"), who("zhao")
    soon = now_ms() + HOUR
    asked = proposes(wang, case, soon + HOUR, soon, soon + 2 * HOUR)
    assert Consultation.objects.get(chain_id=case).needs_reply_since is not None, "she waits for an answer"
    offered = {
        "seq": asked.seq,
        "state": "proposed",
        "media": ["audio"],
        "slots": [soon, soon + HOUR, soon + 2 * HOUR],
        "at": None,
    }
    assert row(zhao, case) == {**offered, "mine": False}
    assert row(wang, case) == {**offered, "mine": True}
    with pytest.raises(Refused, match=NO_PLAN.code):
        agrees(wang, case, asked.seq, soon)  # her own
    with pytest.raises(Refused, match=SLOT_GONE.code):
        agrees(zhao, case, asked.seq, soon + 1)
    command = CallAgree("2", case, client_id(), asked.seq, soon)
    assert plans.agree(zhao, command) == plans.agree(zhao, command), "once"
    assert Consultation.objects.get(chain_id=case).needs_reply_since is None
    with pytest.raises(Refused, match=NO_PLAN.code):
        agrees(zhao, case, asked.seq, soon + HOUR)
    Sequencer().step()
    assert check_chain(case).state == "verified"
    told = {event.kind: readable.line(case, event, {}, None).text for event in Event.objects.filter(thread=case)}
    moment = timezone.localtime(datetime.fromtimestamp(soon / 1000, UTC)).strftime("%Y-%m-%d %H")
    assert told["call.agreed"].startswith(moment)
    assert told["call.proposed"].count(" · ") == 2


def test_both_are_reminded_once_and_whoever_does_not_come_has_no_plan_any_more() -> None:
    case, wang, zhao = consultation().id, who("wang"), who("zhao")
    at = now_ms() + HOUR
    agrees(wang, case, proposes(zhao, case, at).seq, at)
    assert plans.sweep() == {"reminded": 0, "over": 0}
    CallPlan.objects.update(at=now_ms() + plans.REMIND_MS)
    assert [plans.sweep()["reminded"], plans.sweep()["reminded"]] == [1, 0]
    assert kinds(case)[-1] == "call.due"
    assert waiting_room.unread(zhao, [case])[case][0] == 3, "the intake, what she agreed on, and the reminder"
    CallPlan.objects.update(at=now_ms() - plans.KEPT_MS)
    assert plans.sweep()["over"] == 1
    assert row(wang, case) is None


def test_a_new_proposal_a_call_and_the_case_that_goes_back_end_what_was_open() -> None:
    case, wang, zhao = consultation().id, who("wang"), who("zhao")
    at = now_ms() + HOUR
    first, second = proposes(zhao, case, at), proposes(wang, case, at + HOUR)
    with pytest.raises(Refused, match=NO_PLAN.code):
        agrees(wang, case, first.seq, at)
    plans.unplan(zhao, CallUnplan("3", case, client_id(), second.seq))
    assert row(zhao, case) is None
    agrees(wang, case, proposes(zhao, case, at).seq, at)
    call = acts.invite(wang, calls.CallInvite("4", case, client_id(), "wangs-phone", ["audio"]), "line-w")
    acts.accept(zhao, calls.CallAccept("5", call, "zhaos-desk", ["audio"]), "line-z")
    assert row(zhao, case) is None, "they talk"
    acts.hang_up(zhao, calls.CallHangup("6", call))
    proposes(zhao, case, at)
    consultations.give_back(zhao, ConsultationReturn("7", case, client_id(), "换班"))
    assert kinds(case)[-1] == "call.unplanned"
    assert not CallPlan.objects.exclude(state="over").exists()


def test_times_are_within_bounds_and_nobody_else_has_a_say() -> None:
    case, wang = consultation().id, who("wang")
    now = now_ms()
    for slots in ([now], [now + plans.LATEST_MS + HOUR], [now + HOUR, now - HOUR]):
        with pytest.raises(Refused, match=BAD_SLOTS.code):
            proposes(wang, case, *slots)
    seq = proposes(wang, case, now + HOUR).seq
    for other in ("sun", "wu", "qian", "zhou"):
        with pytest.raises(Refused, match=NOT_FOUND.code):
            proposes(who(other), case, now + HOUR)
        with pytest.raises(Refused, match=NOT_FOUND.code):
            agrees(who(other), case, seq, now + HOUR)
    assert timeline.since(case, 0).head == seq
