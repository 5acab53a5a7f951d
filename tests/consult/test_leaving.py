"""A doctor's account is closed: no case is without an owner or a queue."""

import json

import pytest

from consult import consultations, timeline
from consult.models import Consultation, Event
from consult.protocol import ConsultationReopen
from consult.waiting_room import one, queue
from records import sessions
from records.errors import Refused
from records.ledger.audit import check_chain
from records.people import CareRelationship, Department, Person
from tests.cast import client_id, consultation, who


@pytest.fixture
def qian(cast: None) -> Person:
    """A second cardiologist, for today."""
    who("qian").departments.add(Department.objects.get(code="cardiology"))
    return who("qian")


def test_the_cases_of_a_doctor_who_leaves_wait_for_another(qian: Person) -> None:
    case, done = consultation("wang", "zhao", said=(("zhao", "您好"),)), consultation("wang", "zhao", summary="好转")
    sessions.deactivate(who("zhao"), by=who("lin"))
    case.refresh_from_db()
    assert (case.state, case.assignee, case.claimed_at) == ("queued", None, None)
    assert case.needs_reply_since is not None
    last = Event.objects.filter(thread=case.id).order_by("seq").last()
    assert last is not None
    assert (last.kind, last.sender) == ("consultation.returned", None), "nobody's act, and in the record"
    assert json.loads(timeline.body_of(last))["reason"] == consultations.LEFT
    assert check_chain(case.id).state != "mismatch"
    assert one(who("wang"), case)["state"] == "queued"
    assert [row["id"] for row in queue(qian)["queued"]] == [case.id]
    assert consultations.claim(qian, case.id).seq == last.seq + 1
    done.refresh_from_db()
    assert done.state == "closed", "what is over stays as it was"


def test_who_leaves_at_this_very_moment_takes_no_case(qian: Person) -> None:
    waiting, done = consultation("wang", None), consultation("li", "qian", summary="好转")
    sessions.deactivate(who("qian"))
    assert qian.is_active, "as the request that is on its way still has them"
    with pytest.raises(Refused, match="signed_out"):
        consultations.claim(qian, waiting.id)
    consultations.reopen(who("li"), ConsultationReopen("r", done.id, client_id(), "又不舒服了"))
    assert Consultation.objects.get(chain_id=done.id).state == "queued"


def test_the_chart_goes_with_the_last_case(cast: None) -> None:
    consultation("wang", "zhao")
    care = CareRelationship.objects.filter(patient=who("wang"), clinician=who("zhao"), reason="consultation")
    assert care.get().until is None
    sessions.deactivate(who("zhao"))
    assert care.get().until is not None
