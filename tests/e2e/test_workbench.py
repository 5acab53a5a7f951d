"""The workbench in a real browser: Dr Zhao and Nurse Sun at a desk, mostly with keys."""

import json
import uuid

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Enter
from tests.e2e.screen import settled

pytestmark = pytest.mark.once

TRANSCRIBED_MS = 300_000
POINTERS = """() => { window.__pointers = 0;
  for (const kind of ["pointerdown", "mousedown"]) addEventListener(kind, () => window.__pointers++, true); }"""


def command(page: Page, **fields: object) -> dict[str, str]:
    """Run one command of the protocol as whoever is signed in on the page."""
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "xinqiao_csrf")
    answer = page.request.post(
        "/api/commands",
        data=json.dumps({"id": "1", **fields}),
        headers={"X-CSRFToken": token, "Content-Type": "application/json"},
    )
    assert answer.ok, answer.text()
    body: dict[str, str] = answer.json()
    return body


def asks(patient: Page, complaint: str, red_flags: tuple[str, ...] = (), department: str = "心内科") -> str:
    """Open a consultation and return its id."""
    departments = patient.request.get("/api/departments").json()
    chosen = next(row["id"] for row in departments if row["name"]["zh"] == department)
    intake = {"complaint": complaint, "duration": "days", "red_flags": list(red_flags), "department": chosen}
    opened = command(
        patient, type="consultation.open", client_id=uuid.uuid4().hex, consents=["consultation", "privacy"], **intake
    )
    return opened["consultation"]


def says(person: Page, consultation: str, text: str) -> None:
    command(person, type="message.send", consultation=consultation, client_id=uuid.uuid4().hex, text=text)


def row(page: Page, complaint: str) -> Locator:
    return page.get_by_test_id("d.queue.row").filter(has_text=complaint[:10])


def order(page: Page) -> list[str]:
    ids: list[str] = page.get_by_test_id("d.queue.row").evaluate_all("rows => rows.map(row => row.dataset.id)")
    return ids


def test_zhao_takes_and_answers_with_keys_alone(enter: Enter) -> None:
    wang, zhao = enter("wang"), enter("zhao")
    visit = asks(wang, "键盘测试：早上起来头晕，量了血压 168/95。")
    zhao.evaluate(POINTERS)
    expect(row(zhao, "键盘测试：早上起来")).to_be_visible()
    for _ in range(8):
        zhao.keyboard.press("F6")
        if zhao.evaluate("document.activeElement.getAttribute('role')") == "option":
            break
    zhao.keyboard.press("Home")
    while zhao.evaluate("document.activeElement.dataset.id") != visit:
        zhao.keyboard.press("ArrowDown")
    zhao.keyboard.press("Alt+KeyG")
    expect(zhao.get_by_test_id("d.conv.composer")).to_be_focused()
    expect(zhao.locator(".x-composer-to")).to_contain_text("0471")
    zhao.keyboard.type("先坐五分钟，再量一次告诉我。")
    zhao.keyboard.press("Enter")
    sent = zhao.get_by_test_id("x.msg").filter(has_text="先坐五分钟")
    expect(sent).to_have_attribute("data-status", "sent")
    seen = wang.request.get(f"/api/consultations/{visit}").json()["last_seq"]
    command(wang, type="cursor.advance", consultation=visit, delivered=seen, read=seen)
    expect(sent).to_have_attribute("data-status", "read")
    expect(row(zhao, "先坐五分钟，再量一次")).to_have_attribute("data-needs-reply", "false")
    assert zhao.evaluate("window.__pointers") == 0
    head = zhao.get_by_test_id("d.conv.state")
    expect(head).to_have_attribute("data-needs-reply", "false")
    zhao.reload()
    says(wang, visit, "量好了，150/90。")
    asks_on = zhao.locator(f'[data-testid="d.queue.row"][data-id="{visit}"]')
    expect(asks_on).to_have_attribute("data-needs-reply", "true")
    expect(head).to_have_attribute("data-needs-reply", "true")


def test_the_list_does_not_move_under_the_focus(enter: Enter) -> None:
    chen, wu, zhao = enter("chen"), enter("wu"), enter("zhao")
    asks(chen, "列表测试：心慌一个月，下午明显。")
    held = row(zhao, "列表测试：心慌")
    expect(held).to_be_visible()
    settled(zhao)
    held.focus()
    before, place = order(zhao), held.bounding_box()
    asks(chen, "新到测试：又心慌了，想再问一次。")
    arrivals = zhao.get_by_test_id("d.queue.arrivals")
    expect(arrivals).to_be_visible()
    assert order(zhao) == before
    assert held.bounding_box() == place
    asks(wu, "急症测试：胸口压着疼二十分钟。", ("chest_pain",))
    emergency = zhao.get_by_test_id("d.queue.group.risk").get_by_test_id("d.queue.row").filter(has_text="急症测试")
    expect(emergency).to_be_visible()
    expect(zhao.get_by_test_id("x.live.assertive")).to_contain_text("高风险")
    zhao.keyboard.press("Alt+KeyR")
    expect(row(zhao, "新到测试：又心慌")).to_be_visible()
    expect(arrivals).to_be_hidden()


def test_opening_marks_read_but_the_patient_still_waits(enter: Enter) -> None:
    li, zhao = enter("li"), enter("zhao")
    visit = asks(li, "已读测试：孩子发烧一天。", department="全科")
    command(zhao, type="consultation.claim", consultation=visit)
    says(li, visit, "现在 38.6 度，精神还可以。")
    waiting = zhao.locator(f'[data-testid="d.queue.row"][data-id="{visit}"]')
    expect(waiting.locator(".x-count")).to_be_visible()
    waiting.click()
    expect(zhao.get_by_test_id("x.msg").filter(has_text="38.6")).to_be_visible()
    expect(waiting.locator(".x-count")).to_have_count(0)
    expect(waiting).to_have_attribute("data-needs-reply", "true")
    expect(zhao.get_by_test_id("d.conv.state")).to_have_attribute("data-needs-reply", "true")


