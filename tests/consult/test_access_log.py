"""The audit of the audit: what anybody did stands in one log, in the ledger, and who reads that log stands in it too."""

import csv
import io
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consult.models import Consultation
from consult.oversight import cases
from records import accesslog, grants
from records.accesslog import KINDS, AccessEntry, Act, Filters, Place
from records.errors import NOT_FOUND, Refused
from records.ledger.models import Leaf
from records.people import Person, RoleGrant
from tests.cast import Browser, code_of, id_of, lift_guard, who
from tests.consult.reviewing import MARKER, REASON, Open, case, found, granted, read

__all__ = ["case"]

LOG = "/api/compliance/log"


def auditor(browser_of: Open) -> Browser:
    person = Person.objects.create(login="U1001", name="孙晓")
    RoleGrant.objects.create(person=person, role="auditor")
    person.set_password("a password of this test")
    person.save()
    browser = Browser()
    assert browser.sign_in("U1001", "a password of this test").status_code == 200
    return browser


def entries(browser: Browser, **query: str) -> list[dict[str, Any]]:
    answer = browser.client.get(LOG, query)
    assert answer.status_code == 200, answer.content
    listed: list[dict[str, Any]] = answer.json()["entries"]
    return listed


def number_of(made: Consultation) -> str:
    return cases.number_of(cases.numbered(Consultation.objects.filter(chain=made.id)).get())


def test_each_thing_that_was_done_is_one_line_with_who_what_why_and_when(browser_of: Open, case: Consultation) -> None:
    zhou = browser_of("zhou")
    found(zhou, patient="王")
    grant = granted(case)
    read(zhou, grant)
    emergency = grants.break_glass(who("zhou"), case.id, reason=REASON)
    lines = entries(browser_of("he"))
    told = {(line["kind"], line["act"], (line["person"] or {}).get("name")) for line in lines}
    assert told >= {
        ("session.started", "sign_in", "周宁"),
        ("factor.added", "account", "周宁"),
        ("case.searched", "search", "周宁"),
        ("grant.requested", "grant", "周宁"),
        ("grant.decided", "grant", "何军"),
        ("grant.read", "read", "周宁"),
        ("grant.broken", "emergency", "周宁"),
    }
    reading = next(line for line in lines if line["kind"] == "grant.read")
    assert (reading["number"], reading["patient"], reading["purpose"]) == (number_of(case), "王*兰", "complaint")
    assert (reading["says"]["zh"], reading["grant"]) == ("查阅了咨询对话", str(grant))
    search = next(line for line in lines if line["kind"] == "case.searched")
    assert (search["filters"], search["found"]) == (["patient"], 1)
    glass = next(line for line in lines if line["kind"] == "grant.broken")
    assert (glass["chain"], glass["purpose"]) == (str(emergency.id), "safety")
    assert all(line["intact"] for line in lines)
    assert lines == sorted(lines, key=lambda line: [int(part) for part in line["place"].split(".")], reverse=True)
    leaf = Leaf.objects.get(chain=grant, kind="grant.read")
    assert (reading["seq"], reading["hash"]) == (leaf.seq, bytes(leaf.hash).hex())


def test_an_auditor_reads_the_log_and_not_a_word_of_any_case(browser_of: Open, case: Consultation) -> None:
    grant = granted(case)
    read(browser_of("zhou"), grant)
    browser_of("wang")
    sun = auditor(browser_of)
    page = sun.get(LOG)
    text = page.content.decode()
    assert not any(words in text for words in (MARKER, REASON, "王秀兰", who("wang").login))
    assert any(line["person"]["name"] == "王*兰" and line["login"] is None for line in page.json()["entries"])
    assert read(sun, grant).status_code == 404
    assert sun.get("/api/compliance/cases").status_code == 404


@pytest.mark.parametrize("key", ["wang", "zhao", "sun", "lin"])
def test_nobody_else_sees_or_takes_it(browser_of: Open, key: str) -> None:
    browser = browser_of(key)
    assert browser.get(LOG).status_code == browser.get(f"{LOG}/export").status_code == 404
    with pytest.raises(Refused) as refused:
        accesslog.page(who(key), Filters())
    assert refused.value.kind is NOT_FOUND


def test_it_is_narrowed_by_person_case_act_purpose_and_days(browser_of: Open, case: Consultation) -> None:
    today = timezone.localdate()
    read(browser_of("zhou"), granted(case))
    he = browser_of("he")
    assert {line["person"]["name"] for line in entries(he, person="周宁")} == {"周宁"}
    assert {line["person"]["name"] for line in entries(he, person=who("he").login)} == {"何军"}
    assert [line["kind"] for line in entries(he, number=number_of(case))] == ["grant.read", "grant.decided", "grant.requested"]
    assert {line["kind"] for line in entries(he, act="read")} == {"grant.read"}
    assert [line["kind"] for line in entries(he, purpose="complaint", act="grant")] == ["grant.decided", "grant.requested"]
    assert len(entries(he, **{"from": today.isoformat()})) > 5
    assert entries(he, to=(today - timedelta(days=1)).isoformat()) == []
    page = he.client.get(LOG, {"person": "周宁", "act": "read"}).json()
    assert page["filters"] == [{"name": "person", "value": "周宁"}, {"name": "act", "value": "read"}]


@pytest.mark.parametrize(
    "query",
    [{"person": "没有这个人"}, {"number": "XQ-2026-999999"}, {"number": "x"}, {"act": "x"}, {"colour": "red"}, {"before": "1"}],
)
def test_what_cannot_be_filtered_by_is_refused_and_not_ignored(browser_of: Open, query: dict[str, str]) -> None:
    answer = browser_of("he").client.get(LOG, query)
    assert (answer.status_code, code_of(answer)) == (422, "bad_input")


