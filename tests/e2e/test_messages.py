"""What people do with messages: Wang answers one, takes one back and sees how far hers came; Dr Zhao asks a colleague aside."""

import json
import re
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Response, expect

from records.ledger.notes import parse_verifier
from records.ledger.receipts import verify as verify_receipt
from tests.e2e.conftest import Enter
from tests.e2e.screen import settled, shoot, sideways, violations
from tests.e2e.test_workbench import asks, command, says

pytestmark = pytest.mark.once

UNDO_SECONDS = 10  # the longer choice: a busy machine must be quicker


def said(page: Page, text: str) -> Locator:
    return page.get_by_test_id("x.msg").filter(has_text=text)


def chooses(page: Page, message: Locator, action: str) -> None:
    message.hover()
    message.get_by_test_id("x.msg.more").click()
    page.get_by_test_id(f"x.msg.action.{action}").click()


def test_wang_answers_one_takes_one_back_and_sees_how_far_hers_came(enter: Enter) -> None:
    wang, zhao = enter("wang"), enter("zhao")
    visit = asks(wang, "消息测试：这两天早上头晕。")
    command(zhao, type="consultation.claim", consultation=visit)
    wang.goto(f"/consultations/{visit}")
    writes(wang, "p.chat", "昨晚没睡好。")
    expect(said(wang, "昨晚没睡好")).to_have_attribute("data-status", re.compile("sent|delivered"))
    opens_at_the_first_unread(wang, zhao, visit)
    answers_with_a_quote(wang)
    zhao.goto(f"/c/{visit}")
    expect(said(zhao, "150/90").get_by_test_id("x.msg.quote")).to_be_visible()
    sees_who_has_read(wang, said(wang, "150/90"))
    chooses(wang, said(wang, "昨晚没睡好"), "retract")
    for page in (wang, zhao):
        expect(page.get_by_test_id("x.msg.retracted")).to_be_visible()
        expect(said(page, "昨晚没睡好")).to_have_count(0)
    expect(zhao.get_by_test_id("x.msg.retracted")).to_contain_text("王秀兰")
    wang.get_by_test_id("x.msg.retracted").locator("summary").click()
    expect(wang.get_by_test_id("x.msg.retracted")).to_contain_text("会按规定保存在记录中")
    assert violations(wang) == []
    assert sideways(wang) == 0


def writes(page: Page, where: str, text: str) -> None:
    page.get_by_test_id(f"{where}.composer").fill(text)
    page.get_by_test_id(f"{where}.send").click()


def opens_at_the_first_unread(wang: Page, zhao: Page, visit: str) -> None:
    wang.goto("/messages")
    says(zhao, visit, "早上量血压了吗？")
    says(zhao, visit, "先别急着起床。")
    card = wang.locator(f'[data-testid="p.consultation"][href$="{visit}"]')
    expect(card).to_have_attribute("data-unread", "2")
    card.click()
    expect(wang.get_by_test_id("x.log.unread")).to_be_visible()


def answers_with_a_quote(wang: Page) -> None:
    question = said(wang, "早上量血压了吗").first
    chooses(wang, question, "reply")
    writes(wang, "p.chat", "量了，150/90。")
    quote = said(wang, "150/90").get_by_test_id("x.msg.quote")
    expect(quote).to_contain_text("早上量血压了吗")
    quote.click()
    expect(question).to_be_focused()


def sees_who_has_read(wang: Page, message: Locator) -> None:
    expect(message).to_have_attribute("data-status", "read")
    message.get_by_test_id("x.msg.details").click()
    details = wang.get_by_test_id("x.msg.status.details")
    expect(details.get_by_test_id("x.msg.details.read")).to_contain_text("赵文博")
    expect(details.get_by_test_id("x.msg.details.handling")).to_contain_text("在处理")
    wang.keyboard.press("Escape")


