"""Nurse Sun reviews the transcript of a call: with the ears on the words and the hands on the keys."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Enter
from tests.e2e.screen import in_the_dark, shoot, sideways_at, violations
from tests.e2e.speech import call_recording, turns

pytestmark = [pytest.mark.once, pytest.mark.long]
TRANSCRIBED_MS = 180_000
HEARD_WITHIN = 0.5  # seconds


def playing_at(page: Page) -> float:
    at: float = page.evaluate("document.querySelector('audio').currentTime")
    return at


def placed_at(word: Locator) -> float:
    return float(word.get_attribute("data-at") or "nan")


def hears(page: Page, word: Locator) -> float:
    """Click a word; where in the recording it is played from, stopped again at once."""
    word.click()
    expect(page.get_by_test_id("x.player.toggle")).to_contain_text("暂停")
    at = playing_at(page)
    page.keyboard.press("Control+Space")
    expect(page.get_by_test_id("x.player.toggle")).to_contain_text("播放")
    return at


def test_she_hears_each_word_where_it_was_said_settles_doubts_by_keys_and_signs(
    enter: Enter, tmp_path: Path, shots: Path | None
) -> None:
    sun = enter("sun")
    open_transcribed(sun, tmp_path)
    wang = sun.get_by_test_id("d.transcript.segment").filter(has=sun.locator("[data-speaker=channel-2]"))
    words = wang.first.locator("[data-at]")
    expect(words.first).to_be_visible()
    assert abs(placed_at(words.first) - turns(tmp_path, "zh")[1]) < HEARD_WITHIN, "the word stands where Wang really begins"
    for word in (words.first, words.nth(3)):
        assert 0 <= hears(sun, word) - placed_at(word) < HEARD_WITHIN
    before = playing_at(sun)
    sun.keyboard.press("Alt+ArrowLeft")
    assert abs(playing_at(sun) - max(0, before - 3)) < 0.1
    repeats(sun, words)
    follows_the_sound(sun)
    shoot(sun, shots, "review-zh")
    settles_doubts_by_keys(sun)
    corrects_by_keys(sun)
    names_the_speakers(sun)
    shoot(sun, shots, "review-changed-zh")
    signs(sun)
    for find in (violations, in_the_dark):
        assert find(sun) == []
    assert [sideways_at(sun, width) for width in (320, 1024)] == [0, 0]
    shoot(sun, shots, "review-signed-zh")


def open_transcribed(sun: Page, tmp_path: Path) -> None:
    sun.goto("/followups")
    sun.get_by_test_id("d.followup.row").first.click()
    expect(sun.get_by_test_id("d.record.file")).to_be_disabled()
    sun.get_by_test_id("d.record.consent").get_by_role("radio").first.check(force=True)
    sun.get_by_test_id("d.record.file").set_input_files(call_recording(tmp_path, "zh"))
    sun.get_by_test_id("d.record.language").get_by_role("radio").nth(1).check(force=True)
    sun.get_by_test_id("d.record.upload").click()
    sun.get_by_test_id("d.record.open").click(timeout=TRANSCRIBED_MS)
    expect(sun.get_by_test_id("d.review.official")).to_contain_text("未经核对")


def repeats(sun: Page, words: Locator) -> None:
    """Alt+O repeats the sentence, Ctrl and a click from the word heard last to another."""
    stretch = sun.get_by_test_id("x.lanes.loop")
    sun.keyboard.press("Alt+KeyO")
    expect(stretch).to_be_visible()
    sun.keyboard.press("Alt+KeyO")
    expect(stretch).to_have_count(0)
    words.first.click()
    words.nth(3).click(modifiers=["Control"])
    begin, end = (float(sun.get_by_test_id(f"x.player.loop.{edge}").input_value()) for edge in ("from", "to"))
    assert begin == pytest.approx(placed_at(words.first), abs=0.1)
    assert end >= placed_at(words.nth(3))
    sun.get_by_test_id("x.player.audio").evaluate(
        "async (audio, to) => { audio.currentTime = to - 0.2; await audio.play(); }", end
    )
    sun.wait_for_function("from => document.querySelector('audio').currentTime < from + 0.5", arg=begin)
    sun.keyboard.press("Control+Space")
    sun.keyboard.press("Alt+KeyO")
    expect(stretch).to_have_count(0)


def follows_the_sound(sun: Page) -> None:
    """At each frame of two seconds of play, the marked sentence is the one that sounds now, or did 150 ms ago."""
    late = sun.evaluate("""async () => {
      const audio = document.querySelector("audio"), late = [];
      const lines = [...document.querySelectorAll(".x-sentence")].map((li) => Number(li.querySelector("[data-at]").dataset.at));
      audio.currentTime = Math.max(0, lines.at(-1) - 1);
      await audio.play();
      for (const end = performance.now() + 2000; performance.now() < end; ) {
        await new Promise(requestAnimationFrame);
        const marked = [...document.querySelectorAll(".x-sentence")].findIndex((li) => li.dataset.current === "true");
        const at = (time) => lines.findLastIndex((start) => start <= time + 0.011);
        if (![at(audio.currentTime), at(audio.currentTime - 0.15)].includes(marked)) late.push([audio.currentTime, marked]);
      }
      audio.pause();
      return late;
    }""")
    assert late[5:] == [], "the first frames after a seek come before the sound"


def settles_doubts_by_keys(sun: Page) -> None:
    """Alt+L goes to a word, Enter says that it is right and goes on to the next."""
    doubts = sun.get_by_test_id("d.transcript.doubt")
    if doubts.count():
        sun.keyboard.press("Alt+KeyL")
    while doubts.count():
        left = doubts.count()
        expect(sun.get_by_test_id("d.transcript.doubtWord")).to_be_focused()
        sun.keyboard.press("Enter")
        expect(doubts).to_have_count(left - 1)


def corrects_by_keys(sun: Page) -> None:
    """A line with Ctrl+Enter; undo, redo, and a version with Ctrl+S."""
    bar = sun.get_by_test_id("d.review.bar")
    first = sun.get_by_test_id("d.transcript.segment").first
    said = first.locator(".own-words").inner_text()
    sun.get_by_test_id("d.transcript.correct").first.click()
    sun.get_by_test_id("d.transcript.correction").fill("您好，我是孙护士。")
    sun.keyboard.press("Control+Enter")
    expect(first).to_contain_text("您好，我是孙护士。")
    expect(bar).to_have_attribute("data-changed", "true")
    first.focus()
    sun.keyboard.press("Control+KeyZ")
    expect(first.locator(".own-words")).to_have_text(said, use_inner_text=True)
    sun.keyboard.press("Control+Shift+KeyZ")
    expect(first).to_contain_text("您好，我是孙护士。")
    expect(bar).to_contain_text("已存为草稿")
    sun.reload()
    expect(first).to_contain_text("您好，我是孙护士。")  # what was begun is still there
    sun.keyboard.press("Control+KeyS")
    expect(bar).to_have_attribute("data-changed", "false")
    sun.get_by_test_id("d.transcript.compare").check(force=True)
    expect(sun.get_by_test_id("d.transcript.diff").first).to_contain_text("孙护士")
    sun.get_by_test_id("d.transcript.version").select_option("1")
    expect(first).not_to_contain_text("孙护士")
    expect(sun.get_by_test_id("d.transcript.correct")).to_have_count(0)
    sun.get_by_test_id("d.transcript.version").select_option("2")


def names_the_speakers(sun: Page) -> None:
    names = sun.get_by_test_id("d.review.speakerName")
    names.first.fill("孙护士")
    names.first.press("Enter")
    expect(sun.get_by_test_id("d.transcript.segment").first).to_contain_text("孙护士")
    sun.get_by_test_id("d.transcript.save").click()
    expect(sun.get_by_test_id("d.review.bar")).to_have_attribute("data-changed", "false")


def signs(sun: Page) -> None:
    expect(sun.get_by_test_id("d.review.sign.do")).to_be_disabled()
    sun.get_by_test_id("d.review.sign.speakers").check(force=True)
    sun.get_by_test_id("d.review.sign.do").click()
    expect(sun.get_by_test_id("d.review.official")).to_contain_text("孙莉 审校完成")
