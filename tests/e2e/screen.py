"""What tests do with a page: sign in, look for accessibility errors and for text that leaves the screen, keep a picture."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, ViewportSize, expect

from records.demo import CAST, demo_id
from records.people import Role
from tests.deployment import PATIENCE_SECONDS

PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1440, "height": 900}
LOCALES = {"zh": "zh-Hans", "en": "en"}
NAMES = {member.key: member.name for member in CAST}

# WCAG 2.2 AA, and the two rules that axe leaves off unless asked.
AXE: dict[str, Any] = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "rules": {"target-size": {"enabled": True}, "label-content-name-mismatch": {"enabled": True}},
    "resultTypes": ["violations"],  # the elements that pass need not be listed
}
CONTRAST: dict[str, Any] = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}


def size_for(role: str, width: int | None = None) -> ViewportSize:
    """Patients hold a phone, staff sit at a desk; `width` in CSS px overrides."""
    usual = PHONE if role == Role.PATIENT else DESK
    return usual if width is None else {"width": width, "height": usual["height"]}


def sign_in(page: Page, who: str, language: str = "zh") -> None:
    """Sign in as one of the demo's cast and open the first page, without the sign-in page: a story of its own is about that.

    `language` was chosen in this browser before.
    """
    page.request.get("/api/session")
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "xinqiao_csrf")
    answer = page.request.post("/api/demo/session", data={"person": str(demo_id(who))}, headers={"X-CSRFToken": token})
    assert answer.ok, answer.text()
    page.goto("/")
    begun(page)
    expect(page.locator("html")).to_have_attribute("lang", LOCALES[language])


def sign_in_by_hand(page: Page, who: str, language: str) -> None:
    """The same with two clicks, in a language chosen before."""
    page.goto("/")
    page.get_by_test_id(f"x.language.{LOCALES[language]}").click()
    page.locator(f'[data-testid="s.demo.person"][data-name="{NAMES[who]}"]').click()
    expect(page.get_by_test_id("s.demo.person").first).to_be_hidden()
    begun(page)


def forgotten(page: Page) -> None:
    """Let the browser forget who signed in, with no page open: one would go to the entrance by itself, in the way of the next `goto`."""
    page.goto("about:blank")
    page.context.clear_cookies()


def begun(page: Page) -> None:
    """Wait until a page can be used."""
    expect(page.locator("h1").first).to_be_visible()
    expect(page.get_by_test_id("x.loading")).to_have_count(0)


def settled(page: Page) -> None:
    """Wait until the page has its heading and its content: what loads says so only after 300 ms."""
    begun(page)
    page.wait_for_load_state("networkidle")
    expect(page.get_by_test_id("x.loading")).to_have_count(0)


def until(page: Page, asked: str) -> None:
    """Wait until this async expression of the page is true. (`wait_for_function` takes the promise itself for true.)"""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not page.evaluate(asked):
        assert time.monotonic() < deadline, f"not true in {PATIENCE_SECONDS} s: {asked}"
        page.wait_for_timeout(100)


def violations(page: Page, options: dict[str, Any] | None = None) -> list[str]:
    """What axe finds, a line each."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("(options) => axe.run(options)", options or AXE)["violations"]
    return [f"{v['id']}: {node['target']} {node['html'][:160]}" for v in found for node in v["nodes"]]


def sideways(page: Page) -> int:
    """By how many px the page can be scrolled to the side: 0 is right."""
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


def in_the_dark(page: Page) -> list[str]:
    """What axe finds wrong with the contrast when the device turns dark; the page is light again afterwards."""
    page.emulate_media(color_scheme="dark")
    page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null)))")
    found = violations(page, CONTRAST)
    page.emulate_media(color_scheme="light")
    return found


def sideways_at(page: Page, width: int) -> int:
    """`sideways` in a window of that width; it has its own width again afterwards."""
    usual = page.viewport_size
    assert usual is not None
    page.set_viewport_size({"width": width, "height": usual["height"]})
    page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
    beyond = sideways(page)
    page.set_viewport_size(usual)
    return beyond


def sideways_enlarged(page: Page) -> int:
    """`sideways` where the browser's own type is set to 24 px (WCAG 1.4.4); it has its usual size again afterwards."""
    size = "(size) => { document.documentElement.style.fontSize = size; }"
    page.evaluate(size, "24px")
    beyond = sideways(page)
    page.evaluate(size, "")
    return beyond


def shoot(page: Page, shots: Path | None, name: str) -> None:
    """Keep a picture where somebody asked for one."""
    if shots is not None:
        page.screenshot(path=shots / f"{name}.png")


def faults(page: Page, path: str, landmark: str, keep: Callable[[Page], None]) -> list[str]:
    """What axe says about one address, and whether it leaves the screen."""
    page.goto(path)
    expect(page.get_by_test_id(landmark).first).to_be_visible()
    settled(page)
    keep(page)
    wide = sideways(page)
    return [f"{path}: {line}" for line in violations(page)] + ([f"{path}: {wide} px too wide"] if wide else [])
