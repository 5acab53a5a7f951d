"""Three people in three Chromium pages hear and see each other through a real Janus, and the server records who said what."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from records.demo import demo_id
from tests.consult.device import client_id
from tests.consult.rooms import a_janus, needs_janus, settings_of
from tests.deployment import Deployment, Server, new_deployment
from tests.e2e.conftest import CHROMIUM, FLAGS, Enter
from tests.e2e.screen import settled, shoot, sideways, until, violations
from tests.e2e.test_workbench import asks, command

pytestmark = [pytest.mark.once, pytest.mark.long, needs_janus]

# The microphone beeps and the camera shows Chromium's test picture. Where there is only loopback, connections go over it.
DEVICES = [
    "--use-fake-device-for-media-stream=fps=5",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
]
# What the page's connections report is asked of the browser itself; the product keeps them to itself.
KEEP = """() => { const Made = RTCPeerConnection; window.made = [];
  window.RTCPeerConnection = class extends Made { constructor(...how) { super(...how); window.made.push(this); } }; }"""
# From how many people sound has come, and pictures.
HEARD = """async () => {
  const stats = await Promise.all(window.made.map((one) => one.getStats()));
  const all = stats.flatMap((one) => [...one.values()]).filter((one) => one.type === "inbound-rtp");
  const of = (kind, name) => all.filter((one) => one.kind === kind && one[name] > 0).length;
  return { voices: of("audio", "totalAudioEnergy"), pictures: of("video", "framesDecoded") }; }"""
# Who was recorded, by whom, for how long, and how loud: told by the sealed recordings themselves.
TRACKS = """
import json
import numpy as np
from records.media import SealedReader
from transcription.audio import decode
from transcription.segments import sealed
from transcription.tracks.models import Track
def heard(track):
    source = sealed(track.recording)
    audio = decode(SealedReader(source), source.size)
    samples = np.concatenate(list(audio.blocks(None)))
    return {"by_server": track.by_server, "seconds": audio.seconds, "loud": bool(np.abs(samples).max() > 1000)}
tracks = Track.objects.select_related("recording")
print(json.dumps({str(track.person_id): heard(track) for track in tracks}))
"""


@pytest.fixture(scope="module")
def chromium(chromium: Browser) -> Iterator[Browser]:
    with chromium.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, *DEVICES]) as browser:
        yield browser


@pytest.fixture(scope="module")
def hospital(hospital_template: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with new_deployment(tmp_path_factory.mktemp("e2e") / "hospital", hospital_template) as deployment:
        yield deployment


@pytest.fixture(scope="module")
def server(hospital: Deployment) -> Iterator[Server]:
    with a_janus((21100, 21199)) as janus:
        yield hospital.start(env=settings_of(janus))


def hear_and_see(page: Page, others: int) -> None:
    until(page, f"async () => {{ const now = await ({HEARD})(); return now.voices >= {others} && now.pictures >= {others}; }}")


def invited(host: Page, guest: Page, who: str) -> None:
    host.get_by_test_id("rm.invite").click()
    host.get_by_test_id(f"rm.invite.{demo_id(who)}").click()
    guest.get_by_test_id("rm.ring.join").click()
    expect(guest.get_by_test_id("rm.page")).to_have_attribute("data-stage", "in")


def test_dr_zhao_a_colleague_and_wang_meet_and_the_server_records_who_said_what(
    enter: Enter, hospital: Deployment, shots: Path | None
) -> None:
    wang, zhao, liu = enter("wang"), enter("zhao", "en"), enter("liu")
    case = a_case_with_a_colleague(wang, zhao)
    for page in (wang, zhao, liu):
        page.add_init_script(f"({KEEP})()")
    zhao.goto(f"/c/{case}")
    for page in (wang, liu):
        page.reload()
        settled(page)
    zhao.get_by_test_id("d.conv.room").click()
    expect(zhao.get_by_test_id("rm.page")).to_have_attribute("data-stage", "in")
    invited(zhao, liu, "liu")
    invited(zhao, wang, "wang")
    for page, name in ((zhao, "zhao"), (liu, "liu"), (wang, "wang")):
        expect(page.locator(f"[data-testid='rm.tile'][data-person='{demo_id(name)}']")).to_have_attribute("data-seen", "false")
        page.get_by_test_id("rm.camera").click()
    for page, name in ((zhao, "zhao"), (liu, "liu"), (wang, "wang")):
        hear_and_see(page, 2)
        expect(page.locator("[data-testid='rm.tile'][data-seen='true']")).to_have_count(3)
        assert sideways(page) == 0
        assert violations(page) == []
        shoot(page, shots, f"room-{name}")
    liu.get_by_test_id("rm.mute").click()
    record_for(4_000, zhao, (liu, wang), shots)
    zhao.get_by_test_id("rm.close").click()
    zhao.get_by_test_id("rm.close.do").click()
    for page in (zhao, liu, wang):
        expect(page.get_by_test_id("rm.over")).to_have_attribute("data-reason", "closed")
    said = recorded(zhao, hospital, case)
    assert {who for who, track in said.items() if track["loud"]} == {str(demo_id(who)) for who in ("wang", "zhao")}, said
    assert all(3 < track["seconds"] < 30 and track["by_server"] for track in said.values()), said


def a_case_with_a_colleague(wang: Page, zhao: Page) -> str:
    """Dr Zhao treats it, and Dr Liu belongs to its discussion."""
    case = asks(wang, "头晕三天，想请几位医生一起看看")
    command(zhao, type="consultation.claim", consultation=case)
    side = command(zhao, type="side.open", consultation=case, client_id=client_id())["consultation"]
    command(zhao, type="side.invite", consultation=side, client_id=client_id(), person=str(demo_id("liu")))
    return case


def record_for(ms: int, host: Page, others: tuple[Page, ...], shots: Path | None) -> None:
    """The host asks, everybody agrees; then it is stopped and kept."""
    host.get_by_test_id("rm.rec.ask").click()
    host.get_by_test_id("rm.rec.ask.do").click()
    for number, page in enumerate(others):
        expect(page.get_by_test_id("rm.rec.sheet").get_by_role("heading")).to_contain_text("想录下这次会诊，用于病历")
        shoot(page, shots, f"room-consent-{number}")
        page.get_by_test_id("rm.rec.yes").click()
        if number == 0:
            expect(host.get_by_test_id("rm.rec.answers")).to_contain_text("Agreed: ")
    for page in (host, *others):
        expect(page.get_by_test_id("rm.rec.on")).to_be_visible()
    host.wait_for_timeout(ms)
    host.get_by_test_id("rm.rec.stop").click()
    host.get_by_test_id("rm.rec.stop.keep").click()
    for page in (host, *others):
        expect(page.get_by_test_id("rm.rec.on")).to_have_count(0)


def recorded(page: Page, hospital: Deployment, case: str) -> dict[str, Any]:
    """What the server kept of the room, once it is sealed: by person, told from the sealed tracks themselves."""
    until(
        page,
        f"""async () => {{ const found = await (await fetch("/api/consultations/{case}/captures")).json();
            return found.length === 1 && found[0].sides.length === 3 && found[0].sides.every((side) => side.state === "kept"); }}""",
    )
    told: dict[str, Any] = json.loads(hospital.manage("shell", "-c", TRACKS).splitlines()[-1])
    return told
