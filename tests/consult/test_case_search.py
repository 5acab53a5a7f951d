"""Officer Zhou finds a case by its metadata alone, and asks for it."""

import json
from typing import Any
from uuid import UUID

import msgspec
import pytest
from django.db import transaction

from consult.models import Consultation
from records.ledger.models import Leaf
from records.ledger.system import SYSTEM_CHAIN
from tests.cast import client_id, code_of, consultation, id_of
from tests.consult.reviewing import CASES, MARKER, REASON, Open, found, granted, read


def test_a_case_is_shown_by_its_metadata_with_the_patients_name_masked(browser_of: Open, case: Consultation) -> None:
    row = found(browser_of("zhou"))["cases"][0]
    assert (row["id"], row["patient"], row["doctor"]["name"]) == (str(case.id), "王*兰", "赵文博")
    assert (row["department"]["name"]["en"], row["state"], row["messages"], row["recordings"]) == ("Cardiology", "closed", 2, 0)
    assert (row["integrity"], row["grant"]) == ("verified", None)


def test_no_search_answer_and_no_request_holds_a_word_of_what_was_said(browser_of: Open, case: Consultation) -> None:
    zhou, he = browser_of("zhou"), browser_of("he")
    grant = granted(case)
    pages = [zhou.client.get(CASES, {"patient": "王"}), he.get(CASES), zhou.get("/api/compliance/requests")]
    pages += [he.get("/api/compliance/requests?role=approve"), he.get(f"/api/compliance/requests/{grant}")]
    for page in pages:
        assert page.status_code == 200
        text = json.dumps(page.json(), ensure_ascii=False)
        assert MARKER not in text
        assert "早上头晕" not in text, "the complaint is content too"
        assert "王秀兰" not in text
    assert MARKER in read(zhou, grant).content.decode(), "the marker is where it belongs"


def test_a_search_that_stopped_says_how_far_back_it_went(browser_of: Open, cast: None, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [consultation(doctor=None) for _ in range(3)]
    zhou = browser_of("zhou")
    everything = found(zhou)
    assert (everything["total"], everything["through"]) == (3, None)
    monkeypatch.setattr("consult.oversight.cases.MOST", 2)
    few = found(zhou)
    assert [row["id"] for row in few["cases"]] == [str(case.id) for case in reversed(made[1:])]
    assert (few["total"], few["through"]) == (2, everything["cases"][1]["opened_at"])
    monkeypatch.setattr("consult.oversight.cases.MOST", 500)
    monkeypatch.setattr("consult.oversight.cases.STRETCH", 1)
    monkeypatch.setattr("consult.oversight.cases.SECONDS", 0)
    slow = found(zhou, number=f"XQ-{made[0].opened_at.year}-{Leaf.objects.get(chain=made[0].id, seq=1).id}")
    assert (slow["total"], slow["through"]) == (0, everything["cases"][1]["opened_at"]), "none of those looked through"
    said = Leaf.objects.filter(kind="case.searched").order_by("-id").values_list("data", flat=True)
    assert b'"through"' in bytes(said[0])
    assert b'"through"' not in bytes(said[2])
    monkeypatch.setattr("consult.oversight.cases.SECONDS", 60)
    assert (found(zhou, patient="王")["total"], found(zhou)["through"]) == (3, None), "stretch by stretch, nothing twice"


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ({"patient": "秀兰"}, 1),
        ({"patient": "0471"}, 1),
        ({"patient": "吴"}, 0),
        ({"doctor": "赵"}, 1),
        ({"doctor": "d1001"}, 1),
        ({"doctor": "刘"}, 0),
        ({"department": "cardiology"}, 1),
        ({"department": "心内"}, 1),
        ({"department": "儿科"}, 0),
        ({"state": "closed"}, 1),
        ({"state": "queued"}, 0),
        ({"from": "2020-01-01"}, 1),
        ({"to": "2020-01-01"}, 0),
        ({"patient": "秀兰", "doctor": "赵", "state": "closed", "from": "2020-01-01"}, 1),
        ({"patient": "秀兰", "doctor": "刘"}, 0),
        ({"patient": "%"}, 0),
    ],
)
def test_every_filter_is_applied_and_echoed(browser_of: Open, case: Consultation, query: dict[str, str], hits: int) -> None:
    answer = found(browser_of("zhou"), **query)
    assert (answer["total"], len(answer["cases"])) == (hits, hits)
    assert {chip["name"]: chip["value"] for chip in answer["filters"]} == query


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("doctr=x", "doctr"),
        ("patient=a&patient=b", "patient"),
        ("state=open", "state"),
        ("from=yesterday", "from"),
        ("number=12x", "number"),
        ("page=0", "page"),
        ("patient=%00", "patient"),
    ],
)
def test_a_filter_that_cannot_be_applied_is_an_error_not_silence(cast: None, browser_of: Open, query: str, field: str) -> None:
    answer = browser_of("zhou").get(f"{CASES}?{query}")
    assert (answer.status_code, code_of(answer), set(answer.json()["fields"])) == (422, "bad_input", {field})


