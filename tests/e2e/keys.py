"""Walking a page with the keyboard alone."""

import pytest
from playwright.sync_api import Page

TABS = 80


def tab_to(page: Page, testid: str) -> None:
    tab_until(page, f"one => one.dataset.testid === {testid!r}")


def tab_until(page: Page, wanted: str) -> None:
    """Press Tab until the focused element is the wanted one; a keyboard user would give up after TABS."""
    for _ in range(TABS):
        page.keyboard.press("Tab")
        if page.evaluate(f"({wanted})(document.activeElement)"):
            return
    pytest.fail(f"Tab never reached {wanted}")