def test_pages_follow_each_other_without_gap_or_repetition(
    browser_of: Open, case: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("records.accesslog.reading.PAGE", 3)
    zhou = browser_of("zhou")
    for _ in range(4):
        found(zhou)
    first = zhou.get(LOG).json()
    seen, place = list(first["entries"]), first["next"]
    while place:
        found(zhou)  # what comes later does not move what is older
        page = zhou.client.get(LOG, {"before": place}).json()
        seen, place = seen + page["entries"], page["next"]
    places = [line["place"] for line in seen]
    upto = Place.parse(places[0])
    older = AccessEntry.objects.filter(leaf_id__lte=upto.leaf).order_by("-at", "-leaf_id")
    assert places == [f"{row.at}.{row.leaf_id}" for row in older]
    assert len(places) > 6


def test_looking_at_the_log_stands_in_it_once_a_look(browser_of: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("records.accesslog.reading.PAGE", 1)
    he = browser_of("he")
    place = he.client.get(LOG, {"act": "sign_in"}).json()["next"]
    he.client.get(LOG, {"act": "sign_in", "before": place})
    assert [line["filters"] for line in entries(he, act="search")] == [["act"]]
    assert AccessEntry.objects.filter(leaf__kind="access_log.seen").count() == 2


def exported(browser: Browser, **query: str) -> list[list[str]]:
    answer = browser.get(f"{LOG}/export?{urlencode(query)}")
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_the_export_is_the_same_log_as_a_table_and_stands_in_it(
    browser_of: Open, case: Consultation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("records.accesslog.reading.PIECE", 2)
    Person.objects.filter(id=id_of("zhou")).update(name="=HYPERLINK(1)")
    read(browser_of("zhou"), granted(case))
    he = browser_of("he")
    listed = entries(he, purpose="complaint")
    head, *rows = exported(he, purpose="complaint", language="en")
    assert head[:3] == ["Time", "Person", "Login"]
    assert [(row[4], row[5], int(row[11]), row[12]) for row in rows] == [
        (line["kind"], line["number"], line["seq"], line["hash"]) for line in listed
    ]
    assert {row[1] for row in rows} == {"'=HYPERLINK(1)", "何军"}
    assert {row[7] for row in rows} == {"handling a complaint"}
    assert MARKER not in str(rows)
    own = entries(he, act="export")[0]
    assert (own["kind"], own["filters"], own["found"]) == ("access_log.exported", ["purpose"], 3)


def test_the_export_asks_for_a_second_factor_shown_lately(browser_of: Open) -> None:
    answer = auditor(browser_of).get(f"{LOG}/export")
    assert (answer.status_code, code_of(answer)) == (403, "factor.stale")
    assert not AccessEntry.objects.filter(act=Act.EXPORT).exists()


def test_an_export_that_would_be_cut_off_is_refused(browser_of: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("records.accesslog.reading.MOST", 1)
    answer = browser_of("he").get(f"{LOG}/export")
    assert (answer.status_code, code_of(answer)) == (422, "access_log.too_many")


def test_every_leaf_of_these_kinds_has_its_entry_and_no_other(browser_of: Open, case: Consultation) -> None:
    read(browser_of("zhou"), granted(case))
    logged = set(AccessEntry.objects.values_list("leaf_id", flat=True))
    assert logged == set(Leaf.objects.filter(kind__in=KINDS).values_list("id", flat=True))
    assert Leaf.objects.exclude(kind__in=KINDS).filter(kind__startswith="message.").exists()
    assert all(kind.zh and kind.en for kind in KINDS.values())


def test_an_entry_is_neither_changed_nor_deleted(browser_of: Open, case: Consultation) -> None:
    granted(case)
    for change in (
        lambda: AccessEntry.objects.update(purpose="quality"),
        lambda: AccessEntry.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.parametrize("change", [{"purpose": "quality"}, {"act": "search"}, {"actor_id": None}, {"case": None}])
def test_an_entry_that_its_owner_rewrote_is_shown_as_not_what_the_ledger_says(
    browser_of: Open, case: Consultation, change: dict[str, Any]
) -> None:
    grant = granted(case)
    lift_guard("records_accessentry")
    AccessEntry.objects.filter(leaf__chain=grant, leaf__kind="grant.requested").update(**change)
    lines = [line for line in entries(browser_of("he")) if line["chain"] == str(grant)]
    assert [(line["kind"], line["intact"]) for line in lines] == [("grant.decided", True), ("grant.requested", False)]


FILTERS = {
    "access_by_time": Filters(),
    "access_by_actor": Filters(actors=(id_of("zhou"),)),
    "access_by_case": Filters(case=id_of("wang")),
    "access_by_act": Filters(act=Act.READ),
    "access_by_purpose": Filters(purpose="quality"),
}


@pytest.mark.parametrize("index", list(FILTERS))
@pytest.mark.parametrize("place", [None, Place(2_000_000_000_000, 5)])
@pytest.mark.usefixtures("cast")
def test_every_filter_and_every_page_is_read_by_its_index_in_its_order(index: str, place: Place | None) -> None:
    """Asks the database for its plan: one index for the condition, the period and the order, nothing sorted, no table read whole."""
    chosen = replace(FILTERS[index], since=timezone.localdate(), until=timezone.localdate())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # its tables are too small here for it to want an index
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")
        with CaptureQueriesContext(connection) as looks:
            accesslog.page(who("he"), chosen, place)
        look = next(look["sql"] for look in looks.captured_queries if "LIMIT 51" in look["sql"])
        cursor.execute(("EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN ") + look)
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    assert index in plan, plan
    assert not any(bad in plan for bad in ("SCAN records_accessentry\n", "TEMP B-TREE", "Sort", "Seq Scan")), plan
