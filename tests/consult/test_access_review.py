"""Each month of the access log is looked through by a named officer: hints with their reasons, what was said of each, and a signature."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from django.db import transaction
from django.db.utils import DatabaseError
from django.utils import timezone
from pytest_django import Settings

from consult.models import Consultation
from consult.oversight import hints as desk
from records import charts, family, grants
from records.accesslog import AccessEntry, AccessReview, HintNote, reviews
from records.grants import AccessGrant
from records.ledger import chains
from records.ledger.full_audit import check_all
from records.ledger.models import Leaf
from records.ledger.sequencer import Sequencer
from records.people import Person, RoleGrant
from tests.cast import Browser, code_of, id_of, lift_guard, who
from tests.consult.reviewing import MARKER, REASON, Open, case, granted, read

pytestmark = pytest.mark.once

__all__ = ["case"]

REVIEWS = "/api/compliance/reviews"
NOTE = f"当天值班，按流程处理，{MARKER}"
TODAY = timezone.localdate()
LAST = (TODAY.replace(day=1) - timedelta(days=1)).replace(day=1)  # the month that ended last
BEFORE = (LAST - timedelta(days=1)).replace(day=1)


def noon(month: date, day: int = 10) -> int:
    """Within duty, ms since epoch."""
    return int(timezone.make_aware(datetime.combine(month.replace(day=day), time(12))).timestamp() * 1000)


@pytest.fixture(autouse=True)
def every_day_is_a_day_of_duty(settings: Settings) -> None:
    settings.XINQIAO_OVERSIGHT = {**settings.XINQIAO_OVERSIGHT, "days": frozenset(range(1, 8))}


def chart_opened(reader: str, patient: UUID, at: int) -> None:
    chart = charts.chart_of(Person.objects.get(id=patient))
    with transaction.atomic(), chains.extend(chart.id) as tail:
        tail.add(charts.OPENED, actor=id_of(reader), at=at)


def crowd(count: int) -> list[UUID]:
    people = [Person.objects.create(login=f"1370000{place:04}", name=f"病人{place}") for place in range(count)]
    RoleGrant.objects.bulk_create(RoleGrant(person=person, role="patient") for person in people)
    return [person.id for person in people]


def curious(month: date = LAST, reader: str = "zhao", count: int = 20) -> None:
    """Somebody opens the records of as many patients as is a hint, within an hour."""
    for place, patient in enumerate(crowd(count)):
        chart_opened(reader, patient, noon(month) + place * 60_000)


def month_of(browser: Browser, month: date = LAST) -> dict[str, Any]:
    browser.get(REVIEWS)  # opens what is missing
    answer = browser.get(f"{REVIEWS}/{month:%Y-%m}")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def settled(browser: Browser, key: str, month: date = LAST, outcome: str = "explained") -> Any:
    return browser.post(f"{REVIEWS}/{month:%Y-%m}/hints/{key}/note", {"outcome": outcome, "note": NOTE})


def signed(browser: Browser, month: date = LAST) -> Any:
    return browser.post(f"{REVIEWS}/{month:%Y-%m}/signature", {"note": NOTE})


def test_a_hint_is_seen_with_its_acts_settled_with_a_note_and_the_month_signed(browser_of: Open) -> None:
    he = browser_of("he")
    curious()
    month = month_of(he)
    (hint,) = month["hints"]
    assert (hint["rule"], hint["person"]["name"], hint["counted"], hint["settled"]) == ("patients", "赵文博", 20, None)
    assert (month["found"], month["unsettled"], month["acts"], month["whole"]) == (1, 1, 20, True)
    assert month["bounds"]["patients"] == 20
    rows = he.get(f"{REVIEWS}/{month['month']}/hints/{hint['key']}").json()
    assert rows["total"] == len(rows["entries"]) == 20
    assert {(row["kind"], row["intact"]) for row in rows["entries"]} == {("chart.opened", True)}
    reviews.name(who("he"), LAST, id_of("he"))
    early = signed(he)
    assert (early.status_code, code_of(early)) == (409, "access_review.unsettled")
    after = settled(he, hint["key"]).json()
    assert (after["unsettled"], after["hints"][0]["settled"]["note"]) == (0, NOTE)
    done = signed(he).json()
    assert (done["state"], done["signed_by"]["name"], done["note"]) == ("signed", "何军", NOTE)
    acts = list(
        AccessEntry.objects.filter(act="oversight", actor=id_of("he")).order_by("leaf_id").values_list("leaf__kind", flat=True)
    )
    assert acts == [f"access_review.{kind}" for kind in ("seen", "seen", "named", "hint_settled", "signed")]
    looks = [bytes(leaf.data) for leaf in Leaf.objects.filter(kind="access_review.seen").order_by("id")]
    assert b'"hint"' not in looks[0]
    assert f'"found":"20","hint":"{hint["key"]}"'.encode() in looks[1], "the acts of a hint are lines of the log too"
    leaf = bytes(Leaf.objects.get(kind="access_review.signed").data)
    assert b'"acts":"20"' in leaf
    assert b'"most_patients":"20"' in leaf, "the bounds that were in force stand under the signature"
    assert MARKER.encode() not in leaf + bytes(HintNote.objects.get().body) + bytes(
        AccessReview.objects.get(month=LAST).note or b""
    )
    Sequencer().drain()
    assert check_all().findings == []


def test_the_month_is_due_by_itself_named_to_who_read_least_and_overdue_is_said(browser_of: Open, settings: Settings) -> None:
    for place in range(3):
        chart_opened("zhou", id_of("wang"), noon(BEFORE, 3 + place))
    assert reviews.keep_up() == (1 if TODAY.day <= settings.XINQIAO_OVERSIGHT["due_days"] else 2)
    listed = browser_of("zhou").get(REVIEWS).json()
    assert [row["month"] for row in listed] == [f"{month:%Y-%m}" for month in (TODAY, LAST, BEFORE)]
    assert (listed[0]["state"], listed[0]["reviewer"]) == ("running", None)
    assert (listed[2]["state"], listed[2]["reviewer"]["name"]) == ("overdue", "何军")
    assert listed[2]["due_on"] == (LAST + timedelta(days=9)).isoformat()
    count = Leaf.objects.count()
    reviews.keep_up()
    assert Leaf.objects.count() == count, "what was done is not done again"


@pytest.mark.usefixtures("browser_of")
def test_whoever_an_approver_names_is_not_replaced_by_who_would_be_named_by_itself() -> None:
    chart_opened("zhao", id_of("wang"), noon(LAST))

    def named_meanwhile(month: date) -> Person:
        AccessReview.objects.filter(month=month).update(reviewer=id_of("he"))
        return who("zhou")

    with patch.object(reviews, "_least_involved", named_meanwhile):
        reviews.keep_up()
    assert AccessReview.objects.get(month=LAST).reviewer == who("he")


def test_only_whoever_is_named_signs_and_only_a_month_that_is_over(browser_of: Open) -> None:
    chart_opened("zhao", id_of("wang"), noon(LAST))
    zhou, he = browser_of("zhou"), browser_of("he")
    month = month_of(he)
    named = month["reviewer"]["name"]
    other = zhou if named == "何军" else he
    assert signed(other).status_code == 404
    running = AccessReview.objects.get(month=TODAY.replace(day=1))
    AccessReview.objects.filter(chain=running.id).update(reviewer=id_of("he"))
    answer = signed(he, running.month)
    assert (answer.status_code, code_of(answer)) == (409, "access_review.not_over")
    for person, status in ((id_of("zhou"), 200), (id_of("zhao"), 422)):
        assert he.post(f"{REVIEWS}/{LAST:%Y-%m}/reviewer", {"person": str(person)}).status_code == status
    assert signed(he).status_code == 404, "she is named now"
    assert signed(zhou).status_code == 200
    again = signed(zhou)
    assert (again.status_code, code_of(again)) == (409, "access_review.signed_already")
    with pytest.raises(DatabaseError), transaction.atomic():
        AccessReview.objects.filter(month=LAST).update(signed_by=id_of("he"))


def test_nobody_settles_a_hint_about_themselves_nor_twice_and_more_acts_open_it_again(browser_of: Open) -> None:
    zhou, he = browser_of("zhou"), browser_of("he")
    people = crowd(21)
    for place, patient in enumerate(people[:20]):
        chart_opened("zhou", patient, noon(LAST) + place * 60_000)
    (hint,) = month_of(zhou)["hints"]
    assert hint["own"]
    own = settled(zhou, hint["key"])
    assert (own.status_code, code_of(own)) == (403, "access_review.own")
    assert settled(he, hint["key"], outcome="pursued").status_code == 200
    again = settled(he, hint["key"])
    assert (again.status_code, code_of(again)) == (409, "access_review.settled_already")
    chart_opened("zhou", people[20], noon(LAST) + 21 * 60_000)
    assert month_of(he)["hints"][0]["settled"] is None, "what was said of twenty patients was not said of the next"
    assert settled(he, hint["key"]).status_code == 200
    assert settled(he, "patients-1").status_code == 404


def test_a_hint_beyond_those_listed_comes_up_once_the_ones_before_it_are_settled(browser_of: Open) -> None:
    he = browser_of("he")
    curious()
    for place, patient in enumerate(Person.objects.filter(login__startswith="1370000").values_list("id", flat=True)):
        chart_opened("sun", patient, noon(LAST) + place)
    with patch.object(desk, "SHOWN", 1):
        (first,) = month_of(he)["hints"]
        with patch.object(desk, "look", wraps=desk.look) as looks:
            (second,) = settled(he, first["key"]).json()["hints"]
    assert looks.call_count == 1, "a month is long"
    assert (first["settled"], second["settled"]) == (None, None)
    assert {first["person"]["name"], second["person"]["name"]} == {"赵文博", "孙莉"}


def test_glass_that_nobody_reviewed_in_time_stands_in_the_way(browser_of: Open, case: Consultation) -> None:
    chart_opened("zhao", id_of("wang"), noon(LAST))
    grant = grants.break_glass(who("zhou"), case.id, reason=REASON)
    AccessGrant.objects.filter(chain=grant.id).update(requested_at=datetime.fromtimestamp(noon(LAST) / 1000, UTC))
    he = browser_of("he")
    reviews.keep_up()
    reviews.name(who("he"), LAST, id_of("he"))
    month = month_of(he)
    (hint,) = month["hints"]
    assert (hint["rule"], hint["waits"], month["open_glass"]) == ("glass", True, 1)
    for answer in (settled(he, hint["key"]), signed(he)):
        assert (answer.status_code, code_of(answer)) == (409, "access_review.open_glass")
    grants.review(who("he"), grant.id, finding="justified", text="患者有危险")
    assert not month_of(he)["hints"][0]["waits"], "too late is still a hint"
    assert settled(he, hint["key"]).status_code == 200
    assert signed(he).status_code == 200


def test_a_colleagues_a_relatives_and_ones_own_record_are_hints(browser_of: Open) -> None:
    born = date(1980, 5, 17)
    Person.objects.filter(id=id_of("zhao")).update(birth_date=born)
    own = Person.objects.create(login="13700000001", name=who("zhao").name, birth_date=born)
    RoleGrant.objects.create(person=own, role="patient")
    Person.objects.filter(id=id_of("wang")).update(birth_date=date(1955, 1, 1))
    family.let_in(own, phone=who("wang").login, name=who("wang").name, scopes=family.Scopes("see"), days=1)
    for reader, patient in (("zhao", own.id), ("sun", own.id), ("zhao", id_of("wang")), ("sun", id_of("wang"))):
        chart_opened(reader, patient, noon(LAST))
    found = {(hint["rule"], hint["person"]["name"], hint["patient"]) for hint in month_of(browser_of("he"))["hints"]}
    assert found == {("own", "赵文博", "赵*博"), ("family", "赵文博", "王*兰"), ("colleague", "孙莉", "赵*博")}


def test_exports_in_a_row_and_a_night_are_hints_and_a_pack_is_taken_once(
    browser_of: Open, case: Consultation, settings: Settings
) -> None:
    settings.XINQIAO_OVERSIGHT = {**settings.XINQIAO_OVERSIGHT, "exports": 2, "off_duty": 3}
    with transaction.atomic(), chains.extend(granted(case)) as tail:
        for place, what in enumerate(("pack.made", "pack.downloaded", "pack.made", "pack.downloaded")):
            tail.add(grants.READ, actor=id_of("zhou"), ids={"what": what, "part": "whole"}, at=noon(LAST) + place)
    night = noon(LAST) + 10 * 3_600_000  # ten in the evening
    for place in range(3):
        chart_opened("zhao", id_of("wang"), night + place)
    found = {(hint["rule"], hint["person"]["name"], hint["counted"]) for hint in month_of(browser_of("he"))["hints"]}
    assert found == {("exports", "周宁", 2), ("off_duty", "赵文博", 3)}


def test_a_night_between_two_months_is_seen_whole_by_the_month_in_which_it_began(browser_of: Open, settings: Settings) -> None:
    settings.XINQIAO_OVERSIGHT = {**settings.XINQIAO_OVERSIGHT, "off_duty": 6}
    for place in range(-3, 3):
        chart_opened("zhao", id_of("wang"), reviews.span(BEFORE)[1] + place * 60_000)
    he = browser_of("he")
    months = [month_of(he, month) for month in (BEFORE, LAST)]
    assert [(month["found"], month["acts"]) for month in months] == [(1, 3), (0, 3)]
    assert months[0]["hints"][0]["counted"] == 6


def test_relatives_reading_what_they_were_let_into_are_no_hint(browser_of: Open) -> None:
    with transaction.atomic(), chains.extend(charts.chart_of(who("wang")).id) as tail:
        for place in range(9):
            tail.add(charts.OPENED, actor=id_of("chen"), ids={"as": "family"}, at=noon(LAST) + 10 * 3_600_000 + place)
    month = month_of(browser_of("he"))
    assert (month["hints"], month["acts"]) == ([], 0)


def test_where_the_rules_stopped_is_said(browser_of: Open) -> None:
    curious(count=3)
    with patch.object(desk, "MOST", 2):
        month = month_of(browser_of("he"))
    assert (month["acts"], month["whole"]) == (2, False)


def test_it_is_metadata_and_looking_at_it_is_in_the_log(browser_of: Open, case: Consultation) -> None:
    grant = granted(case)
    he = browser_of("he")
    read(browser_of("zhou"), grant)
    month_of(he, TODAY)
    assert MARKER not in he.get(f"{REVIEWS}/{TODAY:%Y-%m}").content.decode()
    assert AccessEntry.objects.filter(leaf__kind="access_review.seen", actor=id_of("he")).count() == 2
    for nothing in ("2026-13", "x", "1999-01", "2026-11-01"):
        assert he.get(f"{REVIEWS}/{nothing}").status_code == 404


def test_what_was_said_of_a_hint_is_neither_rewritten_nor_exchanged(browser_of: Open) -> None:
    he = browser_of("he")
    curious()
    (hint,) = month_of(he)["hints"]
    settled(he, hint["key"])
    review = AccessReview.objects.get(month=LAST)
    assert [note.review is review for note in reviews.notes(review).values()] == [True], "not read again for each"
    for change in (lambda: HintNote.objects.update(outcome="pursued"), lambda: HintNote.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    lift_guard("records_hintnote")
    HintNote.objects.update(body=b"x")
    Sequencer().drain()
    assert {finding.code for finding in check_all().findings} == {"content.changed"}
