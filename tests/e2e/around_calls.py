"""What people do around a call: hear themselves before it, are told of it behind another window, agree on another time."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.screen import shoot, violations
from tests.e2e.test_attachments import file, report

# The page lies behind another window; what the browser shows over it is written down too.
HIDE = """() => { window.shown = [];
  const Made = Notification;
  window.Notification = class extends Made { constructor(title, how) { super(title, how); window.shown.push(how.body); } };
  Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
  document.dispatchEvent(new Event("visibilitychange")); }"""


def hears_herself(wang: Page, shots: Path | None) -> None:
    """Before she calls: two seconds of her own voice."""
    wang.get_by_test_id("k.hearing.record").click()
    shoot(wang, shots, "call-6-check")
    wang.get_by_test_id("k.hearing.clear").click()
    expect(wang.get_by_test_id("k.hearing")).to_have_attribute("data-stage", "clear")
    assert violations(wang) == []
    wang.get_by_test_id("k.check.go").click()


def agree_on_a_time(wang: Page, zhao: Page, shots: Path | None) -> None:
    """Dr Zhao would like another time, and offers two; Wang takes one with a tap, and both see it."""
    for index in (0, 2):
        zhao.get_by_test_id("k.plan.time").nth(index).click()
    assert violations(zhao) == []
    shoot(zhao, shots, "call-7-plan")
    zhao.get_by_test_id("k.plan.send").click()
    wang.get_by_test_id("k.after.back").click()
    expect(wang.get_by_test_id("k.plan.take")).to_have_count(2)
    shoot(wang, shots, "call-8-choose")
    wang.get_by_test_id("k.plan.take").last.click()
    for page in (wang, zhao):
        expect(page.get_by_test_id("k.plan.card")).to_have_attribute("data-state", "agreed")
    expect(zhao.get_by_test_id("d.row.plan")).to_be_visible()
    assert violations(wang) == []
    shoot(wang, shots, "call-9-agreed")


def sends_a_photo(wang: Page, zhao: Page, shots: Path | None) -> None:
    """Dr Zhao asks for one while they talk; it stands in the conversation of both."""
    zhao.get_by_test_id("k.photo.ask").click()
    zhao.get_by_test_id("k.photo.what").fill("the right ankle")
    zhao.get_by_test_id("k.photo.send").click()
    expect(wang.get_by_test_id("k.photo")).to_contain_text("the right ankle")
    shoot(wang, shots, "call-3-photo")
    assert violations(wang) == []
    wang.get_by_test_id("k.photo.input").set_input_files(file("ankle.jpg", report()))
    expect(wang.get_by_test_id("k.photo")).to_have_count(0)
    expect(zhao.locator(".x-media").first).to_be_visible()


def rings_behind_another_window(wang: Page, zhao: Page) -> None:
    """Until Dr Zhao takes the call back."""
    wang.context.grant_permissions(["notifications"])
    wang.evaluate(f"({HIDE})()")
    expect(wang).to_have_title(re.compile("邀请您语音通话"))
    zhao.get_by_test_id("k.hangup").click()
    expect(wang.get_by_test_id("k.ring")).to_have_count(0)
    wang.wait_for_function("window.shown.length === 2")
    assert wang.evaluate("window.shown") == ["医生邀请您通话", "您有一个未接来电，打开页面可以回电或留言。"], "names nobody"
    expect(wang).to_have_title(re.compile("^消息"))
