"""An evidence pack in the integrity centre's box."""

from pathlib import Path

from playwright.sync_api import Page, expect


def checks_in_the_browser(zhou: Page, place: Path) -> None:
    """The box of the integrity centre proves the pack without the server, and names what was changed in another."""
    pack = (place / "pack.zip").read_bytes()
    at = pack.index(b"data/contents/") + 80
    (place / "bent.zip").write_bytes(pack[:at] + bytes([pack[at] ^ 1]) + pack[at + 1 :])
    zhou.goto("/integrity")
    box = zhou.get_by_test_id("c.file")
    for name, verdict in (("pack.zip", "proven"), ("bent.zip", "bad")):
        zhou.get_by_test_id("c.file.input").set_input_files(place / name)
        expect(box).to_have_attribute("data-verdict", verdict)
    expect(zhou.get_by_test_id("c.file.verdict")).to_contain_text("data/contents/")
