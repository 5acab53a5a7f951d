"""A case has terms: so many questions, until then. They never leave the patient at a dead end."""

from datetime import timedelta

import pytest
from django.utils import timezone

from consult import consultations, terms
from consult.models import Consultation
from consult.protocol import ConsultationExtend, ConsultationReopen, ConsultationReturn
from records.errors import Refused
from records.people import Department
from tests.cast import client_id, consultation, who
from tests.consult.test_batch import code, message, sessions, store

__all__ = ["sessions"]


@pytest.fixture
def case(cast: None) -> Consultation:
    """Of cardiology, where two more questions within 48 hours belong to a consultation."""
    Department.objects.filter(code="cardiology").update(rounds=2, hours=48)
    return consultation("wang", "zhao")


def says(case: Consultation, sessions: dict[str, str], *keys: str) -> list[str]:
    """What each of these people hears who write one after the other, in one commit each."""
    return [code(store(message(case.id, key, sessions[key], "在吗", client_id()))[0]) for key in keys]


def fresh(case: Consultation) -> Consultation:
    return Consultation.objects.select_related("department").get(pk=case.pk)


def test_a_question_under_way_may_be_added_to(case: Consultation, sessions: dict[str, str]) -> None:
    assert says(case, sessions, "wang", "wang", "wang") == ["committed"] * 3
    assert fresh(case).rounds_used == 0, "nothing was answered yet: it is all one question"


def test_each_question_after_an_answer_is_a_round(case: Consultation, sessions: dict[str, str]) -> None:
    heard = says(case, sessions, "zhao", "wang", "zhao", "wang", "zhao", "wang", "zhao")
    assert heard == ["committed"] * 5 + ["terms.rounds", "committed"], "the doctor may always write"
    assert terms.shown(fresh(case))["over"] == "rounds"


def test_rounds_are_counted_within_one_commit_too(case: Consultation, sessions: dict[str, str]) -> None:
    keys = ["zhao", "wang", "zhao", "wang", "zhao", "wang"]
    batch = [message(case.id, key, sessions[key], "x", f"client-{n}") for n, key in enumerate(keys)]
    assert [code(outcome) for outcome in store(*batch)] == ["committed"] * 5 + ["terms.rounds"]
    assert fresh(case).rounds_used == 2


def test_after_its_time_the_patient_hears_so_and_goes_on_with_a_reason(case: Consultation, sessions: dict[str, str]) -> None:
    Consultation.objects.filter(pk=case.pk).update(until=timezone.now() - timedelta(minutes=1))
    assert says(case, sessions, "wang") == ["terms.time"]
    command = ConsultationReopen("r", case.id, client_id(), "还头晕")
    appended = consultations.reopen(who("wang"), command)
    assert consultations.reopen(who("wang"), command) == appended, "the lost answer comes again"
    assert says(case, sessions, "wang") == ["committed"]
    assert terms.shown(fresh(case))["over"] is None


def test_the_hours_run_from_when_a_doctor_has_the_case(cast: None) -> None:
    Department.objects.filter(code="cardiology").update(hours=48)
    waiting = consultation("wang", None)
    assert fresh(waiting).until is None
    consultations.claim(who("zhao"), waiting.id)
    until = fresh(waiting).until
    assert until is not None
    consultations.give_back(who("zhao"), ConsultationReturn("r", waiting.id, client_id(), "换班"))
    assert fresh(waiting).until == until


def test_dr_zhao_extends_a_case_once_however_often_he_asks(case: Consultation) -> None:
    Consultation.objects.filter(pk=case.pk).update(rounds_used=2)
    until = fresh(case).until
    assert until is not None
    command = ConsultationExtend("r", case.id, client_id(), rounds=1, hours=24)
    assert consultations.extend(who("zhao"), command) == consultations.extend(who("zhao"), command)
    found = fresh(case)
    assert (found.rounds, found.until) == (3, until + timedelta(hours=24)), "once, however often it was asked for"
    with pytest.raises(Refused, match=r"terms\.nothing"):
        consultations.extend(who("zhao"), ConsultationExtend("r", case.id, client_id()))
    with pytest.raises(Refused, match="not_found"):
        consultations.extend(who("wang"), ConsultationExtend("r", case.id, client_id(), rounds=1))


def test_a_case_that_goes_on_cannot_be_reopened(case: Consultation) -> None:
    with pytest.raises(Refused, match=r"consultation\.not_closed"):
        consultations.reopen(who("wang"), ConsultationReopen("r", case.id, client_id(), "x"))


def test_the_lost_answer_of_giving_back_comes_again(case: Consultation) -> None:
    command = ConsultationReturn("r", case.id, client_id(), "换班")
    assert consultations.give_back(who("zhao"), command) == consultations.give_back(who("zhao"), command)
