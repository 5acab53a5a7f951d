"""Firefox as Debian has it, driven over WebDriver BiDi, which it speaks by itself: no other program is needed between a test and it."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from records.demo import demo_id
from tests.deployment import PATIENCE_SECONDS, Server, wait_until
from tests.e2e.conftest import chosen_before

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
LISTENING = "WebDriver BiDi listening on "
END_SECONDS = 10
# A microphone that whistles, a camera that shows a clock, both allowed; connections go over loopback, and sound plays unasked.
PREFERENCES = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.peerconnection.ice.loopback": True,
    "media.autoplay.default": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.normandy.enabled": False,
    "network.captive-portal-service.enabled": False,
}
ENTERS = """async (person) => {
  await fetch("/api/session");
  const token = /xinqiao_csrf=([^;]+)/.exec(document.cookie)[1];
  const headers = { "X-CSRFToken": token, "Content-Type": "application/json" };
  const answer = await fetch("/api/demo/session", { method: "POST", headers, body: JSON.stringify({ person }) });
  if (!answer.ok) throw new Error(await answer.text()); }"""


class Broken(Exception):
    """What Firefox said of a command that failed, or of a script that threw."""


@dataclass
class Page:
    """One tab. Scripts are functions of the page; what they return must be JSON."""

    socket: ClientConnection
    context: str
    numbers: Iterator[int]

    def command(self, method: str, **params: Any) -> Any:
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self.socket.recv(PATIENCE_SECONDS))
            if answer.get("id") == number:
                break
        if answer["type"] == "error":
            raise Broken(f"{method}: {answer['message']}")
        return answer["result"]

    def goto(self, url: str) -> None:
        self.command("browsingContext.navigate", context=self.context, url=url, wait="complete")

    def before_every_page(self, function: str) -> None:
        self.command("script.addPreloadScript", functionDeclaration=function)

    def evaluate(self, function: str, *values: Any) -> Any:
        wrapped = f"async () => JSON.stringify(await ({function})(...{json.dumps(values)}) ?? null)"
        target = {"context": self.context}
        found = self.command("script.callFunction", functionDeclaration=wrapped, target=target, awaitPromise=True)
        if found["type"] == "exception":
            raise Broken(found["exceptionDetails"]["text"])
        return json.loads(found["result"]["value"])

    def until(self, function: str, *values: Any) -> Any:
        """What a script returns once that is true."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            found: Any = None
            with suppress(Broken):  # the page may be on its way to another
                found = self.evaluate(function, *values)
            if found:
                return found
            assert time.monotonic() < deadline, f"not true in {PATIENCE_SECONDS} s: {function} {values}"
            time.sleep(0.1)

    def shows(self, test_id: str, **attributes: str) -> None:
        """Wait for an element; `stage="ended"` is its `data-stage`."""
        wanted = "".join(f'[data-{name}="{value}"]' for name, value in attributes.items())
        self.until("(css) => document.querySelector(css) !== null", f'[data-testid="{test_id}"]{wanted}')

    def click(self, test_id: str) -> None:
        """With a mouse, where the element is."""
        self.shows(test_id)
        locator = {"type": "css", "value": f'[data-testid="{test_id}"]'}
        (found,) = self.command("browsingContext.locateNodes", context=self.context, locator=locator, maxNodeCount=1)["nodes"]
        at = {"type": "pointerMove", "x": 0, "y": 0, "origin": {"type": "element", "element": {"sharedId": found["sharedId"]}}}
        press = [{"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]
        mouse = {"type": "pointer", "id": "mouse", "actions": [at, *press]}
        self.command("input.performActions", context=self.context, actions=[mouse])


@contextmanager
def firefox(place: Path) -> Iterator[Page]:
    """A Firefox with a profile of its own in `place`, and its one tab."""
    assert FIREFOX is not None, "asked for by who has looked for it"
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in PREFERENCES.items()]
    place.mkdir()
    (place / "user.js").write_text("".join(lines))
    words = [FIREFOX, "--headless", "--no-remote", "--profile", str(place), "--remote-debugging-port", "0"]
    log = place / "firefox.log"
    with log.open("w") as errors, subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=errors) as process:
        try:
            wait_until(lambda: LISTENING in log.read_text(), what="Firefox")
            address = log.read_text().partition(LISTENING)[2].split()[0]
            with connect(f"{address}/session", max_size=None) as socket:
                page = Page(socket, "", count())
                page.command("session.new", capabilities={})
                page.context = page.command("browsingContext.getTree")["contexts"][0]["context"]
                yield page
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(END_SECONDS)
            process.kill()


def sign_in(page: Page, server: Server, who: str) -> None:
    """Sign in as one of the demo's cast, in Chinese."""
    page.before_every_page(f"() => {chosen_before('zh')}")
    page.goto(server.url)
    page.evaluate(ENTERS, str(demo_id(who)))
