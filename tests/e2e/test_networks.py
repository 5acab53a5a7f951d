"""Bad networks in a real browser: none at all, one that blocks WebSockets, and the seconds in which nobody hears anything."""

import time
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.consult.pictures import document
from tests.deployment import Server
from tests.e2e.conftest import Enter
from tests.e2e.network import Network, network
from tests.e2e.screen import shoot, violations
from tests.e2e.test_story import said
from tests.e2e.test_workbench import asks, command, says

pytestmark = pytest.mark.once

DELIVERED_MS = 5_000
UNDO_SECONDS = 10
# The worker has what a patient's pages need, and the page has kept its copy.
READY = """async (id) => {
  if (!await caches.match("/static/kept/patient")) return false;
  const db = await new Promise((resolve) => { const opened = indexedDB.open("xinqiao"); opened.onsuccess = () => resolve(opened.result); });
  const keys = await new Promise((resolve) => {
    const asked = db.transaction("snapshots").objectStore("snapshots").getAllKeys();
    asked.onsuccess = () => resolve(asked.result);
  });
  db.close();
  return keys.some((key) => key.endsWith(`conversation:${id}`));
}"""
CACHED = """async () => (await Promise.all((await caches.keys()).map(async (name) =>
  (await (await caches.open(name)).keys()).map((request) => new URL(request.url).pathname)))).flat()"""


def write(page: Page, where: str, text: str) -> None:
    page.get_by_test_id(f"{where}.composer").fill(text)
    page.get_by_test_id(f"{where}.send").click()


def texts(page: Page, visit: str) -> list[str]:
    """What the server holds, in order; for a message without words the names of its files."""
    events = page.request.get(f"/api/consultations/{visit}/events").json()["events"]
    bodies = [event["body"] for event in events if event["kind"] == "message.posted"]
    return [body["text"] or ",".join(file["name"] for file in body["attachments"]) for body in bodies]


def talking(wang: Page, zhao: Page, complaint: str) -> str:
    visit = asks(wang, complaint)
    command(zhao, type="consultation.claim", consultation=visit)
    return visit


def test_wang_starts_without_a_network_writes_and_sends_a_file_and_all_of_it_arrives_once(
    enter: Enter, server: Server, shots: Path | None
) -> None:
    with network(server.url) as net:
        wang, zhao = enter("wang", offline=True, through=net.url), enter("zhao")
        visit = talking(wang, zhao, "飞行模式测试：头晕三天。")
        says(zhao, visit, "请把化验单发给我。")
        wang.goto("/messages")  # the list that is kept says what it said when she last saw it
        expect(wang.get_by_test_id("p.consultation").filter(has_text="请把化验单发给我")).to_be_visible()
        wang.goto(f"/consultations/{visit}")
        expect(said(wang, "请把化验单发给我")).to_be_visible()
        while not wang.evaluate(READY, visit):  # `wait_for_function` would take the promise itself for an answer
            wang.wait_for_timeout(200)
        net.cut()
        wang.close()
        cold = wang.context.new_page()
        cold.goto(f"/consultations/{visit}")
        expect(said(cold, "请把化验单发给我")).to_be_visible()
        expect(cold.get_by_test_id("x.connection")).to_have_attribute("data-conn", "reconnecting")
        writes_three(cold)
        waiting = cold.locator('[data-testid="x.msg"][data-status="queued"]')
        expect(waiting).to_have_count(3)
        shoot(cold, shots, "network-none")
        assert violations(cold) == []
        cold.goto("/messages")
        expect(cold.get_by_test_id("p.consultation").filter(has_text="请把化验单发给我")).to_be_visible()
        cold.goto(f"/consultations/{visit}")
        expect(waiting).to_have_count(3)
        net.mend()
        cold.evaluate("window.dispatchEvent(new Event('online'))")
        expect(waiting).to_have_count(0)
        expect(cold.get_by_test_id("x.paper")).to_be_visible()
        assert texts(cold, visit) == ["请把化验单发给我。", "在飞机上，落地就发", "化验单.pdf", "一共两页"]
        assert not [path for path in cold.evaluate(CACHED) if not path.startswith("/static/") and path != "/"]
        leaves_nothing(cold, visit, net)


