"""Every page, as each role, in both languages: no accessibility error in the light or in the dark, nothing beyond the screen however
narrow, no word missing."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Enter
from tests.e2e.screen import PHONE, forgotten, in_the_dark, settled, shoot, sideways, sideways_at, sideways_enlarged, violations

pytestmark = pytest.mark.once

# Pages that need no object; those of a case, a call or a grant are reached by their links.
PAGES = {
    "wang": [
        "/",
        "/ask/words",
        "/messages",
        "/search",
        "/record",
        "/me",
        "/me/access",
        "/me/receipts",
        "/me/sessions",
        "/me/family",
        "/me/settings",
        "/notices",
        "/nowhere",
    ],
    "zhao": ["/", "/sides", "/search", "/followups", "/patients", "/settings", "/nowhere"],
    "sun": ["/", "/followups", "/patients", "/broadcasts", "/broadcasts/new"],
    "zhou": ["/", "/search", "/log", "/log/reviews", "/samples", "/integrity", "/nowhere"],
    "he": ["/", "/approvals"],
    "lin": ["/", "/security"],
}
# Where following a kind of link leads to a page worth looking at.
LINKS = {
    "wang": {"a conversation": ("/messages", '[data-testid="p.consultation"]')},
    "zhao": {
        "a closed conversation": ("/", '[data-testid="d.queue.group.closed"] [data-testid="d.queue.row"]'),
        "a chart": ("/patients", '[data-testid="d.patients.row"] a'),
    },
    "sun": {
        "a call": ("/followups", '[data-testid="d.followup.row"] a'),
        "a patient": ("/patients", '[data-testid="d.patients.row"] a'),
    },
    "zhou": {"a review": ("/log/reviews", '[data-testid="or.row"] a')},
}
# A key of the catalogs that reached the screen instead of its words.
KEY = re.compile(r"\b(?:ui|or|[pdcsa])\.[a-z]+(?:\.[a-zA-Z]+)+\b")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


NARROW = {"wang": 320}  # an old phone, or a desk's window beside another
NARROW_DESK = 960


def look(page: Page, name: str, shots: Path | None, narrow: int = NARROW_DESK) -> None:
    settled(page)
    shoot(page, shots, f"page-{name}")
    assert violations(page) == []
    assert in_the_dark(page) == []
    assert (sideways(page), sideways_at(page, narrow), sideways_enlarged(page)) == (0, 0, 0)
    assert KEY.findall(page.locator("body").inner_text()) == []
    assert page.title()


# Each role in one language, both in `make faults`.
LOOKED = {"wang": "zh", "zhao": "en", "sun": "zh", "zhou": "zh", "he": "en", "lin": "en"}


@pytest.mark.parametrize(
    ("who", "language"),
    [
        pytest.param(who, language, marks=[] if language == LOOKED[who] else pytest.mark.long)
        for who in PAGES
        for language in ("zh", "en")
    ],
)
def test_every_page_is_accessible_and_whole(who: str, language: str, enter: Enter, shots: Path | None) -> None:
    page = enter(who, language)
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans" if language == "zh" else "en")
    narrow = NARROW.get(who, NARROW_DESK)
    for path in PAGES[who]:
        page.goto(path)
        look(page, f"{who}-{language}-{path.strip('/').replace('/', '-') or 'home'}", shots, narrow)
    for name, (path, link) in LINKS.get(who, {}).items():
        page.goto(path)
        page.locator(link).first.click()
        expect(page).not_to_have_url(re.compile(f"{re.escape(path)}$"))
        look(page, f"{who}-{language}-{name.replace(' ', '-')}", shots, narrow)


def test_the_sign_in_page_names_the_cast(enter: Enter, shots: Path | None) -> None:
    page = enter("wang")
    forgotten(page)
    page.goto("/")
    expect(page.get_by_test_id("s.demo.person")).to_have_count(11)
    look(page, "sign-in", shots, narrow=320)


def test_the_emergency_number_is_one_tap_away_on_every_patient_page_even_offline(enter: Enter) -> None:
    page = enter("wang")
    for path in PAGES["wang"]:
        page.goto(path)
        page.get_by_test_id("p.emergency").first.click()
        expect(page.get_by_test_id("p.emergency.call")).to_have_attribute("href", re.compile("^tel:"))
    page.goto("/")
    settled(page)
    page.context.set_offline(True)
    page.get_by_test_id("p.emergency").first.click()
    expect(page.get_by_test_id("p.emergency.call")).to_be_visible()


def test_what_is_written_in_flight_mode_is_sent_once_and_in_order_afterwards(enter: Enter) -> None:
    page = enter("li")
    ask(page, "孩子发烧")
    expect(page.get_by_test_id("p.chat.composer")).to_be_visible()
    page.context.set_offline(True)
    for n in range(3):
        page.get_by_test_id("p.chat.composer").fill(f"第 {n} 句")
        page.get_by_test_id("p.chat.send").click()
    expect(page.get_by_test_id("x.msg")).to_have_count(3)
    expect(page.get_by_test_id("x.connection")).to_be_visible()
    page.context.set_offline(False)
    last = page.get_by_test_id("x.msg").nth(2)
    expect(last).not_to_have_attribute("data-status", re.compile("queued|sending|failed"))
    page.reload()
    texts = page.get_by_test_id("x.msg.text")
    expect(texts).to_have_text([f"第 {n} 句" for n in range(3)])


def ask(page: Page, complaint: str) -> None:
    """The shortest way through the intake, to the open conversation."""
    goes_on = page.get_by_test_id("p.intake.next")
    page.goto("/ask/words")
    page.get_by_test_id("p.intake.words.answer").fill(complaint)
    goes_on.click()
    page.get_by_test_id("p.intake.duration.answer").get_by_role("radio").first.check(force=True)
    goes_on.click()
    page.get_by_test_id("p.intake.safety.none").check(force=True)
    goes_on.click()
    goes_on.click()
    for consent in ("consultation", "privacy"):
        page.get_by_test_id(f"p.intake.consent.{consent}").check(force=True)
    goes_on.click()
    page.get_by_test_id("p.sent.open").click()


def test_the_phone_page_is_light(enter: Enter) -> None:
    """The patient's JavaScript stays under 112 kB gzipped, as it comes over the wire."""
    page = enter("wang")
    sizes: dict[str, int] = {}
    page.on("response", lambda response: sizes.update({response.url: int(response.headers.get("content-length", 0))}))
    page.goto("/messages")
    settled(page)
    scripts = {url: size for url, size in sizes.items() if url.endswith(".js")}
    assert scripts
    assert page.viewport_size == PHONE
    assert sum(scripts.values()) < 112_000, scripts
