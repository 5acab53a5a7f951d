"""What the pages of a browser asked for and heard last: kept in memory, and shown when their test fails."""

import time
from collections import deque

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, WebSocket

KEPT = 80  # lines of each browser
WIDTH = 240  # characters of a line


class Journal:
    def __init__(self, context: BrowserContext, who: str) -> None:
        self.who = who
        self._lines: deque[str] = deque(maxlen=KEPT)
        context.on("page", self._attend)

    def __str__(self) -> str:
        return "\n".join((f"--- {self.who}", *self._lines))

    def _add(self, *what: object) -> None:
        now = time.time()
        clock = time.strftime("%T", time.localtime(now))
        self._lines.append(f"{clock}.{int(now % 1 * 1000):03} {' '.join(map(str, what))}"[:WIDTH])

    def _attend(self, page: Page) -> None:
        page.on("request", lambda request: self._add("asks", request.method, request.url))
        page.on("response", lambda answer: self._add("heard", answer.status, answer.request.method, answer.url))
        page.on("requestfailed", lambda request: self._add("FAILED", request.method, request.url, request.failure))
        page.on("pageerror", lambda error: self._add("ERROR", error))
        page.on("console", self._console)
        page.on("websocket", self._socket)
        page.on("framenavigated", lambda frame: self._add("at", frame.url))

    def _console(self, message: ConsoleMessage) -> None:
        self._add("console", message.type, message.text)

    def _socket(self, socket: WebSocket) -> None:
        self._add("socket opens", socket.url)
        socket.on("framesent", lambda frame: self._add("socket >", frame))
        socket.on("framereceived", lambda frame: self._add("socket <", frame))
        socket.on("close", lambda _: self._add("socket closed"))


def of_failed(item: pytest.Item, report: pytest.TestReport) -> None:
    """Add what the browsers of a failed test said to what pytest shows of it."""
    journals = item.stash.get(JOURNALS, [])
    if report.when == "call" and report.failed and journals:
        report.sections.append(("what the browsers asked and heard", "\n".join(map(str, journals))))


JOURNALS = pytest.StashKey[list[Journal]]()
