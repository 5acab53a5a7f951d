"""What nobody should be left with: a voice note without words, and the calls of a colleague who has gone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.deployment import Deployment, Server, new_deployment
from tests.e2e.conftest import Enter
from tests.e2e.screen import settled, shoot, sideways, violations
from tests.e2e.test_voice import chromium, meet, notes, record

__all__ = ["chromium"]
pytestmark = [pytest.mark.once]

LEAVES = "from records import sessions; from tests.cast import who; sessions.deactivate(who('sun'), by=who('lin'))"


@pytest.fixture(scope="module")
def hospital_without_a_model(hospital_template: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with new_deployment(tmp_path_factory.mktemp("left-over") / "hospital", hospital_template) as deployment:
        yield deployment


@pytest.fixture(scope="module")
def server(hospital_without_a_model: Deployment) -> Server:
    return hospital_without_a_model.start(env={"XINQIAO_SPEECH_MODEL": "/nowhere/at/all"})


def test_a_note_that_could_not_be_transcribed_is_tried_again_by_either(enter: Enter, shots: Path | None) -> None:
    wang, zhao = meet(enter)
    record(wang, 0.5)
    wang.get_by_test_id("p.chat.voice.send").click()
    hers, his = (notes(page).first.get_by_test_id("x.voice.text") for page in (wang, zhao))
    for text in (hers, his):
        expect(text).to_have_attribute("data-state", "failed", timeout=180_000)
        expect(text.get_by_test_id("x.voice.retry")).to_be_visible()
    settled(wang)
    shoot(wang, shots, "left-over-1-note")
    assert violations(wang) == []
    assert sideways(wang) == 0
    expect(hers).to_contain_text("再转写一次")
    with wang.expect_response(lambda answer: answer.url.endswith("/retry")) as answered:
        hers.get_by_test_id("x.voice.retry").click()
    assert (answered.value.status, answered.value.json()["tries"]) == (200, 2)
    expect(hers).to_have_attribute("data-state", "failed", timeout=180_000)  # there is still no model
    hers.get_by_test_id("x.voice.retry").click()
    expect(hers.get_by_test_id("x.error")).to_contain_text("请过一会儿再试")
    shoot(wang, shots, "left-over-2-too-soon")
    assert violations(wang) == []
    expect(his.get_by_test_id("x.voice.retry")).to_contain_text("Try to transcribe again")
    shoot(zhao, shots, "left-over-3-doctor")
    assert violations(zhao) == []


def test_dr_zhao_takes_the_call_of_nurse_sun_who_left(
    enter: Enter, hospital_without_a_model: Deployment, shots: Path | None
) -> None:
    hospital_without_a_model.manage("shell", "-v", "0", "-c", LEAVES)
    zhao = enter("zhao")
    zhao.goto("/followups")
    waiting = zhao.get_by_test_id("d.followups.waiting")
    expect(waiting.get_by_test_id("d.followup.row")).to_have_count(1)
    settled(zhao)
    shoot(zhao, shots, "left-over-4-waiting")
    assert violations(zhao) == []
    waiting.get_by_role("link").first.click()
    expect(zhao.get_by_test_id("d.call.waits")).to_contain_text("原来负责的同事已离开")
    shoot(zhao, shots, "left-over-5-call")
    assert violations(zhao) == []
    zhao.get_by_test_id("d.followup.take").click()
    expect(zhao.get_by_test_id("d.call.waits")).to_have_count(0)
    expect(zhao.locator('input[type="file"]')).to_have_count(1)
    zhao.goto("/followups")
    expect(zhao.get_by_test_id("d.followup.row")).to_have_count(1)
    expect(zhao.get_by_test_id("d.followups.waiting")).to_have_count(0)