def test_a_case_number_finds_its_case_and_no_other(browser_of: Open, case: Consultation) -> None:
    second = consultation(patient="li", doctor="liu", department="paediatrics")
    zhou = browser_of("zhou")
    numbers = {row["id"]: row["number"] for row in found(zhou)["cases"]}
    assert len(set(numbers.values())) == 2
    for each in (case, second):
        number = numbers[str(each.id)]
        assert number.startswith(f"XQ-{each.opened_at.year}-")
        assert [row["id"] for row in found(zhou, number=number)["cases"]] == [str(each.id)]
        assert [row["id"] for row in found(zhou, number=number.rpartition("-")[2])["cases"]] == [str(each.id)]
        assert found(zhou, number=number.replace(str(each.opened_at.year), "2001"))["total"] == 0


def test_long_lists_come_in_pages_without_gap_or_repeat(browser_of: Open, cast: None) -> None:
    with transaction.atomic():
        made = {str(consultation(doctor=None).id) for _ in range(23)}
    zhou = browser_of("zhou")
    pages = [found(zhou, page=str(number)) for number in (1, 2, 3)]
    assert [(page["total"], len(page["cases"])) for page in pages] == [(23, 20), (23, 3), (23, 0)]
    assert {row["id"] for page in pages for row in page["cases"]} == made


def test_each_search_is_a_leaf_without_the_words_searched_for(browser_of: Open, case: Consultation) -> None:
    found(browser_of("zhou"), patient="王秀兰", state="closed")
    leaf = Leaf.objects.filter(chain_id=SYSTEM_CHAIN, kind="case.searched").get()
    said = msgspec.json.decode(bytes(leaf.data))
    assert (said["actor"], said["ids"]) == (str(id_of("zhou")), {"filters": "patient,state", "found": "1"})
    assert "王秀兰" not in bytes(leaf.data).decode()


def test_a_request_goes_from_zhou_to_he_and_back(browser_of: Open, case: Consultation) -> None:
    zhou, he = browser_of("zhou"), browser_of("he")
    body = {
        "cases": [str(case.id)],
        "content": ["conversation"],
        "purpose": "dispute",
        "case_number": "T-9",
        "reason": REASON,
        "hours": 6,
    }
    asked = zhou.post("/api/compliance/requests", body)
    assert asked.status_code == 201
    grant = asked.json()
    assert (grant["state"], grant["reason"], grant["requester"]["name"], grant["approver"]) == ("waiting", REASON, "周宁", None)
    assert [row["id"] for row in he.get("/api/compliance/requests?role=approve").json()] == [grant["id"]]
    decided = he.post(
        f"/api/compliance/requests/{grant['id']}/decision", {"decision": "approve", "reason": "可以", "hours": 2}
    ).json()
    assert (decided["state"], decided["approver"]["name"], decided["decision_reason"]) == ("approved", "何军", "可以")
    mine = zhou.get("/api/compliance/requests").json()
    assert [(row["id"], row["state"]) for row in mine] == [(grant["id"], "approved")]
    assert found(zhou)["cases"][0]["grant"]["state"] == "approved"
    assert read(zhou, UUID(grant["id"])).status_code == 200
    he.post(f"/api/compliance/requests/{grant['id']}/revoke", {"reason": "用途已完成"})
    assert read(zhou, UUID(grant["id"])).status_code == 404
    readings = he.get(f"/api/compliance/readings?grant={grant['id']}").json()
    assert [(row["action"], row["says"]["zh"]) for row in readings] == [("conversation.read", "查阅了咨询对话")]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"reason": "太短"}, "reason"),
        ({"reason": " " * 40}, "reason"),
        ({"hours": 0}, "hours"),
        ({"hours": 73}, "hours"),
        ({"hours": "NaN"}, "hours"),
        ({"content": []}, "content"),
        ({"content": ["everything"]}, "content.0"),
        ({"purpose": "curiosity"}, "purpose"),
        ({"approver": str(id_of("zhou"))}, "approver"),
    ],
)
def test_bad_requests_are_refused_by_field(browser_of: Open, case: Consultation, change: dict[str, Any], field: str) -> None:
    body = {
        "cases": [str(case.id)],
        "content": ["conversation"],
        "purpose": "dispute",
        "case_number": "",
        "reason": REASON,
        "hours": 6,
    }
    answer = browser_of("zhou").post("/api/compliance/requests", {**body, **change})
    assert (answer.status_code, set(answer.json()["fields"])) == (422, {field})


def test_an_id_made_by_the_client_does_not_reach_the_search(cast: None, browser_of: Open) -> None:
    assert found(browser_of("zhou"), department=client_id())["total"] == 0
