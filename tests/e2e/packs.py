"""What a pack will hold, on the page that makes it; and a pack in the integrity centre's box."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.cast import flipped
from tests.e2e.screen import violations


def checks_in_the_browser(zhou: Page, place: Path) -> None:
    """The box of the integrity centre proves the pack without the server, and names what was changed in another."""
    pack = (place / "pack.zip").read_bytes()
    at = pack.index(b"data/contents/") + 80
    (place / "bent.zip").write_bytes(flipped(pack, at))
    zhou.goto("/integrity")
    box = zhou.get_by_test_id("c.file")
    for name, verdict in (("pack.zip", "proven"), ("bent.zip", "bad")):
        zhou.get_by_test_id("c.file.input").set_input_files(place / name)
        expect(box).to_have_attribute("data-verdict", verdict)
    expect(zhou.get_by_test_id("c.file.verdict")).to_contain_text("data/contents/")


def all_of_the_patient(zhou: Page, keep: Callable[[Page], None]) -> list[str]:
    """The preview of a pack of every consultation of Wang's, and what axe says about it."""
    zhou.get_by_test_id("c.pack.of").get_by_role("radio").nth(1).check()
    preview = zhou.get_by_test_id("c.pack.preview")
    expect(preview).to_be_visible()
    preview.scroll_into_view_if_needed()
    keep(zhou)
    return [f"all of the patient: {line}" for line in violations(zhou)]
