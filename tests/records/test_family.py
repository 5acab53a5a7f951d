"""Whom Wang lets in: by number and name together, until a day, each change a leaf of her chart, and never longer than she wants."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from consult import audiences, timeline
from consult.consultations import load
from consult.conversation import messages
from consult.errors import NOT_YOURS, TOO_LATE
from consult.family import follow
from consult.models import Consultation
from consult.protocol import MessageRetract, Posted
from consult.relations import Kin, keep
from records import family
from records.access import can
from records.accesslog.models import AccessEntry
from records.errors import NOT_FOUND, ErrorKind, Refused
from records.family import NOBODY, NOTHING, Scopes
from records.ledger.audit import check_chain
from records.ledger.models import Leaf
from records.relatives import FamilyAccess
from tests.cast import Browser, client_id, consultation, id_of, who
from tests.consult.test_batch import code, message, new_session, store


def let_in(**changes: Any) -> FamilyAccess:
    asked: dict[str, Any] = {"phone": "13800000045", "name": "陈静", "scopes": Scopes("ask"), "days": 7, **changes}
    return family.let_in(who("wang"), **asked)


def refused(kind: ErrorKind, act: Any) -> None:
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.kind is kind


def test_each_change_is_a_leaf_of_her_chart(cast: None) -> None:
    access = let_in()
    family.shut_out(who("wang"), access.id)
    family.shut_out(who("wang"), access.id)
    chart = who("wang").chart.chain_id
    assert list(Leaf.objects.filter(chain_id=chart).order_by("seq").values_list("kind", flat=True)) == [
        "family.granted",
        "family.revoked",
    ]
    assert check_chain(chart).findings == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "陈敬"},
        {"phone": "13800000046"},
        {"phone": "13800000071", "name": "王秀兰"},
        {"phone": "D1001", "name": "赵文博"},
    ],
)
def test_a_wrong_number_a_wrong_name_herself_and_a_doctor_are_all_nobody(cast: None, wrong: dict[str, str]) -> None:
    refused(NOBODY, lambda: let_in(**wrong))
    assert not FamilyAccess.objects.exists()


def test_new_terms_take_the_place_of_the_old(cast: None) -> None:
    case = consultation()
    let_in()
    let_in(scopes=Scopes("see"))
    assert [row.state for row in FamilyAccess.objects.order_by("since")] == ["ended", "current"]
    assert can(who("chen"), "consultation.read", load(who("chen"), case.id, "consultation.read"))
    refused(NOT_FOUND, lambda: load(who("chen"), case.id, "message.send"))


def test_when_the_days_are_over_nothing_opens_although_the_row_still_names_her(cast: None) -> None:
    case = consultation()
    access = let_in()
    load(who("chen"), case.id, "consultation.read")
    over = timezone.now() - timedelta(seconds=1)
    FamilyAccess.objects.filter(id=access.id).update(until=over)
    stale = keep([Kin(id_of("chen"), int(over.timestamp() * 1000), asks=True)])
    Consultation.objects.filter(chain=case.id).update(family=stale)
    refused(NOT_FOUND, lambda: load(who("chen"), case.id, "consultation.read"))
    assert id_of("chen") not in audiences.audience(case.id), "nor is anything sent to a socket that is open"
    assert [code(one) for one in store(message(case.id, "chen", new_session(), "在吗", "chen-1"))] == ["not_found"]
    follow(id_of("wang"))
    case.refresh_from_db()
    assert case.family is None


def test_she_may_lay_it_down_herself_and_nobody_else_may(cast: None) -> None:
    access = let_in()
    for key in ("wu", "zhao", "lin"):
        refused(NOT_FOUND, lambda key=key: family.shut_out(who(key), access.id))
    family.shut_out(who("chen"), access.id)
    access.refresh_from_db()
    assert access.state == "ended"


def test_she_has_the_patients_two_minutes_to_take_her_words_back_and_never_takes_back_wangs(
    cast: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = consultation()
    let_in()
    mine = timeline.append(case.id, "message.posted", who("chen"), Posted("妈妈头晕"), client_id())
    wangs = timeline.append(case.id, "message.posted", who("wang"), Posted("我头晕"), client_id())
    refused(NOT_YOURS, lambda: messages.retract(who("chen"), MessageRetract("r", case.id, client_id(), wangs.seq)))
    later = mine.at + messages.PATIENT_RETRACTS_MS + 1
    monkeypatch.setattr("consult.conversation.messages.now_ms", lambda: later)
    refused(TOO_LATE, lambda: messages.retract(who("chen"), MessageRetract("r", case.id, client_id(), mine.seq)))


@pytest.mark.parametrize(
    ("scopes", "kinds"),
    [
        (Scopes("none", record=True), {"problem", "allergy", "reading", "note", "risk"}),
        (Scopes("none", medication=True), {"medication"}),
        (Scopes("none", calls=True), set()),
        (Scopes("see", medication=True), {"medication", "consultation"}),
    ],
)
def test_of_the_record_she_sees_the_parts_that_wang_chose_and_no_other(
    charts: None, browser_of: Callable[[str], Browser], scopes: Scopes, kinds: set[str]
) -> None:
    consultation()
    access = let_in(scopes=scopes)
    chen, address = browser_of("chen"), f"/api/charts/{id_of('wang')}"
    page = chen.get(address).json()
    shown = [item["entry"]["kind"] if item["entry"] else item["kind"] for item in page["timeline"]]
    assert set(shown) <= kinds
    assert kinds & set(shown) or not kinds, "the demo's record has some of these"
    assert page["parts"] == list(access.scopes)
    assert bool(page["medications"]) == scopes.medication
    assert bool(page["allergies"]) == scopes.record
    assert chen.get("/api/consultations").json() == [] or scopes.messages == "see"
    family.shut_out(who("wang"), access.id)
    assert chen.get(address).status_code == 404


def test_a_grant_of_nothing_is_none(cast: None) -> None:
    refused(NOTHING, lambda: let_in(scopes=Scopes("none")))
    assert not FamilyAccess.objects.exists()


def test_wang_sees_each_thing_that_her_daughter_read(charts: None, browser_of: Callable[[str], Browser]) -> None:
    case = consultation()
    let_in(scopes=Scopes("see", record=True))
    chen, zhao = browser_of("chen"), browser_of("zhao")
    for browser in (chen, zhao, chen):
        for address in (f"/api/consultations/{case.id}/events", f"/api/charts/{id_of('wang')}"):
            assert browser.get(address).status_code == 200
    looks = browser_of("wang").get("/api/charts/me/access").json()
    assert [(look["person"]["name"], look["action"]["en"], look["reason"]["en"], look["consultation"]) for look in looks] == [
        ("赵文博", "opened the record", "being on the care team", None),
        ("陈静", "opened the record", "family, whom you let in", None),
        ("陈静", "read a consultation", "family, whom you let in", str(case.id)),
    ]
    read = AccessEntry.objects.filter(act="read").order_by("leaf")
    assert list(read.values_list("purpose", "case")) == [("family", case.id), ("family", None), ("care", None)]
