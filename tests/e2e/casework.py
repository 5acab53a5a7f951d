"""What Officer Zhou does in an open case beside reading, with the keyboard alone."""

from pathlib import Path

from playwright.sync_api import Page, expect

from consult.demo import COMPLAINT
from tests.e2e.keys import tab_to
from tests.e2e.screen import shoot


def marks_notes_and_finds(zhou: Page, shots: Path | None) -> None:
    """A bookmark and a note on the first act, then words that lead to the act that says them."""
    tab_to(zhou, "c.viewer.contents")
    for key in ("F6", "]", "b"):
        zhou.keyboard.press(key)
    expect(zhou.get_by_test_id("c.annotation")).to_have_attribute("data-kind", "bookmarked")
    zhou.keyboard.press("n")
    expect(zhou.get_by_test_id("c.note.dialog")).to_be_visible()
    tab_to(zhou, "c.note.text")
    zhou.keyboard.type("和投诉信第二段对照 [b]")
    tab_to(zhou, "c.note.keep")
    zhou.keyboard.press("Enter")
    expect(zhou.get_by_test_id("c.annotation")).to_have_count(2)
    expect(zhou.get_by_test_id("c.annotated")).to_contain_text("和投诉信第二段对照 [b]")
    shoot(zhou, shots, "viewer-annotated")
    zhou.keyboard.press("Control+Shift+F")
    expect(zhou.get_by_test_id("c.find.query")).to_be_focused()
    zhou.keyboard.type(COMPLAINT[:4])
    zhou.keyboard.press("Enter")
    hit = zhou.get_by_test_id("c.find.hit").first
    expect(hit).to_be_visible()
    progress = zhou.get_by_test_id("c.find.progress")
    assert progress.get_attribute("data-searched") == progress.get_attribute("data-total")
    shoot(zhou, shots, "viewer-find")
    seq = hit.get_attribute("data-seq")
    tab_to(zhou, "c.find.hit")
    zhou.keyboard.press("Enter")
    expect(zhou.locator(f'[data-testid="c.viewer.event"][data-seq="{seq}"]')).to_be_focused()
