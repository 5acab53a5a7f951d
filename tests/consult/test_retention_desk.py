"""The desk and the rights page over REST: what officers, approvers and patients are shown, and what they can do there."""

import hashlib
import html
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from consult.models import Consultation
from records.charts import Content, add_entry, chart_of
from records.identity.fresh import STALE
from records.ledger.full_audit import check_all
from records.ledger.leaves import parse
from records.ledger.models import Leaf
from records.ledger.sequencer import Sequencer
from records.pack import printed
from records.pack.codes import short_code
from records.retention import shredding
from records.retention.models import HoldRefusal, Tombstone
from records.vault import data_key
from tests.cast import Browser, code_of, consultation, who
from tests.consult.reviewing import CASES, MARKER, Open, granted, read
from tests.records.retention.conftest import no_tombstones, old_case, years_ago  # noqa: F401 - a fixture

DESK = "/api/compliance"
WHY = "法院要求保全，案号（2026）京 01 民初 1 号。"


def desk_of(browser_of: Open, key: str) -> Browser:
    """Somebody at the desk who has just shown a second factor."""
    browser = browser_of(key)
    browser.set_up_app(who(key).login)
    return browser


def number(browser: Any, case: Consultation) -> str:
    found = browser.get(CASES).json()["cases"]
    return str(next(row["number"] for row in found if row["id"] == str(case.id)))


def test_zhou_holds_a_case_and_he_agrees_to_let_it_go(browser_of: Open, cast: None) -> None:
    case, zhou, he = old_case(6), desk_of(browser_of, "zhou"), desk_of(browser_of, "he")
    assert zhou.get(f"{DESK}/retention/preview").json()["total"] == 1
    placed = zhou.post(f"{DESK}/holds", {"number": number(zhou, case), "reason": WHY}).json()
    assert placed["reason"] == WHY
    assert zhou.get(f"{DESK}/retention/preview").json()["total"] == 0
    assert zhou.post(f"{DESK}/holds/{placed['id']}/release-request", {"reason": "案件已结"}).status_code == 200
    assert code_of(zhou.post(f"{DESK}/holds/{placed['id']}/release")) == "hold.needs_another"
    assert he.post(f"{DESK}/holds/{placed['id']}/release").json()["released_by"]["name"]
    assert zhou.get(f"{DESK}/retention/preview").json()["total"] == 1


def test_a_release_that_is_declined_or_taken_back_cannot_be_agreed_to_any_more(browser_of: Open, cast: None) -> None:
    case, zhou, he = old_case(6), desk_of(browser_of, "zhou"), desk_of(browser_of, "he")
    hold = zhou.post(f"{DESK}/holds", {"number": number(zhou, case), "reason": WHY}).json()
    path = f"{DESK}/holds/{hold['id']}"
    no = {"reason": "二审还没有开庭"}
    assert code_of(he.post(f"{path}/release-refusal", no)) == "hold.not_asked"
    assert zhou.post(f"{path}/release-request", {"reason": "一审已结"}).status_code == 200
    left = he.post(f"{path}/release-refusal", no).json()
    assert (left["asked_by"], left["asked_why"], left["released_at"]) == (None, None, None)
    (told,) = left["declined"]
    assert (told["asked_by"]["name"], told["asked_why"], told["by"]["name"], told["why"]) == (
        "周宁",
        "一审已结",
        "何军",
        no["reason"],
    )
    assert code_of(he.post(f"{path}/release")) == "hold.not_asked"
    zhou.post(f"{path}/release-request", {"reason": "二审已结"})
    taken_back = zhou.post(f"{path}/release-refusal", {"reason": "看错了案号"}).json()
    assert [one["why"] for one in taken_back["declined"]] == ["看错了案号", no["reason"]], "the newest first"
    zhou.post(f"{path}/release-request", {"reason": "确已终审"})
    assert he.post(f"{path}/release").json()["released_by"]["name"] == "何军"
    assert code_of(he.post(f"{path}/release-refusal", no)) == "hold.over"
    Sequencer().drain()
    assert (check_all().findings, check_all().unchecked) == ([], 0)
    with pytest.raises(DatabaseError), transaction.atomic():
        HoldRefusal.objects.all().delete()


