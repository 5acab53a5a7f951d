"""Break-glass: Officer Zhou opens a case alone because somebody is in danger; He is alarmed, and reviews it."""

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from records import grants
from records.errors import NOT_FOUND, ErrorKind, Refused
from records.grants import ALTERED, NOT_WAITING, REVIEWED_ALREADY, AccessGrant
from records.ledger.audit import check_chain
from records.ledger.models import Leaf
from records.people import RoleGrant
from tests.cast import consultation, who

REASON = "患者留言说不想活了，需要马上知道住址和电话。"


@pytest.fixture
def glass(cast: None) -> AccessGrant:
    return grants.break_glass(who("zhou"), consultation().id, reason=REASON)


def read(glass: AccessGrant, part: str = "conversation", **more: Any) -> AccessGrant:
    return grants.open_for_reading(who("zhou"), glass.id, part, "conversation.read", **more)


def refused(kind: ErrorKind, act: Any) -> None:
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.kind is kind


def alarms(key: str) -> list[UUID]:
    return [row.id for row in grants.alarms(who(key))]


def test_the_case_opens_at_once_for_an_hour_and_not_for_taking_away(glass: AccessGrant) -> None:
    read(glass)
    assert glass.expires_at is not None
    assert glass.expires_at - timezone.now() <= timedelta(minutes=60)
    refused(NOT_FOUND, lambda: read(glass, grants.WHOLE, action="grant.export"))
    refused(NOT_FOUND, lambda: read(glass, "discussion"))
    assert list(Leaf.objects.filter(chain_id=glass.id).order_by("seq").values_list("kind", flat=True)) == [
        "grant.broken",
        "grant.read",
    ]


def test_it_is_an_alarm_until_somebody_else_has_said_what_they_found(glass: AccessGrant) -> None:
    assert alarms("he") == alarms("zhou") == [glass.id]
    RoleGrant.objects.create(person=who("zhou"), role="approver")
    refused(NOT_FOUND, lambda: grants.review(who("zhou"), glass.id, finding="justified", text="我觉得对"))
    done = grants.review(who("he"), glass.id, finding="justified", text="患者已脱险")
    assert alarms("he") == []
    assert (done.finding, grants.words(done, "review")) == ("justified", "患者已脱险")
    refused(REVIEWED_ALREADY, lambda: grants.review(who("he"), glass.id, finding="unjustified", text="改主意"))
    assert check_chain(glass.id).findings == []
    read(glass)


def test_an_unreviewed_one_stays_an_alarm_and_is_overdue_after_a_day(glass: AccessGrant) -> None:
    assert not grants.overdue(glass)
    AccessGrant.objects.filter(chain_id=glass.id).update(requested_at=timezone.now() - timedelta(hours=25))
    glass.refresh_from_db()
    assert grants.overdue(glass)
    assert alarms("he") == [glass.id]


def test_the_database_does_not_let_one_person_do_both(glass: AccessGrant) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessGrant.objects.filter(chain_id=glass.id).update(reviewer=who("zhou"))


@pytest.mark.parametrize(
    "change", [{"expires_at": timezone.now() + timedelta(days=3)}, {"content": ["discussion"]}, {"urgent": False}]
)
def test_it_cannot_be_made_longer_wider_or_ordinary_in_the_database(glass: AccessGrant, change: dict[str, Any]) -> None:
    AccessGrant.objects.filter(chain_id=glass.id).update(**change)
    refused(ALTERED, lambda: read(glass, change.get("content", ["conversation"])[0]))


def test_he_ends_it_early_and_never_approves_it_afterwards(glass: AccessGrant) -> None:
    refused(NOT_WAITING, lambda: grants.decide(who("he"), glass.id, approve=True, reason="补批"))
    grants.revoke(who("he"), glass.id, reason="已经处理")
    refused(NOT_FOUND, lambda: read(glass))
    assert alarms("he") == [glass.id], "it happened all the same"


@pytest.mark.parametrize("key", ["he", "zhao", "wang", "lin"])
def test_nobody_but_an_officer_breaks_the_glass(cast: None, key: str) -> None:
    case = consultation().id
    refused(NOT_FOUND, lambda: grants.break_glass(who(key), case, reason=REASON))


def test_the_same_case_is_not_broken_into_again_before_somebody_has_looked_at_the_first(glass: AccessGrant) -> None:
    other = consultation().id
    again = partial(grants.break_glass, who("zhou"), glass.case_id, reason=REASON)
    with pytest.raises(Refused) as caught:
        again()
    assert caught.value.kind.code == "grant.glass_unreviewed"
    assert "何军" in caught.value.kind.zh, "it says whom to ask"
    assert grants.break_glass(who("zhou"), other, reason=REASON).in_force, "another case is another emergency"
    RoleGrant.objects.create(person=who("he"), role="officer")
    assert grants.break_glass(who("he"), glass.case_id, reason=REASON).in_force, "and so is another person"
    grants.review(who("he"), glass.id, finding="justified", text="患者已脱险")
    assert again().in_force


def test_whoever_left_one_unreviewed_for_a_day_breaks_no_other(glass: AccessGrant) -> None:
    other = consultation().id
    AccessGrant.objects.filter(chain_id=glass.id).update(requested_at=timezone.now() - timedelta(hours=25))
    with pytest.raises(Refused) as caught:
        grants.break_glass(who("zhou"), other, reason=REASON)
    assert caught.value.kind.code == "grant.glass_overdue"
    assert "何军" in caught.value.kind.zh
    grants.review(who("he"), glass.id, finding="unjustified", text="没有危险")
    assert grants.break_glass(who("zhou"), other, reason=REASON).in_force


def test_an_ordinary_grant_has_nothing_to_review(cast: None) -> None:
    asked = grants.request(who("zhou"), consultation().id, reason=REASON, content=["conversation"], purpose="quality", hours=1)
    refused(NOT_FOUND, lambda: grants.review(who("he"), asked.id, finding="justified", text="x"))
