"""Wang has a consultation erased, Officer Zhou decides and He Jun is the second person: the desk of retention, the rights page."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Enter
from tests.e2e.screen import PHONE, settled, shoot, sideways, violations

pytestmark = pytest.mark.once

NEXT_YEAR = (datetime.now(UTC) + timedelta(days=365)).date().isoformat()
ONE_LINE = 64
TABS = ("holds", "requests", "rules", "preview")


def number_of_wangs_case(page: Page) -> str:
    cases = page.request.get("/api/compliance/cases").json()["cases"]
    return str(next(case["number"] for case in cases if case["patient"].startswith("王") and case["state"] == "closed"))


def test_a_hold_takes_two_people_to_release_and_an_erasure_is_sealed_until_its_day(enter: Enter) -> None:
    wang, zhou, he = enter("wang"), enter("zhou"), enter("he")
    wang.goto("/me/rights")
    wang.get_by_test_id("p.rights.ask").first.click()
    wang.get_by_test_id("p.rights.confirm").click()
    expect(wang.get_by_test_id("p.rights.asked")).to_have_attribute("data-state", "waiting")

    zhou.goto("/retention")
    zhou.get_by_test_id("c.keep.hold.number").fill(number_of_wangs_case(zhou))
    zhou.get_by_test_id("c.keep.hold.reason").fill("法院要求保全")
    zhou.get_by_test_id("c.keep.hold.submit").click()
    zhou.get_by_test_id("c.keep.hold.review").click()
    zhou.get_by_test_id("c.keep.review.day").fill(NEXT_YEAR)
    zhou.get_by_test_id("c.keep.review.confirm").click()
    expect(zhou.get_by_test_id("c.keep.hold").first).to_contain_text(NEXT_YEAR)
    acts(zhou, "ask", "案件已结")
    acts(zhou, "takeBack", "看错了案号")
    expect(zhou.get_by_test_id("c.keep.hold.declined")).to_contain_text("看错了案号")
    acts(zhou, "ask", "案件已结")
    expect(zhou.get_by_test_id("c.keep.hold").first).to_have_attribute("data-state", "asked")
    expect(zhou.get_by_test_id("c.keep.hold.release")).to_have_count(0)

    decide(zhou)
    expect(zhou.get_by_test_id("c.keep.dialog").get_by_role("alert")).to_be_visible()  # it is held
    he.goto("/retention")
    he.get_by_test_id("c.keep.hold.release").click()
    he.get_by_test_id("c.keep.dialog.confirm").click()
    expect(he.get_by_test_id("c.keep.hold").first).to_have_attribute("data-state", "released")

    zhou.get_by_test_id("c.keep.dialog.confirm").click()
    expect(zhou.get_by_test_id("c.keep.erasure").first).to_have_attribute("data-state", "sealed")
    wang.reload()
    expect(wang.get_by_test_id("p.rights.asked")).to_have_attribute("data-state", "sealed")
    with wang.expect_download() as copy:
        wang.get_by_test_id("p.rights.copy").click()
    assert "咨询" in Path(copy.value.path()).read_text()


def decide(zhou: Page) -> None:
    zhou.get_by_test_id("c.keep.requests").click()
    zhou.get_by_test_id("c.keep.erasure.grant").click()
    zhou.get_by_test_id("c.keep.dialog.reason").fill("同意删除")
    zhou.get_by_test_id("c.keep.dialog.confirm").click()


@pytest.mark.parametrize(("language", "width"), [("zh", None), ("en", PHONE["width"])])
def test_the_desk_and_the_rights_page_are_accessible_and_stay_on_the_screen(
    enter: Enter, language: str, width: int | None, shots: Path | None
) -> None:
    he, wang = enter("he", language, width=width), enter("wang", language)
    he.goto("/retention")
    for tab in TABS:
        he.get_by_test_id(f"c.keep.{tab}").click()
        settled(he)
        assert violations(he) == []
        assert sideways(he) == 0
        shoot(he, shots, f"retention-{tab}-{language}-{width}")
    if width == PHONE["width"]:
        has_one_button_for_what_is_his(he)
    wang.goto("/me/rights")
    settled(wang)
    assert violations(wang) == []
    assert sideways(wang) == 0
    shoot(wang, shots, f"rights-{language}")


def has_one_button_for_what_is_his(he: Page) -> None:
    """On a phone the header is one line, and the way out is behind its button."""
    out, head = he.get_by_test_id("x.signOut"), he.locator(".x-staff-head").bounding_box()
    assert head is not None
    assert head["height"] <= ONE_LINE
    expect(out).to_be_hidden()
    he.get_by_test_id("x.me").press("Enter")
    expect(out).to_be_visible()
    assert violations(he) == []
    he.keyboard.press("Escape")
    expect(out).to_be_hidden()
    expect(he.get_by_test_id("x.me")).to_be_focused()


def acts(page: Page, what: str, reason: str) -> None:
    """One act of a hold, with its reason."""
    page.get_by_test_id(f"c.keep.hold.{what}").click()
    page.get_by_test_id("c.keep.dialog.reason").fill(reason)
    page.get_by_test_id("c.keep.dialog.confirm").click()
