"""Nurse Sun leaves: the calls that she was to make, and the recordings that nobody else could put right, wait for a colleague."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from records import plans, sessions
from records.errors import Refused
from records.ledger.audit import check_chain
from records.ledger.models import Leaf
from records.people import CareRelationship, Department, Person, RoleGrant
from records.plans import FollowUp, Title
from tests.cast import Browser, code_of, id_of, who
from tests.transcription.conftest import transcribed
from transcription import failures, jobs
from transcription.models import Recording

Open = Callable[[str], Browser]


@pytest.fixture
def nurse(cast: None) -> Person:
    """A second nurse in cardiology, for today: Dr Qian, who may be one there."""
    qian = who("qian")
    qian.departments.add(Department.objects.get(code="cardiology"))
    RoleGrant.objects.create(person=qian, role="nurse")
    return Person.objects.get(id=qian.id)


def leaves(person: str = "sun") -> None:
    sessions.deactivate(who(person), by=who("lin"))


def listed(browser: Browser) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = browser.get("/api/followups").json()
    return rows


def take(browser: Browser, call: FollowUp) -> Any:
    return browser.post(f"/api/followups/{call.id}/take")


def kinds(call: FollowUp) -> list[tuple[str, str | None]]:
    rows = Leaf.objects.filter(chain=call.chart_id, kind__startswith="follow_up.").order_by("seq")
    return [(row.kind, json.loads(bytes(row.data))["actor"]) for row in rows]


def test_her_calls_wait_in_the_department_and_a_colleague_makes_one(
    browser_of: Open, follow_up: FollowUp, nurse: Person
) -> None:
    qian = browser_of("qian")
    assert listed(qian) == []
    leaves()
    (row,) = listed(qian)
    assert (row["id"], row["assigned_to"], row["title"]["zh"]) == (str(follow_up.id), None, "电话随访")
    assert qian.get(f"/api/charts/{id_of('wang')}").status_code == 404, "the chart opens for who takes the call"
    assert take(qian, follow_up).json()["assigned_to"]["name"] == nurse.name
    assert [row["assigned_to"]["name"] for row in listed(qian)] == [nurse.name]
    assert qian.get(f"/api/charts/{id_of('wang')}").status_code == 200
    plans.follow_up_to_record(nurse, follow_up.id)
    assert kinds(follow_up) == [
        ("follow_up.planned", str(id_of("sun"))),
        ("follow_up.returned", None),
        ("follow_up.taken", str(nurse.id)),
    ], "nobody's act, and in the record"
    assert check_chain(follow_up.chart_id).state != "mismatch"


def test_of_two_who_tap_one_makes_it_and_the_other_is_told(browser_of: Open, follow_up: FollowUp, nurse: Person) -> None:
    leaves()
    qian, zhao = browser_of("qian"), browser_of("zhao")
    answers = [take(qian, follow_up), take(qian, follow_up), take(zhao, follow_up)]
    assert [answer.status_code for answer in answers] == [200, 200, 409]
    assert code_of(answers[2]) == "follow_up.taken"
    assert len(kinds(follow_up)) == 3, "the lost answer is no second act"


def test_other_departments_the_patient_and_leads_see_and_take_nothing(browser_of: Open, follow_up: FollowUp) -> None:
    leaves()
    for key in ("liu", "wang", "li", "zhou", "lin"):
        answer = take(browser_of(key), follow_up)
        assert (key, answer.status_code, code_of(answer)) == (key, 404, "not_found")
    assert listed(browser_of("liu")) == []


def test_a_nurse_takes_no_call_to_herself(browser_of: Open, nurse: Person) -> None:
    """Dr Qian is Nurse Sun's patient as well."""
    CareRelationship.objects.create(patient=nurse, clinician=who("sun"), reason="follow-up")
    own = plans.plan(who("sun"), nurse.id, Title("随访", "Call"), timezone.now())
    leaves()
    assert listed(browser_of("qian")) == []
    assert take(browser_of("qian"), own).status_code == 404


def test_what_is_done_and_well_stays_as_it_was(
    browser_of: Open, recording_of: Callable[..., Recording], call: bytes, deterministic: None
) -> None:
    done = transcribed(recording_of(call))
    CareRelationship.objects.exclude(clinician=id_of("sun")).delete()
    leaves()
    assert done.follow_up is not None
    done.follow_up.refresh_from_db()
    assert (done.follow_up.state, done.follow_up.assigned_to_id) == ("done", id_of("sun"))


@pytest.mark.parametrize("another", [True, False])
def test_a_recording_that_failed_waits_where_nobody_else_could_try_it_again(
    browser_of: Open, recording_of: Callable[..., Recording], call: bytes, nurse: Person, another: bool
) -> None:
    recording, holder = recording_of(call), uuid4()
    assert jobs.claim(recording.id, holder)
    jobs.fail(recording.id, holder, failures.NO_MODEL)
    if not another:
        CareRelationship.objects.filter(patient=id_of("wang")).exclude(clinician=id_of("sun")).delete()
    leaves()
    assert recording.follow_up is not None
    follow_up = FollowUp.objects.get(id=recording.follow_up.id)
    qian = browser_of("qian")
    if another:
        assert follow_up.assigned_to_id == id_of("sun"), "Dr Zhao cares for her, and has it in his list"
        assert browser_of("zhao").post(f"/api/recordings/{recording.id}/retry").status_code == 200
        return
    assert [(row["state"], row["recordings"]) for row in listed(qian)] == [("done", [])], "heard by nobody before it is taken"
    assert qian.post(f"/api/recordings/{recording.id}/retry").status_code == 404
    take(qian, follow_up)
    assert [one["state"] for row in listed(qian) for one in row["recordings"]] == ["failed"]
    assert qian.post(f"/api/recordings/{recording.id}/retry").json()["state"] == "queued"


def test_who_leaves_at_this_very_moment_takes_and_plans_no_call(follow_up: FollowUp, nurse: Person) -> None:
    leaves()
    leaves("qian")
    assert nurse.is_active, "as the request that is on its way still has them"
    with pytest.raises(Refused, match="signed_out"):
        plans.take(nurse, follow_up.id)
    CareRelationship.objects.create(patient=who("li"), clinician=nurse, reason="follow-up")
    with pytest.raises(Refused, match="signed_out"):
        plans.plan(nurse, id_of("li"), Title("随访", "Call"), timezone.now())


def test_without_a_department_of_her_own_they_wait_in_the_default_one(follow_up: FollowUp) -> None:
    who("sun").departments.clear()
    leaves()
    follow_up.refresh_from_db()
    assert follow_up.department == Department.objects.get(is_default=True)


def test_the_database_keeps_no_call_that_is_nobodys(follow_up: FollowUp) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        FollowUp.objects.filter(id=follow_up.id).update(assigned_to=None)