def test_a_hold_is_looked_at_again_on_its_day(browser_of: Open, cast: None, monkeypatch: pytest.MonkeyPatch) -> None:
    case, zhou = old_case(6), desk_of(browser_of, "zhou")
    today = timezone.localdate()
    asked = {"number": number(zhou, case), "reason": WHY, "review_on": (today + timedelta(days=30)).isoformat()}
    for wrong in (today, today + timedelta(days=800)):
        answer = zhou.post(f"{DESK}/holds", {**asked, "review_on": wrong.isoformat()})
        assert code_of(answer) == "hold.review_day"
    hold = zhou.post(f"{DESK}/holds", asked).json()
    assert (hold["review_on"], hold["review_due"]) == (asked["review_on"], False)
    monkeypatch.setattr(timezone, "localdate", lambda: today + timedelta(days=30))
    assert zhou.get(f"{DESK}/holds").json()[0]["review_due"]
    again = (today + timedelta(days=200)).isoformat()
    assert zhou.post(f"{DESK}/holds/{hold['id']}/review", {"review_on": again}).json()["review_due"] is False
    acts = [parse(bytes(leaf.data)).ids.get("review_on") for leaf in Leaf.objects.filter(chain=hold["id"]).order_by("seq")]
    assert acts == [asked["review_on"], again]


def test_a_preview_is_confirmed_as_it_was_shown(browser_of: Open, cast: None, monkeypatch: pytest.MonkeyPatch) -> None:
    old_case(6)
    zhou = desk_of(browser_of, "zhou")
    shown = zhou.get(f"{DESK}/retention/preview").json()
    assert shown["items"][0]["label"] == {"zh": "咨询对话", "en": "consultation"}
    with monkeypatch.context() as an_hour_later:
        real = time.time
        an_hour_later.setattr(time, "time", lambda: real() + 3600)
        assert code_of(zhou.post(f"{DESK}/retention/runs", {"digest": shown["digest"]})) == STALE.code
    assert zhou.post(f"{DESK}/retention/runs", {"digest": shown["digest"]}).json() == {"keys": 1}
    assert code_of(zhou.post(f"{DESK}/retention/runs", {"digest": "0" * 64})) == "retention.changed"
    assert zhou.get(f"{DESK}/retention/preview").json()["waiting"] == 1


def test_rules_say_what_the_law_asks_for(browser_of: Open, cast: None) -> None:
    he = desk_of(browser_of, "he")
    rules = {row["retention"]: row for row in he.get(f"{DESK}/retention/rules").json()}
    assert [rules[name]["legal"] for name in ("dialogue", "record", "access")] == [36, 180, 6]
    answer = he.send("put", f"{DESK}/retention/rules/dialogue", {"minimum": 12, "maximum": 60})
    assert code_of(answer) == "retention.too_short"


def test_wang_takes_her_copy_and_asks_for_an_erasure(browser_of: Open, cast: None) -> None:
    case = old_case(1, said=(("zhao", f"您好 {MARKER}"),))
    wang, zhou, zhao = browser_of("wang"), desk_of(browser_of, "zhou"), browser_of("zhao")
    copy = wang.get("/api/rights/copy")
    assert MARKER in copy.content.decode()
    assert "attachment" in copy["Content-Disposition"]
    asked = wang.post("/api/rights/erasures", {"consultation": str(case.id)}).json()
    assert "*" in zhou.get(f"{DESK}/erasures").json()[0]["patient"]
    verdict = {"decision": "grant", "reason": "同意"}
    assert zhou.post(f"{DESK}/erasures/{asked['id']}/decision", verdict).json()["state"] == "sealed"
    assert zhao.get(f"/api/consultations/{case.id}").status_code == 404
    assert str(case.id) not in zhao.get("/api/consultations").content.decode()
    assert wang.get(f"/api/consultations/{case.id}").status_code == 200
    assert [row["kept"] for row in wang.get("/api/consultations").json()] == ["sealed"]
    assert next(row for row in zhou.get(CASES).json()["cases"] if row["id"] == str(case.id))["kept"] == "sealed"
    assert code_of(wang.get(f"/api/rights/erasures/{asked['id']}/certificate")) == "not_found"


def test_what_is_shredded_is_gone_from_every_page_and_the_reviewer_sees_by_which_tombstone(
    browser_of: Open, cast: None
) -> None:
    case = old_case(4, said=(("zhao", f"您好 {MARKER}"),))
    other = consultation(said=(("zhao", "您好"),), summary="好转")
    grant = granted(case)
    wang, zhou = browser_of("wang"), desk_of(browser_of, "zhou")
    asked = wang.post("/api/rights/erasures", {"consultation": str(case.id)}).json()
    done = zhou.post(f"{DESK}/erasures/{asked['id']}/decision", {"decision": "grant", "reason": "同意"}).json()
    Sequencer().drain()
    assert done["state"] == "done"
    for page in ("/api/consultations", "/api/charts/" + str(case.patient_id), "/api/rights/copy"):
        shown = wang.get(page)
        assert shown.status_code == 200, page
        assert MARKER not in shown.content.decode()
    assert str(other.id) in wang.get("/api/consultations").content.decode()
    assert wang.post("/api/search", {"query": MARKER}).json()["hits"] == []
    told = read(zhou, grant).json()
    assert told["integrity"]["state"] == "verified"
    stone = Tombstone.objects.get(case_id=case.id)
    by = {"number": stone.seq, "at": stone.at, "why": "request"}
    assert [event["shredded"] for event in told["events"]] == [by] * len(told["events"])
    assert wang.get(f"/api/rights/erasures/{asked['id']}/certificate").json()["note"].startswith("xinqiao shred certificate v1")