def test_zhao_asks_a_colleague_aside_cites_her_corrects_and_undoes_and_wang_hears_nothing_of_it(enter: Enter) -> None:
    wang, zhao, sun = enter("wang"), enter("zhao"), enter("sun")
    visit = asks(wang, "会诊测试：降压药吃了还高。")
    command(zhao, type="consultation.claim", consultation=visit)
    heard = listens(wang, f"/consultations/{visit}")
    zhao.evaluate(f"""() => localStorage.setItem("xinqiao.settings", JSON.stringify({{ undoSeconds: {UNDO_SECONDS} }}))""")
    zhao.goto(f"/c/{visit}")
    aside = f"内部{uuid.uuid4().hex[:8]}"
    asks_aside(zhao, aside)
    sun.get_by_test_id("d.nav.sides").click()
    sun.get_by_test_id("d.sides.row").filter(has_text="王秀兰").first.click()
    expect(said(sun, aside)).to_be_visible()
    writes(sun, "d.side", "建议睡前加量一次。")
    opinion = said(zhao, "建议睡前加量")
    expect(opinion).to_be_visible()
    chooses(zhao, opinion, "cite")
    expect(zhao.get_by_test_id("d.conv.composer")).to_have_value(re.compile("孙莉.*建议睡前加量一次"))
    assert violations(zhao) == []
    undoes(zhao)
    expect(said(wang, "建议睡前加量")).to_have_count(0)
    sends_and_corrects(zhao, wang)
    everything = heard()
    assert aside not in everything
    assert "side." not in everything
    assert wang.request.get("/api/sides").status == 404


def asks_aside(zhao: Page, aside: str) -> None:
    """Begin the discussion beside the case and call Nurse Sun by an at sign."""
    zhao.get_by_test_id("d.panel.side").click()
    zhao.get_by_test_id("d.side.open").click()
    box = zhao.get_by_test_id("d.side.composer")
    box.press_sequentially("请 @")
    zhao.get_by_test_id("d.people.search").press_sequentially("孙莉")
    expect(zhao.get_by_test_id("d.people.option")).to_have_count(1)
    zhao.keyboard.press("Enter")
    box.press_sequentially(f"看一下 {aside}")
    zhao.get_by_test_id("d.side.send").click()
    expect(said(zhao, aside)).to_have_attribute("data-status", re.compile("sent|delivered|read"))


def listens(page: Page, path: str) -> Callable[[], str]:
    """Open a page; what is returned tells everything that it has been sent since: frames of the socket, answers, what it shows."""
    frames: list[str] = []
    answers: list[Response] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda data: frames.append(str(data))))
    page.goto(path)
    settled(page)
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - a bound method of a list takes no attributes

    def heard() -> str:
        bodies = [answer.text() for answer in answers if "/api/" in answer.url and answer.ok]
        assert frames
        return "".join([page.content(), *frames, *bodies])

    return heard


def undoes(zhao: Page) -> None:
    """What is sent waits for a while, in which Ctrl+Z takes it back into the box."""
    box = zhao.get_by_test_id("d.conv.composer")
    box.press("Enter")
    expect(zhao.get_by_test_id("x.msg.held")).to_be_visible()
    expect(box).to_have_value("")
    zhao.keyboard.press("Control+z")
    expect(zhao.get_by_test_id("x.msg.held")).to_have_count(0)
    expect(box).to_have_value(re.compile("建议睡前加量一次"))


def sends_and_corrects(zhao: Page, wang: Page) -> None:
    zhao.get_by_test_id("d.conv.composer").fill("每天吃两片。")
    zhao.get_by_test_id("d.conv.send").click()
    wrong = zhao.get_by_test_id("d.timeline").get_by_test_id("x.msg").filter(has_text="每天吃两片")
    expect(wrong).to_have_attribute("data-status", re.compile("sent|delivered|read"), timeout=1000 * (UNDO_SECONDS + 20))
    wrong.focus()
    zhao.keyboard.press("Enter")
    zhao.get_by_test_id("x.msg.action.correct").click()
    closes_by_itself(zhao, "x.msg.correct")
    wrong.focus()
    zhao.keyboard.press("Enter")
    zhao.get_by_test_id("x.msg.action.correct").click()
    zhao.get_by_test_id("x.msg.correct.text").fill("每天吃一片。")
    keeps_the_words_when_the_disk_is_full(zhao)
    zhao.get_by_test_id("x.msg.correct.confirm").click()
    old = said(wang, "每天吃两片")
    expect(old.locator("del")).to_have_text("每天吃两片。")
    expect(old.get_by_test_id("x.msg.corrected")).to_have_text("每天吃一片。")
    expect(wang.get_by_test_id("x.event.jump")).to_be_visible()


