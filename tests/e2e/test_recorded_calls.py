"""Dr Zhao and Wang are recorded, each by their own browser and in their own language: asked first, kept through a page that dies, read
as one dialogue, and heard where it is read."""

import io
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
import pytest
from playwright.sync_api import BrowserType, Page, expect

from tests.deployment import Server
from tests.e2e.conftest import CHROMIUM, FLAGS, entering
from tests.e2e.screen import NAMES, settled, shoot, sideways, violations
from tests.e2e.speech import AUDIBLE, MANDARIN, seconds_to_say, spoken_note
from tests.e2e.test_workbench import asks, command

pytestmark = pytest.mark.once

DEVICES = [
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
]


class Says(NamedTuple):
    """What somebody says again and again, with so many seconds of silence around it. `words`: those of it to look for, as a model may
    mishear one."""

    voice: str
    text: str
    words: tuple[str, ...]
    before: float
    after: float

    def at(self, place: Path, word: str) -> float:
        """Seconds from its first sound to the word."""
        return seconds_to_say(place, self.text[: self.text.index(word)], self.voice)

    def shares(self, text: str) -> int:
        """How many words (in Chinese: characters) of a text are among its own."""
        return len(units(text) & units(self.text))


def units(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+|[\u4e00-\u9fff]", text.lower()))


SAYS = {
    "zhao": Says(
        "en-gb", "Good morning. How is your blood pressure today?", ("blood", "pressure", "today"), before=0.5, after=5.0
    ),
    "wang": Says(MANDARIN, "医生，我血压有点高。", ("血", "压", "高", "有"), before=4.0, after=1.5),
}
TALK_MS = 14_000
TRANSCRIBED_MS = 300_000
CLOSE_SECONDS = 0.5
QUIET_SECONDS = 1.0
LATE_SECONDS = 6  # how late a recorder may begin and how early it may end on a busy machine, together


@pytest.fixture
def pages(browser_type: BrowserType, server: Server, tmp_path: Path) -> Iterator[dict[str, Page]]:
    """Two browsers, because a browser has one microphone."""
    with ExitStack() as stack:
        found = {}
        for key, says in SAYS.items():
            place = tmp_path / key
            place.mkdir()
            sound = spoken_note(place, says.text, says.voice, before=says.before, after=says.after)
            args = [*FLAGS, *DEVICES, f"--use-file-for-fake-audio-capture={sound}"]
            browser = stack.enter_context(browser_type.launch(executable_path=CHROMIUM, args=args))
            found[key] = stack.enter_context(entering(browser, server))(key, "zh" if key == "wang" else "en")
        yield found


@pytest.fixture
def browser_type(chromium: Any) -> BrowserType:
    found: BrowserType = chromium.browser_type
    return found


def talk(pages: dict[str, Page]) -> str:
    """Dr Zhao has taken Wang's case and calls her; returns it."""
    wang, zhao = pages["wang"], pages["zhao"]
    case = asks(wang, "早上血压有点高，头晕")
    command(zhao, type="consultation.claim", consultation=case)
    wang.goto(f"/consultations/{case}")
    zhao.goto(f"/c/{case}")
    settled(wang)
    zhao.get_by_test_id("d.conv.call").click()
    zhao.get_by_test_id("k.choice.voice").click()
    wang.get_by_test_id("k.ring.accept").click()
    for page in pages.values():
        expect(page.get_by_test_id("k.call")).to_have_attribute("data-stage", "connected")
    return case


def captures(page: Page, case: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.request.get(f"/api/consultations/{case}/captures").json()
    return found


def asks_to_record(pages: dict[str, Page], answer: str, shots: Path | None) -> None:
    pages["zhao"].get_by_test_id("k.rec.ask").click()
    pages["zhao"].get_by_test_id("k.rec.ask.do").click()
    sheet = pages["wang"].get_by_test_id("k.rec.sheet")
    expect(sheet).to_contain_text("您可以不同意，通话照常")
    shoot(pages["wang"], shots, f"record-1-{answer}")
    pages["wang"].get_by_test_id(f"k.rec.{answer}").click()
    expect(sheet).to_be_hidden()


def captioned(pages: dict[str, Page], shots: Path | None) -> None:
    """Dr Zhao turns captions on and Wang agrees: both read what a machine heard of her, until he turns them off."""
    wang, zhao = pages["wang"], pages["zhao"]
    zhao.get_by_test_id("k.captions.ask").click()
    zhao.get_by_test_id("k.captions.ask.do").click()
    sheet = wang.get_by_test_id("k.captions.sheet")
    expect(sheet).to_contain_text("由机器生成，可能有错")
    shoot(wang, shots, "captions-1-asked")
    wang.get_by_test_id("k.captions.yes").click()
    for key, page in pages.items():
        # Which words, on a machine that does other things, is for tests/consult/test_captioner.py.
        mine = "true" if key == "wang" else "false"
        expect(page.locator(f"[data-testid='k.captions.line'][data-mine={mine}]").first).to_be_visible(timeout=TRANSCRIBED_MS)
        assert (violations(page), sideways(page)) == ([], 0)
        shoot(page, shots, f"captions-2-on-{key}")
    zhao.get_by_test_id("k.captions.stop").click()
    zhao.get_by_test_id("k.captions.stop.all").click()
    expect(wang.get_by_test_id("k.captions")).to_be_hidden()


def dies_with_something_unsent(page: Page) -> Page:
    """Wang's page loses the way of its uploads, then dies; she opens another in the same browser."""
    page.route("**/api/tracks/*", lambda route: route.abort() if route.request.method == "PATCH" else route.continue_())
    page.wait_for_timeout(4_000)
    page.close(run_before_unload=False)
    return page.context.new_page()


def channels(page: Page, recording: str) -> Any:
    """The samples of both channels: everybody else's, and the patient's."""
    sound = page.request.get(f"/api/recordings/{recording}/audio").body()
    opened: Any = av.open(io.BytesIO(sound))
    with opened as container:
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
        return np.concatenate(frames, axis=1), container.streams.audio[0].rate


@pytest.mark.long
def test_both_sides_become_one_dialogue_that_is_heard_where_it_is_read(
    pages: dict[str, Page], shots: Path | None, tmp_path: Path
) -> None:
    case = talk(pages)
    captioned(pages, shots)
    asks_to_record(pages, "no", shots)
    expect(pages["zhao"].get_by_test_id("x.toast").last).to_contain_text("goes on as before")
    assert captures(pages["zhao"], case) == [], "a no leaves nothing"
    asks_to_record(pages, "yes", shots)
    for key, page in pages.items():
        expect(page.get_by_test_id("k.rec.mark")).to_be_visible()
        assert (violations(page), sideways(page)) == ([], 0)
        shoot(page, shots, f"record-2-on-{key}")
    pages["wang"].wait_for_timeout(TALK_MS)
    pages["wang"] = wang = dies_with_something_unsent(pages["wang"])
    pages["zhao"].get_by_test_id("k.hangup").click()
    pages["zhao"].get_by_test_id("k.after.back").click()
    wang.goto(f"/consultations/{case}")
    card = pages["zhao"].get_by_test_id("x.card.recording")
    expect(card).to_have_attribute("data-recording", re.compile("done|needs_review"), timeout=TRANSCRIBED_MS)
    for key, page in pages.items():
        expect(page.get_by_test_id("x.card.recording")).to_have_attribute("data-state", "done")
        shoot(page, shots, f"record-3-card-{key}")
    (kept,) = captures(wang, case)
    unheard = {side["person"]["name"]: side["missing_s"] for side in kept["sides"]}
    lost = (max(unheard.values()), min(unheard.values()))
    assert lost[0] < TALK_MS / 1000, "what the dead page had kept was sent by the next"
    assert lost[1] < LATE_SECONDS, f"Dr Zhao's side is whole: {unheard}"
    read_and_heard(pages["zhao"], kept["recording"]["id"], shots, tmp_path)
    expect(wang.get_by_test_id("x.card.recording.open")).to_be_visible()


def read_and_heard(page: Page, recording: str, shots: Path | None, place: Path) -> None:
    page.get_by_test_id("x.card.recording.open").click()
    expect(page.get_by_test_id("d.transcript.segment").first).to_be_visible()
    shoot(page, shots, "record-4-dialogue")
    lines = page.request.get(f"/api/recordings/{recording}/transcript").json()["segments"]
    starts = [line["start"] for line in lines]
    assert starts == sorted(starts)
    sound, rate = channels(page, recording)
    for line in lines:
        patient = line["speaker_name"] == NAMES["wang"]
        mine, other = (SAYS["wang"], SAYS["zhao"])[:: 1 if patient else -1]
        assert mine.shares(line["text"]) > other.shares(line["text"]), line
        voice = np.abs(sound[int(patient)])
        part = voice[int(line["start"] * rate) : int(line["end"] * rate)]
        assert part.mean() > voice.mean(), f"it is heard where it is read: {line}"
    assert {line["speaker_name"] for line in lines} == {NAMES[key] for key in SAYS}
    for channel, key in enumerate(SAYS):
        plays_where_it_is_said(page, SAYS[key], place, beginnings(sound[channel], rate))


def beginnings(channel: np.ndarray[Any, Any], rate: int) -> list[float]:
    """When somebody begins to speak after a second and more of silence."""
    loud = np.flatnonzero(np.abs(channel) > AUDIBLE / 32_768)
    after = np.diff(loud, prepend=-rate) / rate
    return [float(at) / rate for at in loud[after > QUIET_SECONDS]]


def plays_where_it_is_said(page: Page, says: Says, place: Path, begun: list[float]) -> None:
    """Click a word: what plays then is that word, which the sound alone says."""
    heard = ((text, one) for text in says.words for one in page.locator("[data-at]").filter(has_text=text).all())
    text, word = next(
        (text, one)
        for text, one in heard
        if float(one.get_attribute("data-at") or "nan") > begun[0] + says.at(place, text) - CLOSE_SECONDS
    )
    said = [begin + says.at(place, text) for begin in begun]
    playing = page.get_by_test_id("x.player.audio").element_handle()
    page.evaluate("audio => { audio.onseeked = () => { window.begins = audio.currentTime; }; }", playing)
    word.click()
    page.wait_for_function(
        "audio => window.begins !== undefined && !audio.paused && audio.currentTime > window.begins", arg=playing
    )
    begins = page.evaluate("window.begins")
    assert min(abs(begins - at) for at in said) < CLOSE_SECONDS, (begins, said)
    page.evaluate("audio => { audio.pause(); delete window.begins; }", playing)
