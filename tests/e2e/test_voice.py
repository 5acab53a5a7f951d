"""Wang speaks into her phone, Dr Zhao hears and reads it. The microphone is Chromium's own fake one, in which espeak-ng speaks."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.conftest import CHROMIUM, FLAGS, Enter
from tests.e2e.screen import settled, shoot, sideways, violations
from tests.e2e.speech import spoken_note
from tests.e2e.test_workbench import asks, command

pytestmark = [pytest.mark.once]

TRANSCRIBED_MS = 300_000
SPOKEN = "It was quite high this morning. I feel a little dizzy."


@pytest.fixture(scope="module")
def chromium(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The same browser, with a microphone that says the same sentence again and again."""
    sound = spoken_note(tmp_path_factory.mktemp("microphone"), SPOKEN)
    microphone = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={sound}"]
    allowed = "--use-fake-ui-for-media-stream"
    with chromium.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, *microphone, allowed]) as browser:
        yield browser


def meet(enter: Enter) -> tuple[Page, Page]:
    """Wang and Dr Zhao with their conversation open."""
    wang, zhao = enter("wang"), enter("zhao", "en")
    case = asks(wang, "早上血压有点高")
    command(zhao, type="consultation.claim", consultation=case)
    wang.goto(f"/consultations/{case}")
    zhao.goto(f"/c/{case}")
    settled(wang)
    return wang, zhao


def notes(page: Page) -> Locator:
    return page.get_by_test_id("x.voice")


def record(wang: Page, seconds: float) -> None:
    wang.get_by_test_id("p.chat.voice").click()
    expect(wang.get_by_test_id("p.chat.voice.recording")).to_contain_text(re.compile("0:(0[1-9]|[1-5])"))
    wang.wait_for_timeout(int(seconds * 1000))
    wang.get_by_test_id("p.chat.voice.stop").click()


def test_three_taps_carry_wangs_voice_and_words_to_dr_zhao(enter: Enter, shots: Path | None) -> None:
    wang, zhao = meet(enter)
    shoot(wang, shots, "voice-1-composer")
    wang.get_by_test_id("p.chat.voice").click()
    recording = wang.get_by_test_id("p.chat.voice.recording")
    expect(recording).to_contain_text(re.compile("正在录音 0:(0[4-9]|[1-5])"))  # or later, when the machine was busy
    shoot(wang, shots, "voice-2-recording")
    wang.get_by_test_id("p.chat.voice.stop").click()
    expect(wang.get_by_test_id("p.chat.voice.send")).to_be_focused()
    shoot(wang, shots, "voice-3-review")
    assert violations(wang) == []
    wang.get_by_test_id("p.chat.voice.send").click()
    expect(wang.get_by_test_id("p.chat.composer")).to_be_visible()
    expect(notes(zhao)).to_have_count(1)
    expect(notes(zhao)).to_have_attribute("data-heard", "false")

    hears(zhao)
    reads(zhao, shots)
    corrects(wang, zhao, shots)
    without_network(wang, zhao)
    changes_her_mind(wang, zhao)


def hears(zhao: Page) -> None:
    """Plays it to its end, seeks, goes faster; the mark goes away."""
    note = notes(zhao).first
    note.get_by_test_id("x.voice.play").click()
    expect(note).to_have_attribute("data-heard", "true")
    sound = note.get_by_test_id("x.voice.audio")
    zhao.wait_for_function("audio => audio.ended", arg=sound.element_handle())
    assert sound.evaluate("audio => audio.duration > 3.5 && audio.duration < 60"), "its length stands in the file"
    note.get_by_test_id("x.voice.place").fill("3")
    zhao.wait_for_function("audio => audio.currentTime === 3", arg=sound.element_handle())
    note.get_by_test_id("x.voice.back").click()
    zhao.wait_for_function("audio => audio.currentTime === 0", arg=sound.element_handle())
    note.get_by_test_id("x.voice.speed").select_option("1.5")
    assert sound.evaluate("audio => audio.playbackRate") == 1.5