def writes_three(cold: Page) -> None:
    """Words, a file and words."""
    write(cold, "p.chat", "在飞机上，落地就发")
    cold.get_by_test_id("p.chat.more").click()
    with cold.expect_file_chooser() as chooser:
        cold.get_by_test_id("p.chat.source.file").click()
    report: FilePayload = {"name": "化验单.pdf", "mimeType": "application/pdf", "buffer": document()}
    chooser.value.set_files([report])
    expect(cold.get_by_test_id("p.chat.chosen")).to_be_visible()
    cold.get_by_test_id("p.chat.send").click()
    expect(cold.get_by_test_id("p.chat.chosen")).to_have_count(0)
    write(cold, "p.chat", "一共两页")


def leaves_nothing(page: Page, visit: str, net: Network) -> None:
    """Signed out, the next person of this browser finds nothing, with a network or without."""
    page.goto("/me")
    page.get_by_test_id("x.signOut").click()
    expect(page.get_by_test_id("s.demo.person").first).to_be_visible()
    net.cut()
    page.goto(f"/consultations/{visit}")
    expect(page.get_by_test_id("x.error")).to_have_attribute("data-code", "client.offline")
    expect(page.get_by_test_id("x.msg")).to_have_count(0)
    expect(page.locator('a[href="tel:120"]')).to_be_visible()
    assert violations(page) == []


def test_where_websockets_are_blocked_messages_arrive_within_five_seconds_both_ways(
    enter: Enter, server: Server, shots: Path | None
) -> None:
    with network(server.url, sockets=False) as net:
        wang, zhao = enter("wang", through=net.url), enter("zhao")
        visit = talking(wang, zhao, "网络受限测试：耳鸣。")
        wang.goto(f"/consultations/{visit}")
        strip = wang.get_by_test_id("x.connection")
        expect(strip).to_have_attribute("data-slow", "true")
        expect(strip).to_have_attribute("data-conn", "online")
        assert net.refused >= 2
        shoot(wang, shots, "network-slow")
        assert violations(wang) == []
        zhao.goto(f"/c/{visit}")
        write(zhao, "d.conv", "耳鸣多久了？")
        expect(said(wang, "耳鸣多久了")).to_be_visible(timeout=DELIVERED_MS)
        write(wang, "p.chat", "两个星期")
        answer = said(zhao, "两个星期")
        expect(answer).to_be_visible(timeout=DELIVERED_MS)
        expect(said(wang, "两个星期")).to_have_attribute("data-status", "read", timeout=DELIVERED_MS)
        zhao.get_by_test_id("d.conv.composer").press_sequentially("好")
        expect(wang.get_by_test_id("p.chat.typing")).not_to_be_empty(timeout=DELIVERED_MS)
        assert texts(zhao, visit) == ["耳鸣多久了？", "两个星期"]


def test_nobody_hears_a_doctor_until_her_time_to_undo_is_over(enter: Enter) -> None:
    wang, zhao = enter("wang"), enter("zhao")
    visit = talking(wang, zhao, "撤销测试：手麻。")
    # The longer of the two times that she may choose, for a busy machine must be quicker.
    zhao.evaluate(f"""() => localStorage.setItem("xinqiao.settings", JSON.stringify({{ undoSeconds: {UNDO_SECONDS} }}))""")
    wang.goto(f"/consultations/{visit}")
    zhao.goto(f"/c/{visit}")
    write(zhao, "d.conv", "发错人的话")
    expect(held(zhao)).to_be_visible()
    zhao.keyboard.press("Control+KeyZ")
    expect(held(zhao)).to_have_count(0)
    expect(zhao.get_by_test_id("d.conv.composer")).to_have_value("发错人的话")
    before = time.time()
    write(zhao, "d.conv", "左手还是右手？")
    zhao.reload()  # the page is gone for a moment; its promise is not
    expect(held(zhao)).to_be_visible()
    expect(said(wang, "左手还是右手")).to_be_visible()
    expect(wang.get_by_test_id("x.msg")).to_have_count(1)
    assert texts(wang, visit) == ["左手还是右手？"]
    assert posted_at(wang, visit) - before >= UNDO_SECONDS, "nobody could hear it earlier"


def posted_at(page: Page, visit: str) -> float:
    """When the server took the last message, in seconds since epoch."""
    events = page.request.get(f"/api/consultations/{visit}/events").json()["events"]
    return max(float(event["at"]) for event in events if event["kind"] == "message.posted") / 1000


def held(page: Page) -> Locator:
    return page.get_by_test_id("x.msg.held")