def test_a_record_of_sixteen_years_ago_goes_and_the_page_still_opens(browser_of: Open, cast: None) -> None:
    chart = chart_of(who("wang"))
    with years_ago(16):
        add_entry(who("zhao"), who("wang").id, client_id="entry-long-ago", kind="note", content=Content("头晕"))
    shredding.shred(data_key(chart.id, "record").id, "maximum")
    shown = browser_of("wang").get(f"/api/charts/{who('wang').id}")
    assert shown.status_code == 200
    assert shown.json()["timeline"] == []


@pytest.mark.once
def test_among_what_dr_zhao_finished_a_sealed_case_is_named_and_nothing_of_it_is_told(browser_of: Open, cast: None) -> None:
    case = old_case(1, said=(("wang", f"头晕 {MARKER}"),))
    Consultation.objects.filter(chain=case.id).update(red_flags=["chest_pain"])
    wang, zhou, zhao = browser_of("wang"), desk_of(browser_of, "zhou"), browser_of("zhao")
    before = zhao.get("/api/queue").json()["closed"][0]
    assert (before["kept"], before["red_flags"], before["unread"]) == ("", ["chest_pain"], 2)
    asked = wang.post("/api/rights/erasures", {"consultation": str(case.id)}).json()
    zhou.post(f"{DESK}/erasures/{asked['id']}/decision", {"decision": "grant", "reason": "同意"})
    after = zhao.get("/api/queue").json()["closed"][0]
    assert (after["id"], after["kept"], after["may_send"]) == (str(case.id), "sealed", False)
    assert [after[part] for part in ("complaint", "last_line", "red_flags", "unread", "side")] == ["", None, [], 0, None]
    Consultation.objects.filter(chain=case.id).update(kept="shredded")
    assert zhao.get("/api/queue").json()["closed"][0]["kept"] == "shredded"


@pytest.mark.once
def test_the_certificate_is_a_page_to_print_whose_code_leads_to_the_note(browser_of: Open, cast: None) -> None:
    case = old_case(4, said=(("zhao", f"您好 {MARKER}"),))
    wang, zhou = browser_of("wang"), desk_of(browser_of, "zhou")
    asked = wang.post("/api/rights/erasures", {"consultation": str(case.id)}).json()
    address = f"/api/rights/erasures/{asked['id']}/certificate"
    assert code_of(wang.get(f"{address}/page")) == "not_found"
    zhou.post(f"{DESK}/erasures/{asked['id']}/decision", {"decision": "grant", "reason": "同意"})
    assert code_of(browser_of("li").get(f"{address}/page")) == "not_found"
    note = wang.get(address).json()["note"]
    code = f"XINQIAO-SHRED:1:{UUID(asked['id']).hex}:{hashlib.sha256(note.encode()).hexdigest()}".upper()
    for reader in (wang, zhou):
        shown = reader.get(f"{address}/page")
        page = shown.content.decode()
        assert "script-src" not in shown["Content-Security-Policy"]
        assert page.count(code) == 1
        assert page.count(short_code(code)) == 2  # in the title and in the head
        assert printed.square(code) in page
        assert html.escape(note) in page
        assert [word in page for word in ("销毁证明", "Certificate of destruction", "@media print")] == [True] * 3
        assert [word in page for word in (MARKER, who("wang").name)] == [False] * 2


@pytest.mark.once
def test_a_case_whose_erasure_was_asked_for_is_not_reopened(browser_of: Open, cast: None) -> None:
    case = old_case(1)
    wang, zhou = browser_of("wang"), desk_of(browser_of, "zhou")
    asked = wang.post("/api/rights/erasures", {"consultation": str(case.id)}).json()
    zhou.post(f"{DESK}/erasures/{asked['id']}/decision", {"decision": "grant", "reason": "同意"})
    again = {
        "type": "consultation.reopen",
        "id": "1",
        "consultation": str(case.id),
        "client_id": "reopen-it-1",
        "reason": "又痛了",
    }
    assert code_of(wang.post("/api/commands", again)) == "consultation.erasure_asked"
