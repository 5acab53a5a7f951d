"""Two people in two Chromium pages talk and see each other: connected, over a relay alone, after the network was another, refused, missed."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import CHROMIUM, FLAGS, Enter
from tests.e2e.network import network
from tests.e2e.screen import begun, settled, shoot, sideways, violations
from tests.e2e.speech import spoken_note
from tests.e2e.test_workbench import asks, command
from tests.deployment import Server

pytestmark = pytest.mark.once

CONNECTED_S = 3.0
# The microphone speaks and the camera shows Chromium's test picture; on loopback alone there is no other way between two pages.
DEVICES = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--allow-loopback-in-peer-connection",
           "--autoplay-policy=no-user-gesture-required"]  # fmt: skip


@pytest.fixture(scope="module")
def chromium(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    sound = spoken_note(tmp_path_factory.mktemp("microphone"), "It was quite high this morning. I feel a little dizzy.")
    microphone = f"--use-file-for-fake-audio-capture={sound}"
    with chromium.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, *DEVICES, microphone]) as browser:
        yield browser


def meet(enter: Enter, complaint: str, **how: object) -> tuple[Page, Page, str]:
    """Wang and Dr Zhao with their conversation open."""
    wang, zhao = enter("wang", **how), enter("zhao")
    case = asks(wang, complaint)
    command(zhao, type="consultation.claim", consultation=case)
    wang.goto(f"/consultations/{case}")
    zhao.goto(f"/c/{case}")
    settled(wang)
    settled(zhao)
    return wang, zhao, case


def rings(caller: Page, how: str = "video") -> None:
    caller.get_by_test_id(re.compile("^(d.conv|p).call$")).click()
    caller.get_by_test_id(f"k.choice.{how}").click()


def test_call(enter: Enter, shots: Path | None) -> None:
    wang, zhao, case = meet(enter, "视频看看皮疹")
    shoot(wang, shots, "call-0-patient")
    zhao.get_by_test_id("d.conv.call").click()
    shoot(zhao, shots, "call-1-choice")
    zhao.get_by_test_id("k.choice.video").click()
    expect(wang.get_by_test_id("k.ring")).to_be_visible()
    shoot(wang, shots, "call-2-ring")
    shoot(zhao, shots, "call-2-calling")
    print(violations(wang), violations(zhao))
    wang.get_by_test_id("k.ring.accept").click()
    for page in (wang, zhao):
        expect(page.get_by_test_id("k.call")).to_have_attribute("data-stage", "connected")
    wang.wait_for_timeout(3000)
    shoot(wang, shots, "call-3-patient")
    shoot(zhao, shots, "call-3-doctor")
    print(violations(wang), violations(zhao))
