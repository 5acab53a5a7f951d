"""Officer Zhou breaks the glass; He Jun is alarmed and reviews it."""

import pytest
from playwright.sync_api import expect

from consult.demo import COMPLAINT
from tests.e2e.conftest import Enter

pytestmark = pytest.mark.once

REASON = "患者留言说不想活了，需要马上知道住址和联系方式。"


def test_zhou_breaks_the_glass_and_he_is_alarmed_until_he_has_reviewed_it(enter: Enter) -> None:
    zhou, he = enter("zhou"), enter("he")
    number = zhou.request.get("/api/compliance/cases?patient=王秀兰").json()["cases"][-1]["number"]
    zhou.goto(f"/request?case={number}")
    zhou.get_by_test_id("c.glass.open").click()
    zhou.get_by_test_id("c.glass.confirm").click()
    expect(zhou.get_by_test_id("c.glass.reason")).to_have_attribute("aria-invalid", "true")
    zhou.get_by_test_id("c.glass.reason").fill(REASON)
    zhou.get_by_test_id("c.glass.confirm").click()
    expect(zhou.get_by_test_id("c.viewer.event").filter(has_text=COMPLAINT)).to_be_visible()
    expect(zhou.get_by_test_id("c.pack.create")).to_have_count(0)
    alarm = he.get_by_test_id("c.alarms.row")
    expect(alarm).to_be_visible()  # a page that is open asks every 15 s
    alarm.get_by_role("link").click()
    he.get_by_test_id("c.glass.findings").get_by_text("理由成立").click()
    he.get_by_test_id("c.glass.text").fill("患者有危险")
    he.get_by_test_id("c.glass.review").click()
    expect(he.get_by_test_id("c.glass.finding")).to_have_attribute("data-finding", "justified")
    he.goto("/")
    expect(he.get_by_test_id("c.alarms")).to_have_count(0)
