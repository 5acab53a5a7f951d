"""Nurse Sun calls Wang from her desk: she asks first, records then, and says how it ended."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import CHROMIUM, FLAGS, Enter
from tests.e2e.screen import in_the_dark, shoot, sideways_at, violations

# Every microphone that is opened is counted, whoever opens it.
COUNT = """const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices); window.opened = 0;
navigator.mediaDevices.getUserMedia = (wanted) => { window.opened++; return real(wanted); };"""
KEPT = """async () => { const open = indexedDB.open("xinqiao"); await new Promise((done) => open.onsuccess = done);
  const all = open.result.transaction("slices").objectStore("slices").count();
  return new Promise((done) => all.onsuccess = () => done(all.result)); }"""


pytestmark = [pytest.mark.once, pytest.mark.long]


@pytest.fixture(scope="module")
def chromium(chromium: Browser) -> Iterator[Browser]:
    """With a microphone that beeps."""
    flags = [*FLAGS, "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=flags)
    yield browser
    browser.close()


def test_no_microphone_before_consent_and_a_closed_page_loses_nothing(enter: Enter, shots: Path | None) -> None:
    sun = enter("sun")
    sun.context.add_init_script(COUNT)
    sun.goto("/followups")
    shoot(sun, shots, "followups-zh")
    sun.get_by_test_id("d.followup.row").first.get_by_role("link").first.click()
    start = sun.get_by_test_id("d.recorder.start")
    answers = sun.get_by_test_id("d.record.consent").get_by_role("radio")
    expect(start).to_be_disabled()
    answers.nth(1).check(force=True)
    expect(start).to_have_count(0)
    sun.get_by_test_id("d.outcome.how").get_by_role("radio").first.check(force=True)
    sun.get_by_test_id("d.outcome.save").click()
    expect(sun.locator("[data-testid='d.outcome'] .x-field-error")).to_be_visible()  # why it is not recorded
    answers.first.check(force=True)
    expect(start).to_be_enabled()
    assert sun.evaluate("window.opened") == 0
    shoot(sun, shots, "call-zh")
    records(sun, shots)
    assert [find(sun) for find in (violations, in_the_dark)] == [[], []]
    assert sideways_at(sun, 320) == 0
    sun.get_by_test_id("d.outcome.how").get_by_role("radio").nth(3).check(force=True)
    sun.get_by_test_id("d.outcome.note").fill("伤口红肿，请医生看")
    sun.get_by_test_id("d.outcome.save").click()
    expect(sun.get_by_test_id("d.outcomes")).to_contain_text("伤口红肿")
    sun.goto("/followups")
    expect(sun.get_by_test_id("d.followups.exceptions")).to_contain_text("需医生处理")


def records(sun: Page, shots: Path | None) -> None:
    answers = sun.get_by_test_id("d.record.consent").get_by_role("radio")
    sun.get_by_test_id("d.recorder.start").click()
    expect(answers.nth(1)).to_be_disabled()
    while sun.evaluate(KEPT) < 1:
        sun.wait_for_timeout(200)
    shoot(sun, shots, "recording-locked-zh")
    sun.get_by_test_id("d.recorder.withdraw").click()  # Wang changes his mind
    sun.get_by_test_id("d.recorder.drop").click()
    expect(answers.nth(1)).to_be_checked()
    assert sun.evaluate(KEPT) == 0
    answers.first.check(force=True)  # and once more
    sun.get_by_test_id("d.recorder.start").click()
    expect(sun.get_by_test_id("d.recorder")).to_have_attribute("data-stage", "recording")
    sun.keyboard.press("Alt+KeyM")
    while sun.evaluate(KEPT) < 3:  # sealed on the disk, a second each
        sun.wait_for_timeout(200)
    shoot(sun, shots, "recording-zh")
    sun.reload()  # the page is gone in the middle of the call
    left = sun.get_by_test_id("d.recorder.unsent")
    expect(left.get_by_role("button").first).to_be_disabled()
    answers.first.check(force=True)
    expect(left).to_be_visible()
    shoot(sun, shots, "left-zh")
    left.get_by_role("button").first.click()
    job = sun.get_by_test_id("d.record.job")
    expect(job).to_have_count(1)
    expect(left).to_have_count(0)
    assert sun.evaluate(KEPT) == 0
    recording = sun.request.get("/api/followups").json()[0]["recordings"][0]["id"]
    markers = sun.request.get(f"/api/recordings/{recording}").json()["markers"]
    assert [one["kind"] for one in markers] == ["consent", "mark"]
