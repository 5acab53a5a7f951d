"""Officer Zhou finds a case, is allowed in by He Jun, reads, exports, and is shut out again: the compliance console."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Response, expect

from consult.demo import COMPLAINT
from tests.e2e.casework import marks_notes_and_finds
from tests.e2e.conftest import Enter
from tests.e2e.keys import tab_to, tab_until
from tests.e2e.packs import all_of_the_patient, checks_in_the_browser
from tests.e2e.screen import faults, shoot

pytestmark = pytest.mark.once

REASON = "患者家属投诉回复不及时，需要核对当天的对话原文与时间。"
PACKED_MS = 180_000
CLOSED_MS = 10_000  # ux: the viewer closes within 10 s of revocation
REQUESTER_STEPS, APPROVER_STEPS = 9, 3
WAITING = '[data-testid="c.approvals.row"][data-state="waiting"]'


class Steps:
    """Counts what the goal counts: a click or a form sent."""

    def __init__(self) -> None:
        self.taken = 0

    def click(self, target: Locator) -> None:
        target.click()
        self.taken += 1

    def press(self, page: Page, key: str) -> None:
        page.keyboard.press(key)
        self.taken += 1


def test_zhou_finds_and_exports_a_case_in_nine_steps_and_sees_nothing_of_it_before(enter: Enter, tmp_path: Path) -> None:
    zhou, he = enter("zhou"), enter("he")
    answered = remember_answers(zhou)
    steps, approving = Steps(), Steps()
    find_wang(zhou, steps)
    steps.click(zhou.get_by_test_id("c.search.results.row").first)
    steps.click(zhou.get_by_test_id("c.search.request"))
    steps.click(zhou.get_by_test_id("c.request.purpose").get_by_text("投诉处理"))
    zhou.get_by_test_id("c.request.reason").fill(REASON)
    steps.click(zhou.get_by_test_id("c.request.submit"))
    expect(zhou.get_by_test_id("c.grant.state")).to_have_attribute("data-state", "waiting")
    assert not any(COMPLAINT in text for text in answered())
    assert COMPLAINT not in zhou.content()
    approve(he, approving)
    steps.click(zhou.get_by_test_id("c.grant.open"))
    expect(zhou.get_by_test_id("c.viewer.event").filter(has_text=COMPLAINT)).to_be_visible()
    steps.click(zhou.get_by_test_id("c.pack.create"))
    expect(zhou.get_by_test_id("c.pack.download")).to_be_visible(timeout=PACKED_MS)
    with zhou.expect_download() as started:
        steps.click(zhou.get_by_test_id("c.pack.download"))
    started.value.save_as(tmp_path / "pack.zip")
    assert (tmp_path / "pack.zip").read_bytes()[:2] == b"PK"
    expect(zhou.get_by_test_id("c.pack.downloads")).to_contain_text("周宁")
    assert steps.taken <= REQUESTER_STEPS
    assert approving.taken <= APPROVER_STEPS
    checks_in_the_browser(zhou, tmp_path)


def test_the_case_is_opened_with_its_proofs_and_every_reading_is_in_the_log(enter: Enter, shots: Path | None) -> None:
    zhou, he = enter("zhou"), enter("he")
    let_in(zhou, he)
    expect((events := zhou.get_by_test_id("c.viewer.event")).first).to_be_visible()
    expect(zhou.get_by_test_id("c.viewer.integrity")).to_have_attribute("data-integrity", "verified")
    assert {event.get_attribute("data-integrity") for event in events.all()} == {"verified"}
    expect(zhou.get_by_test_id("c.viewer.evidence")).to_have_count(events.count())
    zhou.get_by_test_id("c.viewer.layer").click()
    expect(zhou.get_by_test_id("c.viewer.evidence")).to_have_count(0)
    marks_notes_and_finds(zhou, shots)
    zhou.locator(".c-side .c-inline-link").click()
    zhou.get_by_test_id("al.filter.act").select_option("read")
    zhou.get_by_test_id("al.show").click()
    expect((rows := zhou.get_by_test_id("al.row")).first).to_have_attribute("data-kind", "grant.read")
    assert {(row.get_attribute("data-act"), row.get_attribute("data-intact")) for row in rows.all()} == {("read", "true")}
    with zhou.expect_download() as table:
        zhou.get_by_test_id("al.export").click()
    assert len(Path(table.value.path()).read_text("utf-8-sig").splitlines()) == rows.count() + 1


def test_revoking_shuts_zhou_out_within_ten_seconds(enter: Enter) -> None:
    zhou, he = enter("zhou"), enter("he")
    let_in(zhou, he)
    expect(zhou.get_by_test_id("c.viewer.event").first).to_be_visible()
    he.goto(f"/approvals/{zhou.url.split('/')[-2]}")
    he.get_by_test_id("c.revoke").click()
    he.get_by_test_id("c.revoke.reason").fill("核对完成")
    he.get_by_test_id("c.revoke.confirm").click()
    expect(zhou.get_by_test_id("c.viewer.ended")).to_be_visible(timeout=CLOSED_MS)
    assert COMPLAINT not in zhou.content()
    expect(zhou.get_by_test_id("c.viewer.event")).to_have_count(0)


def test_without_the_network_the_content_leaves_the_page(enter: Enter) -> None:
    zhou, he = enter("zhou"), enter("he")
    let_in(zhou, he)
    expect(zhou.get_by_test_id("c.viewer.event").first).to_be_visible()
    zhou.context.set_offline(True)
    expect(zhou.get_by_test_id("c.viewer.lost")).to_be_visible()
    assert COMPLAINT not in zhou.content()
    zhou.context.set_offline(False)
    zhou.get_by_test_id("c.viewer.again").click()
    expect(zhou.get_by_test_id("c.viewer.event").first).to_be_visible()


def test_content_is_watermarked_and_not_copied(enter: Enter) -> None:
    zhou, he = enter("zhou"), enter("he")
    let_in(zhou, he)
    text = zhou.get_by_test_id("c.viewer.text").first
    expect(text).to_be_visible()
    assert "周宁" in (zhou.get_by_test_id("c.watermark").get_attribute("data-text") or "")
    prevented = text.evaluate("one => !one.dispatchEvent(new ClipboardEvent('copy', {bubbles: true, cancelable: true}))")
    assert prevented
    expect(zhou.get_by_test_id("x.toast")).to_be_visible()
    zhou.get_by_test_id("c.viewer.event").first.focus()
    zhou.keyboard.press("n")
    expect(zhou.get_by_test_id("c.note.dialog").get_by_test_id("x.toast")).to_be_visible()
    zhou.get_by_test_id("x.toast").get_by_role("button").click()  # it is not behind the dialog
    expect(zhou.get_by_test_id("x.toast")).to_have_count(0)


def test_the_chips_are_the_filters_that_were_applied(enter: Enter) -> None:
    zhou = enter("zhou")
    zhou.goto("/search?patient=王&state=closed&page=1")
    chips = zhou.get_by_test_id("c.search.chip")
    expect(chips).to_have_count(2)
    assert {chip.get_attribute("data-filter") for chip in chips.all()} == {"patient", "state"}
    chips.filter(has_text="患者").click()
    expect(chips).to_have_count(1)
    assert "patient" not in zhou.url
    zhou.goto("/search?patient=没有这个人&page=1")
    expect(zhou.get_by_test_id("c.search.loosen")).to_be_visible()
    zhou.get_by_test_id("c.search.further").locator("summary").click()
    zhou.get_by_test_id("c.search.number").fill("12x")
    zhou.get_by_test_id("c.search.contains").get_by_text("照片").click()
    zhou.get_by_test_id("c.search.submit").click()
    expect(zhou.get_by_test_id("c.search.refused")).to_have_attribute("data-filter", "number")
    zhou.get_by_test_id("c.search.refused").get_by_role("button").click()
    expect(zhou.get_by_test_id("c.search.chip").filter(has_text="照片")).to_be_visible()
    expect(zhou.get_by_test_id("c.search.photo")).to_be_checked()


def test_a_request_keeps_what_was_entered_and_names_what_is_missing(enter: Enter) -> None:
    zhou = enter("zhou")
    find_wang(zhou, Steps())
    zhou.get_by_test_id("c.search.results.row").first.click()
    zhou.get_by_test_id("c.search.request").click()
    zhou.get_by_test_id("c.request.number").fill("TS-2026-0412")
    zhou.get_by_test_id("c.request.reason").fill("太短")
    zhou.get_by_test_id("c.request.hours").fill("99")
    zhou.get_by_test_id("c.request.submit").click()
    expect(zhou.get_by_test_id("c.request.purpose")).to_be_visible()
    expect(zhou.get_by_test_id("c.request.reason")).to_have_attribute("aria-invalid", "true")
    expect(zhou.get_by_test_id("c.request.hours")).to_have_attribute("aria-invalid", "true")
    expect(zhou.get_by_test_id("c.request.number")).to_have_value("TS-2026-0412")
    zhou.get_by_test_id("c.request.reason").fill(REASON)
    expect(zhou.get_by_test_id("c.request.reason")).not_to_have_attribute("aria-invalid", "true")
    expect(zhou.get_by_test_id("c.request.reason.count")).to_have_attribute("data-enough", "true")
    expect(zhou.get_by_test_id("c.request.preview")).to_contain_text(REASON)


def test_the_keyboard_alone_is_enough_from_the_search_to_the_pack(enter: Enter, tmp_path: Path) -> None:
    zhou, he = enter("zhou"), enter("he")
    steps, approving = Steps(), Steps()
    asks_with_keys(zhou, steps)
    approves_with_keys(he, approving)
    expect(zhou.get_by_test_id("c.grant.open")).to_be_visible()
    tab_to(zhou, "c.grant.open")
    steps.press(zhou, "Enter")
    expect(zhou.get_by_test_id("c.viewer.event").first).to_be_visible()
    tab_to(zhou, "c.viewer.contents")
    for key in ("F6", "]", "]", "]", "["):
        zhou.keyboard.press(key)
    assert zhou.evaluate("document.activeElement.dataset.seq") == "2"
    tab_to(zhou, "c.pack.create")
    steps.press(zhou, "Enter")
    expect(zhou.get_by_test_id("c.pack.download")).to_be_visible(timeout=PACKED_MS)
    tab_to(zhou, "c.pack.download")
    with zhou.expect_download() as started:
        steps.press(zhou, "Enter")
    started.value.save_as(tmp_path / "pack.zip")
    assert (tmp_path / "pack.zip").read_bytes()[:2] == b"PK"
    assert steps.taken <= REQUESTER_STEPS
    assert approving.taken <= APPROVER_STEPS


def asks_with_keys(zhou: Page, steps: Steps) -> None:
    steps.press(zhou, "Control+k")
    expect(zhou.get_by_test_id("c.search.query")).to_be_visible()
    tab_to(zhou, "c.search.query")
    zhou.keyboard.type("王秀兰")
    steps.press(zhou, "Enter")
    row = zhou.get_by_test_id("c.search.results.row").first
    expect(row).to_be_visible()
    tab_until(zhou, "one => one.closest('[role=grid]') !== null")
    zhou.keyboard.press("ArrowDown")
    steps.press(zhou, "Space")
    expect(row).to_have_attribute("aria-selected", "true")
    steps.press(zhou, "Alt+a")
    expect(zhou.get_by_test_id("c.request.reason")).to_be_visible()
    tab_until(zhou, "one => one.type === 'radio'")
    steps.press(zhou, "Space")
    tab_to(zhou, "c.request.reason")
    zhou.keyboard.type(REASON)
    tab_to(zhou, "c.request.submit")
    steps.press(zhou, "Enter")
    expect(zhou.get_by_test_id("c.grant.state")).to_have_attribute("data-state", "waiting")


def approves_with_keys(he: Page, steps: Steps) -> None:
    tab_to(he, "c.nav.approvals")
    steps.press(he, "Enter")
    expect(he.locator(WAITING)).to_have_count(1)  # an inbox that is open asks again every 15 s
    tab_until(he, f"one => one.closest({WAITING!r}) !== null")
    steps.press(he, "Enter")
    expect(he.get_by_test_id("c.approve.approve")).to_be_visible()
    tab_to(he, "c.approve.approve")
    steps.press(he, "Enter")


@pytest.mark.parametrize(
    ("language", "width", "dark"), [("en", 1440, True), pytest.param("zh", 960, False, marks=pytest.mark.long)]
)
def test_the_pages_of_a_grant_are_accessible_and_fit(
    language: str, width: int, dark: bool, enter: Enter, shots: Path | None
) -> None:
    zhou, he = enter("zhou", language, width=width, dark=dark), enter("he", language, width=width, dark=dark)
    name = f"compliance-{language}-{width}-{'dark' if dark else 'light'}"

    def keep(page: Page) -> None:
        shoot(page, shots, name + file_name(page.url.split("/", 3)[3]))

    grant = ask(zhou)
    found = faults(zhou, "/search?patient=王&page=1", "c.search.results.row", keep)
    found += faults(zhou, f"/grants/{grant}", "c.grant.standing", keep)
    found += faults(he, f"/approvals/{grant}", "c.approve.approve", keep)
    decide(he, grant)
    found += faults(zhou, f"/grants/{grant}/case", "c.viewer.event", keep) + all_of_the_patient(zhou, keep)
    found += faults(zhou, "/log", "al.row", keep)
    assert found == []


def file_name(text: str) -> str:
    return "-" + "".join(letter if letter.isalnum() else "-" for letter in text)[:40]


def remember_answers(page: Page) -> Callable[[], list[str]]:
    """Every JSON answer that this page gets from now on."""
    answers: list[Response] = []
    page.on("response", lambda response: answers.append(response) if "/api/" in response.url else None)
    return lambda: [answer.text() for answer in answers if answer.status != 204]


def find_wang(zhou: Page, steps: Steps) -> None:
    steps.click(zhou.get_by_test_id("c.nav.search"))
    zhou.get_by_test_id("c.search.query").fill("王秀兰")
    steps.click(zhou.get_by_test_id("c.search.submit"))
    expect(zhou.get_by_test_id("c.search.results.row").first).to_be_visible()


def approve(he: Page, steps: Steps) -> None:
    steps.click(he.get_by_test_id("c.nav.approvals"))
    steps.click(he.locator(WAITING).first)
    steps.click(he.get_by_test_id("c.approve.approve"))


def ask(zhou: Page) -> str:
    """A request for Wang's case, made without the pages; returns its id."""
    found = zhou.request.get("/api/compliance/cases?patient=王秀兰").json()["cases"][-1]
    terms = {"cases": [found["id"]], "content": ["conversation"], "purpose": "complaint", "reason": REASON, "hours": 8}
    return str(post(zhou, "/api/compliance/requests", terms)["id"])


def decide(he: Page, grant: str) -> None:
    post(he, f"/api/compliance/requests/{grant}/decision", {"decision": "approve", "reason": "同意"})


def let_in(zhou: Page, he: Page) -> None:
    """Zhou stands in Wang's case."""
    grant = ask(zhou)
    decide(he, grant)
    zhou.goto(f"/grants/{grant}/case")


def post(page: Page, path: str, body: dict[str, object]) -> dict[str, object]:
    token = next(cookie["value"] for cookie in page.context.cookies() if "csrf" in cookie["name"])
    answer = page.request.post(path, data=body, headers={"X-CSRFToken": token})
    assert answer.ok, answer.text()
    made: dict[str, object] = answer.json()
    return made
