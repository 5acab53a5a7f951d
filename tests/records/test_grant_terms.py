"""The terms of a request: several cases, days, parts, when the patient is told; narrowed, returned, talked about, and all signed for."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from records import grants
from records.errors import NOT_FOUND, ErrorKind, Refused
from records.grants import ALTERED, NEEDS_TALK, NOT_RETURNED, NOT_WAITING, WIDER, AccessGrant, Narrowing, Terms
from records.ledger.audit import check_chain
from records.ledger.models import Leaf
from records.people import RoleGrant
from tests.cast import consultation, who

REASON = "家属投诉回复太慢，需要核对完整的对话。"
EVERYTHING = ("conversation", "attachments", "recordings", "transcripts", "discussion")


@pytest.fixture
def cases(cast: None) -> list[UUID]:
    return [consultation().id, consultation(patient="li", doctor="liu", department="paediatrics").id]


def asked(cases: list[UUID], **changes: Any) -> AccessGrant:
    terms = {"content": ["conversation"], "purpose": "complaint", "case_number": "T-1", "hours": 8}
    return grants.request_each(who("zhou"), cases, REASON, Terms(**{**terms, **changes}))[0]


def decided(grant: AccessGrant, **narrowed: Any) -> AccessGrant:
    return grants.decide(who("he"), grant.id, approve=True, reason="可以", narrowed=Narrowing(**narrowed))


def refused(kind: ErrorKind, act: Any) -> None:
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.kind is kind


def states(grant: AccessGrant) -> dict[UUID, str]:
    return dict(AccessGrant.objects.filter(request=grant.request).values_list("case_id", "state"))


def read(grant: AccessGrant, part: str = "conversation", **more: Any) -> AccessGrant:
    return grants.open_for_reading(who("zhou"), grant.id, part, "conversation.read", **more)


def test_one_request_over_two_cases_is_decided_at_once_and_read_case_by_case(cases: list[UUID]) -> None:
    grant = asked(cases)
    decided(grant)
    assert states(grant) == dict.fromkeys(cases, "approved")
    for one in AccessGrant.objects.filter(request=grant.request):
        read(one)
        text = b"".join(bytes(leaf.data) for leaf in Leaf.objects.filter(chain_id=one.id)).decode()
        assert str(one.case_id) in text
        assert not any(str(other) in text for other in cases if other != one.case_id), "a case's pack must not name another's"


def test_a_request_with_one_case_that_does_not_exist_asks_for_nothing(cases: list[UUID]) -> None:
    refused(NOT_FOUND, lambda: asked([*cases, uuid4()]))
    refused(NOT_FOUND, lambda: asked([]))
    assert AccessGrant.objects.count() == 0


def of_today() -> dict[str, Any]:
    today = timezone.localdate()
    return {"since": today, "until": today}


def test_the_approver_agrees_to_less_than_was_asked(cases: list[UUID]) -> None:
    wide = asked(cases, content=EVERYTHING, tell="evidence")
    last = timezone.localdate()
    first = last - timedelta(days=1)
    got = decided(wide, hours=1, content=["conversation"], since=first, until=last, tell_now=True, cases=[cases[0]])
    assert states(wide) == {cases[0]: "approved", cases[1]: "rejected"}
    assert (got.hours, got.content, got.since, got.until, got.tell) == (1, ["conversation"], first, last, "now")
    read(got)
    refused(NOT_FOUND, lambda: read(got, "recordings"))
    assert got.asked["content"] == ",".join(sorted(EVERYTHING)), "what was asked stays as it was signed"


@pytest.mark.parametrize(
    "narrowed",
    [
        {"content": ["conversation", "recordings"]},
        {"since": date(2020, 1, 1)},
        {"until": date(2099, 1, 1)},
        {"cases": [uuid4()]},
    ],
)
def test_but_never_to_more(cases: list[UUID], narrowed: dict[str, Any]) -> None:
    grant = asked(cases, **of_today())
    refused(WIDER, lambda: decided(grant, **narrowed))
    assert states(grant) == dict.fromkeys(cases, "waiting")


def test_photos_and_the_discussion_come_only_with_the_conversation(cases: list[UUID]) -> None:
    refused(NEEDS_TALK, lambda: asked(cases, content=["attachments"]))
    grant = asked(cases, content=["conversation", "discussion"])
    refused(NEEDS_TALK, lambda: decided(grant, content=["discussion"]))


def test_what_was_said_outside_the_days_does_not_open(cases: list[UUID]) -> None:
    grant = decided(asked(cases, **of_today()))
    now = timezone.localtime().replace(hour=12)
    read(grant, of=now)
    for other in (now - timedelta(days=1), now + timedelta(days=1)):
        refused(NOT_FOUND, lambda other=other: read(grant, of=other))


@pytest.mark.parametrize(
    "change",
    [
        {"since": None},
        {"until": date(2999, 1, 1)},
        {"tell": "evidence"},
        {"content": ["conversation", "discussion"]},
        {"request": uuid4()},
        {"case": "another"},
        {"asked": {}},
    ],
)
@pytest.mark.parametrize("when", ["before the decision", "after it"])
def test_no_term_can_be_altered_behind_the_two_signatures(cases: list[UUID], when: str, change: dict[str, Any]) -> None:
    grant = asked(cases[:1], **of_today())
    if when == "after it":
        decided(grant)
    AccessGrant.objects.filter(chain_id=grant.id).update(**{**change, **({"case": cases[1]} if "case" in change else {})})
    refused(ALTERED, (lambda: read(grant)) if when == "after it" else (lambda: decided(grant)))
    assert not Leaf.objects.filter(chain_id=grant.id, kind="grant.read").exists()


def test_both_what_was_asked_and_what_holds_cannot_be_widened_together(cases: list[UUID]) -> None:
    grant = decided(asked(cases[:1]))
    wider = {**grant.asked, "content": "conversation,recordings"}
    AccessGrant.objects.filter(chain_id=grant.id).update(asked=wider, content=["conversation", "recordings"])
    refused(ALTERED, lambda: read(grant, "recordings"))


def test_a_returned_request_is_answered_and_waits_again(cases: list[UUID]) -> None:
    grant = asked(cases)
    refused(NOT_RETURNED, lambda: grants.answer(who("zhou"), grant.id, "为什么"))
    grants.give_back(who("he"), grant.id, reason="投诉涉及哪一天？")
    refused(NOT_WAITING, lambda: decided(grant))
    refused(NOT_FOUND, lambda: read(grant))
    grants.comment(who("he"), grant.id, "请写日期")
    grants.answer(who("zhou"), grant.id, "十一月二十日")
    decided(grant)
    for one in AccessGrant.objects.filter(request=grant.request):
        said = [(note.kind, grants.note_words(note)) for note in one.notes.order_by("seq")]
        assert said == [("returned", "投诉涉及哪一天？"), ("commented", "请写日期"), ("answered", "十一月二十日")]
        assert check_chain(one.id).findings == []
        assert not any("日".encode() in bytes(note.body) for note in one.notes.all())
    read(grant)


def test_a_comment_changed_in_the_database_is_found(cases: list[UUID]) -> None:
    grant = asked(cases)
    grants.comment(who("zhou"), grant.id, "请尽快")
    grant.notes.update(body=b"\x01changed")
    assert [finding.code for finding in check_chain(grant.id).findings] == ["content.changed"]


def test_nobody_else_joins_the_talk_and_nobody_returns_their_own(cases: list[UUID]) -> None:
    grant = asked(cases)
    RoleGrant.objects.create(person=who("zhou"), role="approver")
    RoleGrant.objects.create(person=who("wu"), role="officer")
    refused(NOT_FOUND, lambda: grants.give_back(who("zhou"), grant.id, reason="自己退回"))
    for key in ("wu", "wang", "lin"):
        refused(NOT_FOUND, lambda key=key: grants.comment(who(key), grant.id, "x"))
    refused(NOT_FOUND, lambda: grants.answer(who("he"), grant.id, "x"))
