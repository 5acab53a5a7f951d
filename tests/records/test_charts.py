"""The chart: added to and amended by those who care for the patient, never overwritten, seen by nobody else."""

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from records import care, charts
from records.charts import Chart, ChartEntry
from records.ledger.audit import check_chain
from records.ledger.models import Leaf
from records.people import CareRelationship
from records.vault import SealBroken
from tests.cast import Browser, client_id, code_of, consultation, id_of, lift_guard, who

Open = Callable[[str], Browser]
CHART = f"/api/charts/{id_of('wang')}"
ENTRIES = f"{CHART}/entries"

pytestmark = [pytest.mark.usefixtures("charts"), pytest.mark.once]


def entry(text: str = "空腹血糖 6.1", **more: Any) -> dict[str, Any]:
    return {"client_id": client_id(), "kind": "note", "text": text, **more}


def shown(page: dict[str, Any], kind: str = "entry") -> list[dict[str, Any]]:
    return [item[kind] for item in page["timeline"] if item["kind"] == kind]


def test_dr_zhao_sees_wangs_allergies_risks_and_medicines_above_her_timeline(browser_of: Open) -> None:
    page = browser_of("zhao").get(CHART).json()
    assert (page["patient"]["name"], page["patient"]["sex"], page["patient"]["birth_date"]) == (
        "王秀兰",
        "female",
        "1955-03-18",
    )
    assert page["patient"]["mrn_tail"] == "0471"
    assert [item["text"] for item in page["allergies"]] == ["青霉素：皮疹、呼吸困难（2009 年）"]
    assert len(page["medications"]) == 2
    assert len(page["risks"]) == 1
    times = [item["at"] for item in page["timeline"]]
    assert times == sorted(times, reverse=True)


def test_wang_reads_her_own_chart(browser_of: Open) -> None:
    assert browser_of("wang").get(CHART).json()["patient"]["id"] == str(id_of("wang"))


@pytest.mark.parametrize("key", ["wu", "chen", "li", "liu", "qian", "zhou", "he", "lin"])
def test_nobody_else_sees_or_writes_it(browser_of: Open, key: str) -> None:
    browser = browser_of(key)
    for answer in (browser.get(CHART), browser.post(ENTRIES, entry())):
        assert (answer.status_code, code_of(answer)) == (404, "not_found")


def test_wang_cannot_write_in_her_own_chart(browser_of: Open) -> None:
    assert browser_of("wang").post(ENTRIES, entry()).status_code == 404


def test_nurse_sun_adds_a_reading_and_dr_zhao_sees_it(browser_of: Open) -> None:
    value = {"number": 6.1, "unit": "mmol/L", "code": "1558-6"}
    added = browser_of("sun").post(ENTRIES, entry(kind="reading", value=value)).json()
    assert (added["author"]["name"], added["value"], added["integrity"]) == ("孙莉", value, "pending")
    newest = shown(browser_of("zhao").get(CHART).json())[0]
    assert newest == added


def test_the_same_client_id_adds_one_entry_and_another_text_under_it_is_a_conflict(browser_of: Open) -> None:
    browser, sent = browser_of("zhao"), entry()
    before = ChartEntry.objects.count()
    first, again = browser.post(ENTRIES, sent), browser.post(ENTRIES, sent)
    assert first.json() == again.json()
    other = browser.post(ENTRIES, {**sent, "text": "空腹血糖 7.1"})
    assert (other.status_code, code_of(other)) == (409, "client_id.conflict")
    assert ChartEntry.objects.count() == before + 1


def test_an_amendment_stands_beside_the_original(browser_of: Open) -> None:
    browser = browser_of("zhao")
    first = browser.post(ENTRIES, entry("氯沙坦 50mg", kind="medication")).json()
    change = {"client_id": client_id(), "text": "氯沙坦 100mg", "reason": "剂量写错"}
    second = browser.post(f"{ENTRIES}/{first['id']}/amend", change).json()
    assert (second["amends"], second["kind"], second["reason"]) == (first["id"], "medication", "剂量写错")
    page = browser.get(CHART).json()
    both = {item["id"]: item for item in shown(page)}
    assert both[first["id"]]["text"] == "氯沙坦 50mg"
    assert both[first["id"]]["amended_by"] == second["id"]
    assert page["medications"][0]["text"] == "氯沙坦 100mg"
    assert "氯沙坦 50mg" not in [item["text"] for item in page["medications"]]


def test_an_entry_is_amended_once_and_repeating_the_amendment_answers_it_again(browser_of: Open) -> None:
    browser = browser_of("zhao")
    first = browser.post(ENTRIES, entry()).json()
    change = {"client_id": client_id(), "text": "空腹血糖 5.1", "reason": "看错"}
    amend = f"{ENTRIES}/{first['id']}/amend"
    assert browser.post(amend, change).json() == browser.post(amend, change).json()
    answer = browser.post(amend, {**change, "client_id": client_id()})
    assert (answer.status_code, code_of(answer)) == (409, "entry.amended")


