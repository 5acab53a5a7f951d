"""Cases of a sensitive department: two people agree, neither of them the requester, before Officer Zhou reads a word."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.db import IntegrityError, transaction

from records import departments, grants
from records.errors import NOT_FOUND
from records.grants import ALTERED, NOT_WAITING, SAME_APPROVER, WIDER, AccessGrant, Narrowing
from records.ledger.audit import check_chain
from records.ledger.models import Leaf
from records.people import Department, Person, RoleGrant
from tests.cast import Browser, code_of, consultation, who
from tests.records.test_grants import REASON, asked, kinds, read, refused

Open = Callable[[str], Browser]


@pytest.fixture
def second(cast: None) -> Person:
    """Another approver, beside He."""
    person = Person.objects.create(login="C1003", name="second approver")
    RoleGrant.objects.create(person=person, role="approver")
    return person


@pytest.fixture
def case(cast: None) -> UUID:
    """Of cardiology, which Ms Lin has called sensitive."""
    made = consultation(said=(("zhao", "您好"),), summary="好转").id
    mark(sensitive=True)
    return made


def mark(*, sensitive: bool, code: str = "cardiology") -> None:
    departments.mark(who("lin"), Department.objects.get(code=code).id, sensitive=sensitive)


def agree(person: Person, grant: AccessGrant, **narrowed: Any) -> AccessGrant:
    return grants.decide(person, grant.id, approve=True, reason="理由充分", narrowed=Narrowing(**narrowed))


def test_whoever_looks_for_cases_sees_before_asking_how_many_have_to_agree(browser_of: Open, case: UUID) -> None:
    consultation("li", "liu", department="paediatrics")
    found = browser_of("zhou").get("/api/compliance/cases").json()["cases"]
    assert {one["department"]["name"]["en"]: one["approvers"] for one in found} == {"Cardiology": 2, "Paediatrics": 1}


def test_nothing_opens_until_a_second_person_agreed(case: UUID, second: Person) -> None:
    grant = asked(case)
    assert agree(who("he"), grant).state == "waiting"
    refused(NOT_FOUND, lambda: read(grant))
    both = agree(second, grant)
    assert (both.state, both.first_approver, both.approver) == ("approved", who("he"), second)
    read(grant)
    assert kinds(grant) == ["grant.requested", "grant.agreed", "grant.decided", "grant.read"]
    assert check_chain(grant.id).findings == []
    assert grants.words(both, "first_decision") == "理由充分"


def test_who_agreed_first_does_not_agree_twice_and_the_requester_never(case: UUID, second: Person) -> None:
    grant = asked(case)
    agree(who("he"), grant)
    refused(SAME_APPROVER, lambda: agree(who("he"), grant))
    RoleGrant.objects.create(person=who("zhou"), role="approver")
    refused(NOT_FOUND, lambda: agree(who("zhou"), grant))
    row = AccessGrant.objects.filter(chain_id=grant.id)
    for altered in ({"approver": who("he")}, {"first_approver": who("zhou")}, {"state": "approved", "first_approver": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.update(**altered)
    assert kinds(grant) == ["grant.requested", "grant.agreed"]


def test_each_of_the_two_may_say_no(case: UUID, second: Person) -> None:
    for rejecting in (second, who("he")):
        grant = asked(case)
        agree(who("he"), grant)
        assert grants.decide(rejecting, grant.id, approve=False, reason="范围太大").state == "rejected"
        refused(NOT_WAITING, partial(agree, second, grant))


def test_the_second_agrees_to_what_the_first_did_or_to_less(case: UUID, second: Person) -> None:
    grant = asked(case, content=["conversation", "attachments"])
    agree(who("he"), grant, content=["conversation"], hours=4)
    refused(WIDER, lambda: agree(second, grant, content=["conversation", "attachments"]))
    both = agree(second, grant, hours=2)
    assert (both.content, both.hours) == (["conversation"], 2)
    read(grant)
    refused(NOT_FOUND, lambda: read(grant, part="attachments"))


@pytest.mark.parametrize("changed", [{"hours": 72}, {"content": ["attachments", "conversation"]}, {"approvers": 1}])
def test_what_was_altered_between_the_two_opens_nothing(case: UUID, second: Person, changed: dict[str, Any]) -> None:
    grant = asked(case)
    agree(who("he"), grant)
    AccessGrant.objects.filter(chain_id=grant.id).update(**changed)
    refused(ALTERED, lambda: agree(second, grant))


def test_a_signature_that_the_ledger_does_not_know_does_not_count(case: UUID, second: Person) -> None:
    """As somebody who can write to the database would: the first agreement stands in the row and in no leaf."""
    grant = asked(case)
    AccessGrant.objects.filter(chain_id=grant.id).update(
        first_approver=second, first_decision=b"x", agreed=AccessGrant.objects.get(chain_id=grant.id).asked
    )
    refused(ALTERED, lambda: agree(who("he"), grant))


def test_what_counts_is_the_mark_at_the_request_or_at_the_decision(cast: None, second: Person) -> None:
    case = consultation(summary="好转").id
    before = asked(case)
    mark(sensitive=True)
    assert agree(who("he"), before).state == "waiting", "marked after it was asked for"
    after = asked(case)
    mark(sensitive=False)
    assert agree(who("he"), after).state == "waiting", "the request says that two have to agree"
    assert agree(second, after).state == agree(second, before).state == "approved"
    assert agree(who("he"), asked(case)).state == "approved", "one is enough again"


def test_of_several_cases_only_those_of_the_department_wait(case: UUID, second: Person) -> None:
    child = consultation(patient="li", doctor="liu", department="paediatrics", summary="好转").id
    terms = grants.Terms(content=["conversation"], purpose="complaint", hours=8)
    open_at_once, waits = grants.request_each(who("zhou"), [child, case], REASON, terms)
    agree(who("he"), open_at_once)
    assert [AccessGrant.objects.get(chain_id=one.id).state for one in (open_at_once, waits)] == ["approved", "waiting"]
    assert agree(second, waits).state == "approved"


def test_inbox_and_requester_see_who_agreed_and_that_somebody_is_missing(case: UUID, browser_of: Open) -> None:
    zhou, he = browser_of("zhou"), browser_of("he")
    grant = asked(case)
    row = next(one for one in he.get("/api/compliance/requests?role=approve").json() if one["id"] == str(grant.id))
    assert (row["approvers"], row["first"]) == (2, None)
    decision = f"/api/compliance/requests/{grant.id}/decision"
    assert he.post(decision, {"decision": "approve", "reason": "理由充分"}).json()["state"] == "waiting"
    seen = zhou.get(f"/api/compliance/requests/{grant.id}").json()
    assert (seen["state"], seen["approvers"], seen["approver"]) == ("waiting", 2, None)
    assert (seen["first"]["approver"]["name"], seen["first"]["reason"]) == (who("he").name, "理由充分")
    assert code_of(he.post(decision, {"decision": "approve", "reason": "再批一次"})) == "grant.needs_another"


def test_ms_lin_marks_departments_with_a_fresh_factor_and_each_mark_is_a_leaf(browser_of: Open) -> None:
    lin = browser_of("lin")
    heart = next(one for one in lin.get("/api/admin/departments").json() if one["name"]["en"] == "Cardiology")
    address = f"/api/admin/departments/{heart['id']}"
    assert code_of(lin.send("put", address, {"sensitive": True})) == "factor.stale"
    lin.set_up_app(who("lin").login)
    for _ in range(2):
        assert lin.send("put", address, {"sensitive": True}).json() == {**heart, "sensitive": True}
    leaf = msgspec.json.decode(bytes(Leaf.objects.get(kind="department.marked").data))
    assert (leaf["actor"], leaf["ids"]) == (str(who("lin").id), {"department": heart["id"], "sensitive": "yes"})