def reads(zhao: Page, shots: Path | None) -> None:
    text = notes(zhao).first.get_by_test_id("x.voice.words")
    expect(text).to_contain_text("morning", timeout=TRANSCRIBED_MS)
    expect(notes(zhao).first.get_by_test_id("x.voice.label")).to_contain_text("Automatic transcript")
    shoot(zhao, shots, "voice-4-doctor")
    assert violations(zhao) == []


def corrects(wang: Page, zhao: Page, shots: Path | None) -> None:
    mine = notes(wang).first
    expect(mine.get_by_test_id("x.voice.label")).to_contain_text("自动转写，可能有误")
    shoot(wang, shots, "voice-5-patient")
    assert violations(wang) == []
    assert sideways(wang) == 0
    mine.get_by_test_id("x.voice.correct").click()
    mine.get_by_test_id("x.voice.correction").fill("今天早上血压挺高的，头有点晕。")
    mine.get_by_test_id("x.voice.save").click()
    expect(notes(zhao).first.get_by_test_id("x.voice.words")).to_have_text("今天早上血压挺高的，头有点晕。")
    expect(notes(zhao).first.get_by_test_id("x.voice.label")).to_contain_text("Corrected by the speaker")


def without_network(wang: Page, zhao: Page) -> None:
    """Recorded and sent in flight mode, it arrives later, once."""
    wang.context.set_offline(True)
    record(wang, 0.5)
    wang.get_by_test_id("p.chat.voice.send").click()
    expect(wang.locator('[data-testid="x.msg"][data-kind="voice"][data-status="queued"]')).to_have_count(1)
    wang.context.set_offline(False)
    expect(notes(zhao)).to_have_count(2)
    expect(wang.locator('[data-testid="x.msg"][data-kind="voice"][data-status="queued"]')).to_have_count(0)
    expect(notes(wang)).to_have_count(2)


def changes_her_mind(wang: Page, zhao: Page) -> None:
    """What is left behind is kept; what is pulled up is thrown away; what is let go can be called back."""
    wang.get_by_test_id("p.chat.voice").click()
    expect(wang.get_by_test_id("p.chat.voice.recording")).to_contain_text(re.compile("0:(0[2-9]|[1-5])"))
    wang.reload()
    kept = wang.get_by_test_id("p.chat.voice")
    expect(kept).to_have_attribute("data-kept", "true")
    kept.click()
    wang.get_by_test_id("p.chat.voice.delete").click()
    expect(kept).to_have_attribute("data-kept", "false")

    box = kept.bounding_box()
    assert box is not None
    for upwards, left in ((200, 0), (0, 1)):
        wang.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        wang.mouse.down()
        expect(wang.get_by_test_id("p.chat.voice.recording")).to_contain_text(re.compile("0:(0[1-9]|[1-5])"))
        wang.mouse.move(box["x"] + box["width"] / 2, box["y"] - upwards)
        wang.mouse.up()
        expect(wang.get_by_test_id("p.chat.voice.recording")).to_have_count(0)
        expect(wang.get_by_test_id("p.chat.voice.releasing")).to_have_count(left)
    wang.get_by_test_id("p.chat.voice.undo").click()
    wang.get_by_test_id("p.chat.voice.delete").click()
    expect(notes(zhao)).to_have_count(2)


def test_without_a_microphone_she_is_told_what_to_do(enter: Enter, shots: Path | None) -> None:
    wang, _ = meet(enter)
    wang.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError'); }; }"
    )
    wang.get_by_test_id("p.chat.voice").click()
    problem = wang.get_by_test_id("p.chat.voice.problem")
    expect(problem).to_have_attribute("data-problem", "denied")
    expect(problem).to_contain_text("没有麦克风权限")
    shoot(wang, shots, "voice-6-denied")
    assert violations(wang) == []
    problem.get_by_role("button").first.click()
    expect(wang.get_by_test_id("p.chat.composer")).to_be_visible()
