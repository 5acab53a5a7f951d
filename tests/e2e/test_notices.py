"""Nurse Sun writes to her patients: she sees it as they will, confirms how many they are, and sees who has read it."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Enter
from tests.e2e.screen import settled, shoot, sideways, violations

pytestmark = pytest.mark.once

TITLE = "周四门诊停诊"
TEXT = "11 月 26 日心内科门诊停诊一天，急诊照常。"


def compose(page: Page, shots: Path | None) -> None:
    page.goto("/broadcasts")
    page.get_by_test_id("d.broadcast.new").click()
    page.get_by_test_id("d.broadcast.next").click()
    expect(page.get_by_text("请选择发给谁。")).to_be_visible()
    page.get_by_test_id("d.broadcast.to").locator("label").first.click()
    page.get_by_test_id("d.broadcast.title").fill(TITLE)
    page.get_by_test_id("d.broadcast.text").fill(TEXT)
    expect(page.get_by_test_id("x.notice")).to_contain_text(TITLE)
    page.get_by_test_id("d.broadcast.next").click()
    expect(page.get_by_test_id("d.broadcast.confirm").locator("h2")).to_have_text("发给 1 位患者？")
    shoot(page, shots, "notices-confirm")


def test_a_notice_reaches_wang_who_may_want_no_more(enter: Enter, shots: Path | None) -> None:
    sun, wang = enter("sun"), enter("wang")
    wang.goto("/")
    compose(sun, shots)
    sun.get_by_test_id("d.broadcast.send").click()
    expect(sun.locator('[data-count="sent"] dd')).to_have_text("1")

    # She hears of it without asking, as a quiet line.
    expect(wang.get_by_test_id("p.home.notices")).to_have_attribute("data-unread", "1")
    wang.get_by_test_id("p.home.notices").click()
    expect(wang.get_by_test_id("x.notice")).to_contain_text(TEXT)
    expect(wang.get_by_test_id("x.notice")).to_have_attribute("data-unread", "true")
    settled(wang)
    assert violations(wang) == []
    assert sideways(wang) == 0
    shoot(wang, shots, "notices-wang")

    expect(sun.locator('[data-count="read"] dd')).to_have_text("1")
    expect(sun.get_by_test_id("d.recipient")).to_have_attribute("data-state", "read")
    settled(sun)
    assert violations(sun) == []
    shoot(sun, shots, "notices-sun")

    wang.goto("/me/settings")
    wang.get_by_test_id("p.settings.notices").click()
    expect(wang.get_by_test_id("p.settings.notices")).not_to_be_checked()
    compose(sun, shots)
    sun.get_by_test_id("d.broadcast.send").click()
    expect(sun.locator('[data-count="opted_out"] dd')).to_have_text("1")
    wang.goto("/notices")
    expect(wang.get_by_test_id("x.notice")).to_have_count(1)
