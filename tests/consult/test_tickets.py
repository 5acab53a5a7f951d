"""A socket opens with a ticket that its own page has just asked for, once, at whichever process."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings as current
from django.core.cache import caches
from django.test import Client
from pytest_django import Settings

from consult.sockets import admission, tickets
from records import demo
from records.errors import Refused
from tests.cast import Browser, browser_of, cast, code_of, id_of, who

__all__ = ["browser_of", "cast"]

BrowserOf = Callable[[str], Browser]


def ticket(browser: Browser) -> str:
    answer = browser.post("/api/session/socket-ticket")
    assert answer.status_code == 200, answer.content
    return str(answer.json()["ticket"])


async def _before_django(headers: dict[str, str], method: str) -> tuple[int, str]:
    """Status and code of the answer that the server itself gives, without Django."""
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": "/api/session/socket-ticket", "query_string": b"", "headers": raw}
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await admission.application(scope, receive, send)
    return sent[0]["status"], json.loads(sent[1]["body"]).get("code", "a ticket")


def key(browser: Browser) -> str:
    return str(browser.client.cookies[current.SESSION_COOKIE_NAME].value)


def refusal(browser: Browser, shown: str) -> str | None:
    """Why a socket of this browser's session does not open with this ticket; None when it does."""
    try:
        tickets.admitted(key(browser), shown)
    except Refused as refused:
        return refused.kind.code
    return None


def test_a_ticket_opens_one_socket(browser_of: BrowserOf) -> None:
    """The second time at another process, as far as the cache can tell."""
    wang = browser_of("wang")
    shown = ticket(wang)
    assert tickets.admitted(key(wang), shown).id == id_of("wang")
    caches["default"].close()
    del caches["default"]
    assert refusal(wang, shown) == "socket.ticket"
    assert refusal(wang, ticket(wang)) is None


def test_of_many_who_show_the_same_ticket_at_once_one_gets_in(browser_of: BrowserOf) -> None:
    wang = browser_of("wang")
    person, shown = who("wang"), ticket(wang)

    def opens(_: int) -> bool:
        try:
            tickets.redeem(person, key(wang), shown)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(opens, range(32))).count(True) == 1


def test_a_ticket_that_is_somebody_elses_or_altered_or_none_opens_nothing(browser_of: BrowserOf) -> None:
    wang, wangs_phone, li = browser_of("wang"), browser_of("wang"), browser_of("li")
    own = ticket(wang)
    name, at, signature = own.split(".")
    for shown in (
        ticket(li),
        ticket(wangs_phone),
        "",
        "...",
        own[:-1],
        f"{name}.{at}",
        f"{name}x.{at}.{signature}",
        "字" * 500,
    ):
        assert refusal(wang, shown) == "socket.ticket"
    assert refusal(wang, own) is None, "what others tried has not used it up"


def test_a_ticket_is_over_after_half_a_minute(browser_of: BrowserOf, monkeypatch: pytest.MonkeyPatch) -> None:
    wang = browser_of("wang")
    now = time.time()
    with monkeypatch.context() as clock:
        clock.setattr("django.core.signing.time.time", lambda: now - 15)  # and a slow machine
        young = ticket(wang)
        clock.setattr("django.core.signing.time.time", lambda: now - 31)
        old = ticket(wang)
    assert (refusal(wang, old), refusal(wang, young)) == ("socket.ticket", None)


def test_a_ticket_does_not_outlive_its_session(browser_of: BrowserOf) -> None:
    wang = browser_of("wang")
    shown, session = ticket(wang), key(wang)
    assert wang.send("delete", "/api/session").status_code == 204
    with pytest.raises(Refused) as caught:
        tickets.admitted(session, shown)
    assert caught.value.kind.code == "signed_out"


def test_a_foreign_page_gets_no_ticket(browser_of: BrowserOf) -> None:
    answer = browser_of("wang").client.post("/api/session/socket-ticket")
    assert (answer.status_code, code_of(answer)) == (403, "cross_site")


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_what_answers_before_django_refuses_whom_django_refuses(browser_of: BrowserOf) -> None:
    """The lighter way in (decisions/0056) and the declared one, with every reason to refuse."""
    wang, zhou = browser_of("wang"), browser_of("zhou")
    half = Browser()  # a password is no sign-in where a second factor is kept
    assert half.post("/api/session", {"login": "C1001", "password": demo.PASSWORD}).status_code == 202
    cookies = {
        "signed in": cookie(wang),
        "with a factor": cookie(zhou),
        "without the factor": cookie(half),
        "nobody": "",
        "no session of ours": "xinqiao_session=x; xinqiao_csrf=" + "a" * 32,
        "signed in, another token": cookie(wang).replace("xinqiao_csrf=", "xinqiao_csrf=x"),
    }
    tokens = {name: cut[-1] if len(cut := shown.split("xinqiao_csrf=")) > 1 else "" for name, shown in cookies.items()}
    asked = [
        (name, {"Host": "localhost", **{k: v for k, v in more.items() if v}})
        for name, shown in cookies.items()
        for more in (
            {"Cookie": shown, "X-CSRFToken": tokens[name]},
            {"Cookie": shown},
            {"Cookie": shown, "X-CSRFToken": tokens[name], "Origin": "http://localhost"},
            {"Cookie": shown, "X-CSRFToken": tokens[name], "Origin": "http://elsewhere.example"},
            {"Cookie": shown, "X-CSRFToken": tokens[name], "Origin": "null"},
        )
    ]
    seen = set()
    for name, headers in asked:
        answer = Client(enforce_csrf_checks=True).post("/api/session/socket-ticket", headers=headers)
        declared = answer.status_code, answer.json().get("code", "a ticket")
        assert async_to_sync(_before_django)(headers, "POST") == declared, (name, headers)
        seen.add(declared)
    assert seen == {(200, "a ticket"), (401, "signed_out"), (403, "cross_site")}
    good = asked[0][1]
    for broken in (
        {"Content-Type": "multipart/form-data"},
        {"Host": "elsewhere.example"},
        {"Cookie": 'xinqiao_session="\\000"'},
    ):
        assert async_to_sync(_before_django)({**good, **broken}, "POST")[0] in {400, 401}, broken
    assert async_to_sync(_before_django)(good, "GET")[1] == "malformed"


def cookie(browser: Browser) -> str:
    names = ("xinqiao_session", "xinqiao_csrf")  # the token last
    return "; ".join(f"{name}={browser.client.cookies[name].value}" for name in names if name in browser.client.cookies)


def test_the_ticket_is_of_characters_that_a_handshake_may_carry(browser_of: BrowserOf) -> None:
    """RFC 9110, section 5.6.2: a browser refuses to send any other."""
    assert not set(ticket(browser_of("wang"))) - set(
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    )


@pytest.mark.production
def test_while_used_tickets_cannot_be_remembered_no_socket_opens(browser_of: BrowserOf, settings: Settings) -> None:
    wang = browser_of("wang")
    shown = ticket(wang)
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    assert refusal(wang, shown) == "unavailable"
