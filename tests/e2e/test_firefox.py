"""Wang has Firefox, Dr Zhao Chromium: they hear and see each other, and what each browser records becomes one recording."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from tests.deployment import Server
from tests.e2e import firefox
from tests.e2e.conftest import CHROMIUM, FLAGS, Enter
from tests.e2e.screen import until
from tests.e2e.test_calls import DEVICES, HEARD, KEEP, calls, connected, hears_and_sees, meet

pytestmark = [
    pytest.mark.once,
    pytest.mark.long,  # 15 s of CPU
    pytest.mark.skipif(firefox.FIREFOX is None, reason="needs Firefox: apt-get install firefox-esr"),
]

TALK_MS = 3_000
AUDIBLE = 0.01  # of 1


@pytest.fixture
def chromium(chromium: Browser) -> Iterator[Browser]:
    """With a microphone that beeps."""
    with chromium.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, *DEVICES]) as browser:
        yield browser


def test_wang_in_firefox_hears_and_sees_dr_zhao_in_chromium_and_each_is_recorded_by_their_own(
    enter: Enter, server: Server, tmp_path: Path
) -> None:
    phone, zhao, case = meet(enter, "换了浏览器，想再通个话")
    phone.close()
    with firefox.firefox(tmp_path / "profile") as wang:
        firefox.sign_in(wang, server, "wang")
        wang.before_every_page(KEEP)
        wang.goto(f"{server.url}/consultations/{case}")
        wang.shows("p.chat.composer")
        calls(zhao)
        wang.click("k.ring.accept")
        wang.shows("k.call", stage="connected")
        connected(zhao)
        hears_and_sees(zhao)
        wang.until(f"async () => {{ const heard = await ({HEARD})(); return heard.energy && heard.frames && heard.way; }}")
        zhao.get_by_test_id("k.rec.ask").click()
        zhao.get_by_test_id("k.rec.ask.do").click()
        wang.click("k.rec.yes")
        wang.shows("k.rec.mark")
        zhao.wait_for_timeout(TALK_MS)
        zhao.get_by_test_id("k.hangup").click()
        wang.shows("k.after.length")
        recorded(zhao, case)


def recorded(zhao: Page, case: str) -> None:
    """Both sides are sealed, whole, and sound."""
    until(zhao, f"fetch('/api/consultations/{case}/captures').then((one) => one.json()).then(([one]) => one?.state === 'done')")
    (kept,) = zhao.request.get(f"/api/consultations/{case}/captures").json()
    assert kept["warnings"] == []
    assert [side["missing_s"] for side in kept["sides"]] == [0, 0]
    for side in kept["sides"]:
        (recording,) = side["recordings"]
        opened: Any = av.open(io.BytesIO(zhao.request.get(f"/api/recordings/{recording}/audio").body()))
        with opened as container:
            sound = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)
            assert sound.shape[1] / container.streams.audio[0].rate > TALK_MS / 1000 - 1
        assert np.abs(sound).max() > AUDIBLE
