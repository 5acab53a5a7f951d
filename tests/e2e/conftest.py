"""Real people in a real Chromium on a real server: one context each, phones for patients, desks for staff."""

import json
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright

from records.demo import CAST
from tests.deployment import Deployment, Server, new_deployment
from tests.e2e import journal
from tests.e2e.screen import LOCALES, PHONE, sign_in, sign_in_by_hand, size_for

CHROMIUM = os.environ.get("XINQIAO_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
]

WAIT_MS = 60_000  # these machines are small and do other things
expect.set_options(timeout=WAIT_MS)

# What was chosen in this browser before: staff's messages go out at once, as whoever turns the undo time off has it; the test of
# that time sets its own.
CHOSEN = """(before) => { const key = "xinqiao.settings", chosen = JSON.parse(localStorage.getItem(key) ?? "{}");
  localStorage.setItem(key, JSON.stringify({ ...before, ...chosen })); }"""

Enter = Callable[..., Page]
ROLES = {member.key: member.role for member in CAST}


def chosen_before(language: str | None) -> str:
    """The script that fills in what a browser's own settings do not say."""
    chosen: dict[str, object] = {"undoSeconds": 0}
    if language:
        chosen |= {"locale": LOCALES[language], "localeChosen": True}
    return f"({CHOSEN})({json.dumps(chosen)})"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(hospital_template: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One hospital for a module, with its worker and sequencer."""
    with new_deployment(tmp_path_factory.mktemp("e2e") / "hospital", hospital_template) as deployment:
        yield deployment.start()


def _context(chromium: Browser, url: str, size: ViewportSize, language: str, *, dark: bool, offline: bool) -> BrowserContext:
    return chromium.new_context(
        base_url=url,
        locale="zh-CN" if language == "zh" else "en-GB",
        timezone_id="Asia/Shanghai",
        viewport=size,
        color_scheme="dark" if dark else "light",
        has_touch=size == PHONE,
        accept_downloads=True,
        # Caching is the subject of a story of its own; here it would hide what comes over the wire.
        service_workers="allow" if offline else "block",
    )


@contextmanager
def entering(chromium: Browser, server: Server, journals: list[journal.Journal] | None = None) -> Iterator[Enter]:
    """`enter("wang", "en")` signs somebody in, in a browser of their own, and returns the page.

    `offline` lets the browser keep what it needs without a network; `through` is the address of a proxy before the server. `by_hand`
    goes through the sign-in page.
    """
    contexts = []

    def open_page(
        who: str,
        language: str = "zh",
        *,
        width: int | None = None,
        dark: bool = False,
        offline: bool = False,
        through: str | None = None,
        by_hand: bool = False,
    ) -> Page:
        size = size_for(ROLES[who], width)
        context = _context(chromium, through or server.url, size, language, dark=dark, offline=offline)
        contexts.append(context)
        if journals is not None:
            journals.append(journal.Journal(context, who))
        context.add_init_script(chosen_before(None if by_hand else language))
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        (sign_in_by_hand if by_hand else sign_in)(page, who, language)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def enter(chromium: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[Enter]:
    journals = request.node.stash.setdefault(journal.JOURNALS, [])
    with entering(chromium, server, journals) as open_page:
        yield open_page


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    journal.of_failed(item, report)
    return report


@pytest.fixture
def shots() -> Path | None:
    """Where to keep screenshots to look at: XINQIAO_SHOTS, or nowhere."""
    place = os.environ.get("XINQIAO_SHOTS")
    return Path(place) if place else None