def test_a_faster_colleague_is_told_of_kindly(enter: Enter) -> None:
    chen, qian, zhao = enter("chen"), enter("qian"), enter("zhao")
    visit = asks(chen, "抢先测试：吃药以后脚肿。")
    row(zhao, "抢先测试：吃药").click()
    expect(zhao.get_by_test_id("d.conv.claim")).to_be_visible()
    command(qian, type="consultation.claim", consultation=visit)
    expect(zhao.get_by_test_id("x.empty").filter(has_text="同事负责")).to_be_visible()
    expect(zhao.get_by_test_id("d.conv.composer")).to_have_count(0)


def test_a_draft_stays_with_its_patient(enter: Enter) -> None:
    chen, wu, zhao = enter("chen"), enter("wu"), enter("zhao")
    first, second = asks(chen, "草稿测试甲：睡不好。"), asks(wu, "草稿测试乙：胃疼。", department="全科")
    for visit in (first, second):
        command(zhao, type="consultation.claim", consultation=visit)
    zhao.goto(f"/c/{first}")
    zhao.get_by_test_id("d.conv.composer").fill("给陈静的半句话")
    expect(zhao.get_by_test_id("d.conv.saved")).to_be_visible()
    zhao.locator(f'[data-testid="d.queue.row"][data-id="{second}"]').click()
    expect(zhao.locator(".x-composer-to")).to_contain_text("吴强")
    expect(zhao.get_by_test_id("d.conv.composer")).to_have_value("")
    expect(zhao.locator(f'[data-id="{first}"]').get_by_text("草稿", exact=True)).to_be_visible()
    zhao.goto(f"/c/{first}")
    expect(zhao.get_by_test_id("d.conv.composer")).to_have_value("给陈静的半句话")


def test_zhao_closes_with_a_summary_and_reopens_with_a_reason(enter: Enter) -> None:
    wu, zhao = enter("wu"), enter("zhao")
    visit = asks(wu, "结束测试：复查结果想问一下。")
    command(zhao, type="consultation.claim", consultation=visit)
    zhao.goto(f"/c/{visit}")
    expect(zhao.get_by_test_id("d.conv.composer")).to_be_focused()
    zhao.keyboard.press("Alt+KeyE")
    zhao.get_by_test_id("d.conv.close.review").click()
    expect(zhao.get_by_test_id("d.conv.close.dialog").locator(".x-field-error")).to_be_visible()
    zhao.get_by_test_id("d.conv.close.summary").fill("复查结果正常。")
    zhao.get_by_test_id("d.conv.close.advice").fill("半年后再查一次。")
    zhao.get_by_test_id("d.conv.close.review").click()
    expect(zhao.get_by_test_id("d.conv.close.dialog")).to_contain_text("半年后再查一次。")
    zhao.get_by_test_id("d.conv.close.submit").click()
    expect(zhao.get_by_test_id("x.card.summary")).to_contain_text("复查结果正常。")
    expect(zhao.get_by_test_id("d.conv.composer")).to_have_count(0)
    zhao.get_by_test_id("d.conv.reopen").click()
    zhao.get_by_test_id("d.conv.reopen.reason").fill("化验单又来了一张。")
    zhao.get_by_test_id("d.conv.reopen.submit").click()
    expect(zhao.get_by_test_id("d.conv.composer")).to_be_visible()


def test_zhao_gives_one_back_with_a_reason(enter: Enter) -> None:
    li, zhao, qian = enter("li"), enter("zhao"), enter("qian")
    visit = asks(li, "转回测试：产后血压。")
    command(zhao, type="consultation.claim", consultation=visit)
    zhao.goto(f"/c/{visit}")
    zhao.get_by_test_id("d.conv.return").click()
    zhao.get_by_test_id("d.conv.return.reason").fill("下班了，请同事接着看。")
    zhao.get_by_test_id("d.conv.return.submit").click()
    expect(row(qian, "转回测试：产后")).to_be_visible()
    expect(zhao.get_by_test_id("d.conv.return.dialog")).to_have_count(0)


def test_an_amended_entry_shows_both_versions(enter: Enter) -> None:
    sun = enter("sun")
    sun.goto("/patients")
    sun.get_by_test_id("d.patients.row").filter(has_text="王秀兰").get_by_role("link").click()
    expect(sun.get_by_test_id("d.panel.allergies")).to_contain_text("青霉素")
    medicine = sun.get_by_test_id("d.panel.medication").get_by_test_id("d.panel.entry").filter(has_text="氨氯地平")
    medicine.get_by_test_id("d.panel.amend").click()
    sun.get_by_test_id("d.entry.text").fill("氨氯地平片 5mg，每次半片，每天 1 次，早饭后")
    sun.get_by_test_id("d.entry.save").click()
    expect(sun.get_by_test_id("d.entry.dialog").locator(".x-field-error")).to_be_visible()
    sun.get_by_test_id("d.entry.reason").fill("医嘱减量")
    sun.get_by_test_id("d.entry.save").click()
    expect(medicine.first).to_contain_text("半片")
    expect(medicine.first.get_by_test_id("d.panel.entry.before")).to_contain_text("每次 1 片")
    expect(medicine.first).to_contain_text("医嘱减量")