def closes_by_itself(page: Page, dialog: str) -> None:
    """What Chrome does at a second Escape, or Android at Back, without asking: the page must know of it."""
    page.get_by_test_id(dialog).evaluate("dialog => dialog.close()")
    expect(page.get_by_test_id(dialog)).to_have_count(0)


def keeps_the_words_when_the_disk_is_full(page: Page) -> None:
    page.evaluate("""() => {
        window.adds = IDBObjectStore.prototype.add;
        IDBObjectStore.prototype.add = () => { throw new DOMException("no room", "QuotaExceededError"); };
    }""")
    page.get_by_test_id("x.msg.correct.confirm").click()
    expect(page.get_by_test_id("x.msg.correct").get_by_test_id("x.error")).to_have_attribute("data-code", "client.storage")
    expect(page.get_by_test_id("x.msg.correct.text")).to_have_value("每天吃一片。")
    page.evaluate("() => { IDBObjectStore.prototype.add = window.adds; }")


def test_wang_checks_the_receipt_of_what_she_sent_and_finds_it_in_the_ledger(enter: Enter, shots: Path | None) -> None:
    wang = enter("wang", "en")
    visit = asks(wang, "回执测试：这两天早上头晕。")
    wang.goto(f"/consultations/{visit}")
    writes(wang, "p.chat", "请查收。")
    expect(said(wang, "请查收")).to_have_attribute("data-status", re.compile("sent|delivered"))
    wang.goto("/me")
    wang.get_by_test_id("p.me.receipts").click()
    row = wang.get_by_test_id("p.receipts.row")
    expect(row).to_have_attribute("data-verdict", "valid")
    found_in_the_ledger(row)
    shoot(wang, shots, "receipts")
    assert violations(wang) == []
    assert sideways(wang) == 0
    with wang.expect_download() as saved:
        wang.get_by_test_id("p.receipts.save").click()
    file = json.loads(Path(saved.value.path()).read_text())
    assert verify_receipt(file["receipts"][0]["receipt"], parse_verifier(file["key"]))
    spoiled_in_this_browser(wang)
    wang.reload()
    expect(row).to_have_attribute("data-verdict", "wrong")
    expect(row).to_contain_text("does not check out")


def found_in_the_ledger(row: Locator) -> None:
    """The newest entries wait a moment for their place: whoever is told so looks again."""
    place = row.get_by_test_id("p.receipts.place")
    expect(place.get_by_test_id("p.receipts.find")).to_be_visible()
    for _ in range(40):
        row.get_by_test_id("p.receipts.find").click()
        expect(place).to_have_attribute("data-place", re.compile("in|waiting"))
        if place.get_attribute("data-place") == "in":
            break
    expect(place).to_have_attribute("data-place", "in")


def spoiled_in_this_browser(page: Page) -> None:
    """One figure of what the receipt says is changed where the browser keeps it."""
    page.evaluate(
        """() => new Promise((resolve, reject) => {
          indexedDB.databases().then(([{ name }]) => { const open = indexedDB.open(name); open.onsuccess = () => {
            const store = open.result.transaction("receipts", "readwrite").objectStore("receipts");
            store.getAll().onsuccess = (event) => { const kept = event.target.result.find((one) => one.receipt);
              kept.receipt.at += 1; store.put(kept).onsuccess = () => resolve(); };
            open.onerror = reject; }; }); })"""
    )