def test_an_entry_of_another_chart_cannot_be_amended_through_mine(browser_of: Open) -> None:
    of_li = charts.chart_of(who("li")).entries.get()
    answer = browser_of("zhao").post(f"{ENTRIES}/{of_li.id}/amend", {"client_id": client_id(), "text": "x", "reason": "y"})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "  \n "}, "text"),
        ({"text": "字" * 4001}, "text"),
        ({"text": "a\x00b"}, "text"),
        ({"kind": "opinion"}, "kind"),
        ({"client_id": "short"}, "client_id"),
        ({"value": {"number": "high", "unit": "mmHg", "code": "8480-6"}}, "value.number"),
        ({"author": str(id_of("liu"))}, "author"),
    ],
)
def test_bad_entries_are_refused_by_field_in_both_languages(browser_of: Open, change: dict[str, Any], field: str) -> None:
    answer = browser_of("zhao").post(ENTRIES, {**entry(), **change})
    assert (answer.status_code, code_of(answer)) == (422, "bad_input")
    assert set(answer.json()["fields"]) == {field}
    assert all(answer.json()["fields"][field].values())


def test_each_entry_is_sealed_and_a_leaf_of_the_charts_chain(cast: None) -> None:
    chart = charts.chart_of(who("wang"))
    content = charts.Content("罕见词：紫色长颈鹿")
    added = charts.add_entry(who("zhao"), id_of("wang"), client_id=client_id(), kind="note", content=content)
    row = ChartEntry.objects.get(id=added.row.id)
    assert "长颈鹿".encode() not in bytes(row.body)
    leaf = Leaf.objects.get(chain_id=chart.id, seq=row.seq)
    said = msgspec.json.decode(bytes(leaf.data))
    assert (said["kind"], said["actor"]) == ("chart.entry.added", str(id_of("zhao")))
    assert said["content"] == hashlib.sha256(bytes(row.body)).hexdigest()
    assert "长颈鹿" not in bytes(leaf.data).decode()
    assert check_chain(chart.id).findings == []


def test_two_entries_whose_ciphertexts_were_swapped_do_not_open(cast: None) -> None:
    chart = charts.chart_of(who("wang"))
    one, two = ChartEntry.objects.filter(chart=chart, kind="medication")
    lift_guard("records_chartentry")
    ChartEntry.objects.filter(id=one.id).update(body=two.body, key=two.key)
    ChartEntry.objects.filter(id=two.id).update(body=one.body, key=one.key)
    assert {finding.code for finding in check_chain(chart.id).findings} == {"content.changed"}
    with pytest.raises(SealBroken):
        charts.entries(chart)


def test_an_ended_care_relationship_ends_the_sight_of_the_chart(browser_of: Open) -> None:
    browser = browser_of("sun")
    assert browser.get(CHART).status_code == 200
    CareRelationship.objects.filter(clinician_id=id_of("sun")).update(until="2026-01-01T00:00:00Z")
    assert browser.get(CHART).status_code == 404
    assert browser.get("/api/charts").json() == []
    care.join(id_of("wang"), id_of("sun"), "follow-up")
    assert browser.get(CHART).status_code == 200


def test_my_patients_are_those_i_care_for_now(browser_of: Open) -> None:
    rows = browser_of("zhao").get("/api/charts").json()
    assert [(row["patient"]["name"], row["chart"]) for row in rows] == [("王秀兰", str(charts.chart_of(who("wang")).id))]
    assert rows[0]["last_at"]
    assert browser_of("wang").get("/api/charts").status_code == 404


def test_wang_sees_who_opened_her_record_and_one_look_is_one_line(browser_of: Open) -> None:
    zhao, wang = browser_of("zhao"), browser_of("wang")
    for browser in (zhao, zhao, wang, browser_of("sun")):
        assert browser.get(CHART).status_code == 200
    looks = wang.get("/api/charts/me/access").json()
    assert [look["person"]["name"] for look in looks] == ["孙莉", "赵文博"]
    assert looks[0]["action"] == {"zh": "打开了病历", "en": "opened the record"}
    assert Leaf.objects.filter(chain__chart__patient=id_of("wang"), kind="chart.opened").count() == 2


def test_a_refused_look_is_no_look(browser_of: Open) -> None:
    browser_of("qian").get(CHART)
    assert browser_of("wang").get("/api/charts/me/access").json() == []


def test_only_a_patient_has_a_reading_log(browser_of: Open) -> None:
    for key in ("zhao", "zhou", "lin"):
        assert browser_of(key).get("/api/charts/me/access").status_code == 404


def test_the_record_shows_wangs_consultation_with_its_summary(browser_of: Open) -> None:
    case = consultation(summary="血压偏高，调整服药时间")
    item = shown(browser_of("sun").get(CHART).json(), "consultation")[0]
    assert (item["id"], item["complaint"], item["summary"]) == (str(case.id), "早上头晕", "血压偏高，调整服药时间")


def test_a_chart_is_made_once(cast: None) -> None:
    assert charts.chart_of(who("wu")) == charts.chart_of(who("wu"))
    assert Chart.objects.filter(patient=id_of("wu")).count() == 1
