"""Access grants: two people, a scope, an end; and a database that was tampered with opens nothing."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from records import grants
from records.errors import NOT_FOUND, ErrorKind, Refused
from records.grants import ALTERED, NOT_ACTIVE, NOT_WAITING, TOO_LONG, AccessGrant, Narrowing
from records.ledger.audit import check_chain
from records.ledger.models import Leaf
from records.people import RoleGrant
from tests.cast import consultation, id_of, who

REASON = "家属投诉回复太慢，需要核对完整的对话。"


@pytest.fixture
def case(cast: None) -> UUID:
    return consultation(said=(("zhao", "您好"),), summary="好转").id


def asked(case: UUID, **changes: Any) -> AccessGrant:
    terms = {"content": ["conversation"], "purpose": "complaint", "case_number": "T-1", "reason": REASON, "hours": 8}
    return grants.request(who("zhou"), case, **{**terms, **changes})


def approved(case: UUID, **changes: Any) -> AccessGrant:
    return grants.decide(who("he"), asked(case, **changes).id, approve=True, reason="理由充分")


def read(grant: AccessGrant, key: str = "zhou", part: str = "conversation") -> AccessGrant:
    return grants.open_for_reading(who(key), grant.id, part, "conversation.read")


def refused(kind: ErrorKind, act: Any) -> None:
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.kind is kind


def kinds(grant: AccessGrant) -> list[str]:
    return list(Leaf.objects.filter(chain_id=grant.id).order_by("seq").values_list("kind", flat=True))


def test_officer_zhou_reads_after_somebody_else_agreed_and_each_reading_is_a_leaf(case: UUID) -> None:
    grant = approved(case)
    read(grant)
    read(grant)
    assert kinds(grant) == ["grant.requested", "grant.decided", "grant.read", "grant.read"]
    last = msgspec.json.decode(bytes(Leaf.objects.get(chain_id=grant.id, seq=4).data))
    assert last["actor"] == str(id_of("zhou"))
    assert last["ids"] == {"case": str(case), "part": "conversation", "what": "conversation.read"}
    assert check_chain(grant.id).findings == []


def test_before_the_decision_and_after_a_rejection_nothing_opens(case: UUID) -> None:
    grant = asked(case)
    refused(NOT_FOUND, lambda: read(grant))
    grants.decide(who("he"), grant.id, approve=False, reason="范围太大")
    refused(NOT_FOUND, lambda: read(grant))
    assert "grant.read" not in kinds(grant)


def test_the_approver_is_never_the_requester_even_with_both_roles(case: UUID) -> None:
    grant = asked(case)
    RoleGrant.objects.create(person=who("zhou"), role="approver")
    refused(NOT_FOUND, lambda: grants.decide(who("zhou"), grant.id, approve=True, reason="我同意我自己"))
    assert list(grants.listed(who("zhou"), to_approve=True)) == []


def test_the_database_refuses_it_too(case: UUID) -> None:
    grant = asked(case)
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessGrant.objects.filter(chain_id=grant.id).update(approver=id_of("zhou"), state="approved")


@pytest.mark.parametrize("key", ["wang", "zhao", "sun", "zhou", "lin"])
def test_only_an_approver_decides(case: UUID, key: str) -> None:
    grant = asked(case)
    refused(NOT_FOUND, lambda: grants.decide(who(key), grant.id, approve=True, reason="可以"))


def test_the_approver_agrees_but_does_not_read(case: UUID) -> None:
    grant = approved(case)
    refused(NOT_FOUND, lambda: read(grant, "he"))


def test_another_officer_reads_nothing_with_zhous_grant(case: UUID) -> None:
    grant = approved(case)
    RoleGrant.objects.create(person=who("wu"), role="officer")
    refused(NOT_FOUND, lambda: read(grant, "wu"))
    refused(NOT_FOUND, lambda: grants.load(who("wu"), "grant.see", grant.id))


def test_a_grant_ends_when_its_hours_are_over(case: UUID) -> None:
    grant = approved(case, hours=1)
    assert grant.expires_at is not None
    assert timedelta(minutes=59) < grant.expires_at - timezone.now() <= timedelta(hours=1)
    past = timezone.now() - timedelta(seconds=1)
    AccessGrant.objects.filter(chain_id=grant.id).update(expires_at=past)
    grant.refresh_from_db()
    assert (grant.in_force, grant.shown_state) == (False, "expired")
    refused(NOT_FOUND, lambda: read(grant))


def test_the_approver_may_shorten_but_not_lengthen(case: UUID) -> None:
    grant = asked(case, hours=8)
    refused(TOO_LONG, lambda: grants.decide(who("he"), grant.id, approve=True, reason="可以", narrowed=Narrowing(hours=9)))
    shorter = grants.decide(who("he"), grant.id, approve=True, reason="两小时足够", narrowed=Narrowing(hours=2))
    assert shorter.expires_at is not None
    assert shorter.expires_at - timezone.now() <= timedelta(hours=2)
    read(shorter)


def test_a_decision_is_made_once(case: UUID) -> None:
    grant = approved(case)
    refused(NOT_WAITING, lambda: grants.decide(who("he"), grant.id, approve=False, reason="反悔"))


@pytest.mark.parametrize("key", ["he", "zhou"])
def test_either_side_ends_it_early_and_then_nothing_opens(case: UUID, key: str) -> None:
    grant = approved(case)
    grants.revoke(who(key), grant.id, reason="已经看完")
    refused(NOT_FOUND, lambda: read(grant))
    refused(NOT_ACTIVE, lambda: grants.revoke(who(key), grant.id, reason="再来一次"))


def test_a_grant_opens_only_the_parts_it_names(case: UUID) -> None:
    grant = approved(case, content=["recordings"])
    refused(NOT_FOUND, lambda: read(grant, part="conversation"))
    refused(NOT_FOUND, lambda: read(grant, part="transcripts"))
    read(grant, part="recordings")


@pytest.mark.parametrize(
    "change",
    [
        {"content": ["conversation", "recordings"]},
        {"hours": 72},
        {"purpose": "quality"},
        {"expires_at": timezone.now() + timedelta(days=30)},
        {"case_number": "T-2"},
        {"requester": "li"},
    ],
)
def test_a_grant_altered_in_the_database_opens_nothing(case: UUID, change: dict[str, Any]) -> None:
    grant = approved(case)
    if "requester" in change:
        RoleGrant.objects.create(person=who("li"), role="officer")
        change = {"requester": who("li")}
    AccessGrant.objects.filter(chain_id=grant.id).update(**change)
    grant.refresh_from_db()
    refused(ALTERED, lambda: grants.open_for_reading(grant.requester, grant.id, "conversation", "conversation.read"))
    assert "grant.read" not in kinds(grant)


def test_a_request_altered_before_the_decision_cannot_be_approved(case: UUID) -> None:
    grant = asked(case, hours=1)
    AccessGrant.objects.filter(chain_id=grant.id).update(hours=72)
    refused(ALTERED, lambda: grants.decide(who("he"), grant.id, approve=True, reason="可以"))


def test_a_decision_that_nobody_made_opens_nothing(case: UUID) -> None:
    grant = asked(case)
    later = timezone.now() + timedelta(hours=8)
    AccessGrant.objects.filter(chain_id=grant.id).update(
        state="approved", approver=who("he"), decided_at=later, expires_at=later
    )
    refused(ALTERED, lambda: read(grant))


def test_a_revoked_grant_set_back_to_approved_opens_nothing(case: UUID) -> None:
    grant = approved(case)
    grants.revoke(who("he"), grant.id, reason="不再需要")
    AccessGrant.objects.filter(chain_id=grant.id).update(state="approved")
    refused(ALTERED, lambda: read(grant))


def test_reasons_are_sealed_and_read_back_by_those_two(case: UUID) -> None:
    grant = approved(case)
    stored = AccessGrant.objects.get(chain_id=grant.id)
    assert REASON.encode() not in bytes(stored.reason)
    assert (grants.words(stored, "reason"), grants.words(stored, "decision")) == (REASON, "理由充分")
    assert grants.words(stored, "revocation") is None


def test_there_is_no_request_for_what_is_not_a_consultation(case: UUID, charts: None) -> None:
    chart = who("wang").chart.chain_id
    for other in (uuid4(), chart, asked(case).id):
        refused(NOT_FOUND, lambda other=other: asked(other))


def test_readings_are_an_officers_own_and_for_the_approver_everybodys(case: UUID) -> None:
    grant = approved(case)
    read(grant)
    RoleGrant.objects.create(person=who("wu"), role="officer")
    assert [r.grant for r in grants.readings(who("zhou"))] == [grant.id]
    assert [r.grant for r in grants.readings(who("he"))] == [grant.id]
    assert grants.readings(who("wu")) == []
