"""Two people in two Chromium pages hear and see each other: at once, through a relay alone, over another network, after a reload."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.deployment import PATIENCE_SECONDS, Deployment, Server, new_deployment
from tests.e2e.around_calls import agree_on_a_time, hears_herself, rings_behind_another_window, sends_a_photo
from tests.e2e.conftest import CHROMIUM, FLAGS, Enter
from tests.e2e.network import Network, network
from tests.e2e.screen import settled, shoot, sideways, violations
from tests.e2e.speech import spoken_note
from tests.e2e.test_workbench import asks, command
from tools.services import turn_server

pytestmark = pytest.mark.once

CONNECTED_MS = 3_000
GAP_MS = 1_700
# The microphone speaks and the camera shows Chromium's test picture. Where there is only loopback, connections go over it.
DEVICES = [
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
]
# What the page's connections report is asked of the browser itself; the product keeps them to itself.
KEEP = """() => { const Made = RTCPeerConnection; window.made = [];
  window.RTCPeerConnection = class extends Made { constructor(...how) { super(...how); window.made.push(this); } }; }"""
HEARD = """async () => {
  const all = [...((await window.made.at(-1)?.getStats()) ?? new Map()).values()];
  const of = (kind) => all.find((one) => one.type === "inbound-rtp" && one.kind === kind) ?? {};
  const pair = all.find((one) => one.type === "candidate-pair" && one.nominated && one.state === "succeeded" && one.bytesReceived > 0);
  const way = (id) => all.find((one) => one.id === id)?.candidateType ?? null;
  const ways = [way(pair?.localCandidateId), way(pair?.remoteCandidateId)];
  return { energy: of("audio").totalAudioEnergy ?? 0, packets: of("audio").packetsReceived ?? 0, frames: of("video").framesDecoded ?? 0,
    way: ways.every(Boolean) ? ways.join(" to ") : "" }; }"""
# The longest time without a packet of sound while the network becomes another, ms, and whether another way was looked for.
GAP = """async () => {
  const pc = window.made.at(-1), name = () => /a=ice-ufrag:(\\S+)/.exec(pc.localDescription.sdp)[1], before = name();
  const sound = (one) => one.type === "inbound-rtp" && one.kind === "audio";
  const packets = async () => [...(await pc.getStats()).values()].find(sound).packetsReceived;
  window.dispatchEvent(new Event("online"));
  let gap = 0, last = performance.now(), seen = await packets();
  for (const end = last + 4000; performance.now() < end || (name() === before && performance.now() < end + 20000);) {
    await new Promise((passed) => setTimeout(passed, 50));
    const now = await packets();
    if (now > seen) { gap = Math.max(gap, performance.now() - last); last = performance.now(); seen = now; }
  }
  return { gap: Math.max(gap, performance.now() - last), another: name() !== before }; }"""

# As the browser reports it when the other side misses every third packet.
WEAK = """() => { const pc = window.made.at(-1), report = pc.getStats.bind(pc);
  pc.getStats = async () => new Map([...await report(), ["weak", { type: "remote-inbound-rtp", kind: "video", fractionLost: 0.33 }]]); }"""


@pytest.fixture(scope="module")
def chromium(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    sound = spoken_note(tmp_path_factory.mktemp("microphone"), "It was quite high this morning. I feel a little dizzy.")
    microphone = f"--use-file-for-fake-audio-capture={sound}"
    with chromium.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, *DEVICES, microphone]) as browser:
        yield browser


@pytest.fixture(scope="module")
def hospital(hospital_template: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with new_deployment(tmp_path_factory.mktemp("e2e") / "hospital", hospital_template) as deployment:
        yield deployment


@pytest.fixture(scope="module")
def server(hospital: Deployment) -> Server:
    return hospital.start()


def meet(
    enter: Enter, complaint: str, *, wang_through: str | None = None, through: str | None = None
) -> tuple[Page, Page, str]:
    """Wang and Dr Zhao with their conversation open, and its case."""
    wang, zhao = enter("wang", through=wang_through or through), enter("zhao", "en", through=through)
    case = asks(wang, complaint)
    command(zhao, type="consultation.claim", consultation=case)
    for page, place in ((wang, f"/consultations/{case}"), (zhao, f"/c/{case}")):
        page.add_init_script(f"({KEEP})()")
        page.on("dialog", lambda asked: asked.accept())  # leaving in the middle of a call is asked about
        page.goto(place)
        settled(page)
    return wang, zhao, case


def calls(zhao: Page, how: str = "video") -> None:
    zhao.get_by_test_id("d.conv.call").click()
    zhao.get_by_test_id(f"k.choice.{how}").click()


def connected(*pages: Page) -> None:
    for page in pages:
        expect(page.get_by_test_id("k.call")).to_have_attribute("data-stage", "connected")


def hears_and_sees(page: Page) -> dict[str, float | str]:
    """Wait for sound and picture; return what the browser reports."""
    until = time.monotonic() + PATIENCE_SECONDS
    heard: dict[str, float | str] = {}
    while time.monotonic() < until:
        heard = page.evaluate(HEARD)
        if heard["energy"] and heard["frames"] and heard["way"]:
            return heard
        page.wait_for_timeout(50)
    raise AssertionError(f"no sound or no picture: {heard}")


def test_dr_zhao_calls_and_both_hear_and_see_each_other_whatever_the_network_does(
    enter: Enter, server: Server, shots: Path | None
) -> None:
    with network(server.url) as net:
        wang, zhao, _ = meet(enter, "皮疹三天，想请您看看", wang_through=net.url)
        took = best_of_three(lambda: connects(wang, zhao, shots), CONNECTED_MS, between=lambda: hangs_up(wang, zhao, shots))
        expect(zhao.get_by_test_id("d.conv.state")).to_have_attribute("data-needs-reply", "false")
        for page, name in ((wang, "wang"), (zhao, "zhao")):
            assert violations(page) == []
            assert sideways(page) == 0
            shoot(page, shots, f"call-2-{name}")
        sends_a_photo(wang, zhao, shots)
        another_network(wang)
        loses_the_server(wang, zhao, net)
        reloads(wang, zhao)
        loses_every_third_packet(wang, zhao)
        says_what_is_sent(wang, zhao)
        hangs_up(wang, zhao, shots)
        assert took < CONNECTED_MS


def best_of_three(measured: Callable[[], float], most: float, *, between: Callable[[], None] = lambda: None) -> float:
    """Measure, and again where it was too much: other tests use the cores meanwhile."""
    found = measured()
    for _ in range(2):
        if found >= most:
            between()
            found = min(found, measured())
    return found


def connects(wang: Page, zhao: Page, shots: Path | None) -> float:
    """Dr Zhao calls and Wang answers. Returns the time until both hear and see, ms."""
    calls(zhao)
    accept = wang.get_by_test_id("k.ring.accept")
    expect(wang.get_by_test_id("k.ring.who")).to_be_focused()  # a tap meant for the page before takes no call
    assert violations(wang) == []
    shoot(wang, shots, "call-1-ring")
    answered = time.monotonic()
    accept.click()
    for page in (wang, zhao):
        hears_and_sees(page)
    took = (time.monotonic() - answered) * 1000
    connected(wang, zhao)
    print(f"connected in {took:.0f} ms")
    return took


def another_network(wang: Page) -> None:
    """Another way is looked for at once, and the sound hardly stops."""

    def gap() -> float:
        found = wang.evaluate(GAP)
        assert found["another"]
        return float(found["gap"])

    assert best_of_three(gap, GAP_MS) < GAP_MS


def loses_the_server(wang: Page, zhao: Page, net: Network) -> None:
    """The call waits, says so on both sides, and goes on."""
    net.cut()
    expect(zhao.get_by_test_id("k.banner")).to_have_attribute("data-trouble", "peer")
    expect(wang.get_by_test_id("k.banner")).to_have_attribute("data-trouble", "server")
    net.mend()
    for page in (wang, zhao):
        expect(page.get_by_test_id("k.banner")).to_have_count(0)
    connected(wang, zhao)


def reloads(wang: Page, zhao: Page) -> None:
    """The same call on a new page: a connection of its own, for both."""
    wang.reload()
    connected(wang, zhao)
    for page in (wang, zhao):
        hears_and_sees(page)


def loses_every_third_packet(wang: Page, zhao: Page) -> None:
    """The picture goes, in words, and the sound stays; it comes back when she wants it."""
    wang.evaluate(f"({WEAK})()")
    expect(wang.get_by_test_id("k.banner")).to_have_attribute("data-trouble", "thinned")
    expect(zhao.get_by_test_id("k.stage")).to_have_attribute("data-seen", "false")
    wang.evaluate("delete window.made.at(-1).getStats")
    wang.get_by_test_id("k.camera").click()
    expect(zhao.get_by_test_id("k.stage")).to_have_attribute("data-seen", "true")
    connected(wang, zhao)


def says_what_is_sent(wang: Page, zhao: Page) -> None:
    zhao.keyboard.press("Control+d")
    expect(wang.get_by_test_id("k.stage")).to_contain_text("静音")
    wang.get_by_test_id("k.shape.bar").click()
    wang.get_by_test_id("p.chat.composer").fill("我再拍一张照片给您。")  # the chat stays within reach
    wang.get_by_test_id("p.chat.send").click()
    expect(zhao.get_by_test_id("x.msg").filter(has_text="我再拍一张照片给您")).to_be_visible()


def hangs_up(wang: Page, zhao: Page, shots: Path | None) -> None:
    zhao.get_by_test_id("k.hangup").click()
    for page in (wang, zhao):
        expect(page.get_by_test_id("k.after.length")).to_be_visible()
        shoot(page, shots, f"call-3-after-{page is wang}")
        page.get_by_test_id("k.heard.good").click()
        expect(page.get_by_test_id("k.heard.done")).to_be_visible()
        page.get_by_test_id("k.after.back").click()
        expect(page.get_by_test_id("x.card.call").last).to_have_attribute("data-end", "ended")
        expect(page.locator("[data-kind='call.judged']").first).to_be_visible()
        assert page.evaluate("window.made.at(-1).connectionState") == "closed"


def test_through_a_relay_alone_they_hear_and_see_each_other_and_nobody_learns_an_address(
    enter: Enter, hospital: Deployment
) -> None:
    with turn_server() as relay:
        server = hospital.start(env={**relay.env, "XINQIAO_CALL_RELAY_ONLY": "1"})
        wang, zhao, _ = meet(enter, "想再和您通个话", through=server.url)
        calls(zhao)
        wang.get_by_test_id("k.ring.accept").click()
        for page in (wang, zhao):
            assert hears_and_sees(page)["way"] == "relay to relay"
        wang.get_by_test_id("k.hangup").click()
        expect(zhao.get_by_test_id("k.after")).to_be_visible()
        server.stop()


def test_what_wang_does_not_answer_dr_zhao_can_write_about_and_she_finds_it(enter: Enter, shots: Path | None) -> None:
    wang, zhao, case = meet(enter, "晚上睡不好")
    calls(zhao, "voice")
    wang.get_by_test_id("k.ring.decline").click()
    expect(zhao.get_by_test_id("k.after")).to_contain_text("cannot answer now")
    zhao.get_by_test_id("k.after.redial").click()
    expect(wang.get_by_test_id("k.ring")).to_be_visible()
    for _ in range(3):
        wang.keyboard.press("Escape")  # the browser closes a dialog that only refuses to be cancelled
    expect(wang.get_by_test_id("k.ring.who")).to_be_focused()
    wang.goto("/messages")  # it rings on, whatever page she opens
    expect(wang.get_by_test_id("k.ring")).to_be_visible()
    rings_behind_another_window(wang, zhao)
    card = wang.locator(f'a[href="/consultations/{case}"]')
    expect(card).to_contain_text("未接来电")
    shoot(wang, shots, "call-4-list")
    card.click()
    expect(wang.get_by_test_id("x.card.call")).to_have_count(2)
    expect(wang.get_by_test_id("x.card.call").last).to_have_attribute("data-missed", "true")
    shoot(wang, shots, "call-5-missed")
    assert violations(wang) == []
    zhao.get_by_test_id("k.after.back").click()
    wang.get_by_test_id("p.call").click()
    assert violations(wang) == []
    wang.get_by_test_id("k.choice.check").click()
    hears_herself(wang, shots)
    zhao.get_by_test_id("k.ring.later").click()
    expect(wang.get_by_test_id("k.after")).to_contain_text("想改个时间")
    expect(wang.get_by_test_id("k.phone")).to_have_attribute("href", re.compile("^tel:"))
    agree_on_a_time(wang, zhao, shots)
