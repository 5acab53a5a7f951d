"""Whatever comes in gets a coded answer in both languages, nothing is stored, and the socket goes on where it should."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.typing import Origin, Subprotocol

from tests.consult.device import Device, Session, browser, client_id, socket_of
from tests.deployment import Server

CASE = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"


@pytest.fixture
async def page(server: Server) -> AsyncIterator[Session]:
    async with browser(server, "wang") as opened:
        yield opened


@pytest.fixture
async def wang(page: Session) -> AsyncIterator[Device]:
    async with socket_of(page) as opened:
        yield opened


def message(**members: Any) -> str:
    return json.dumps(
        {"type": "message.send", "id": "bad", "consultation": CASE, "client_id": "abcdefgh", "text": "好", **members}
    )


BAD = {
    "not JSON": ("{", "frame.malformed", None),
    "empty": ("", "frame.malformed", None),
    "not an object": ("[1, 2]", "frame.malformed", None),
    "cut in the middle": (message()[:-4], "frame.malformed", None),
    "ten thousand deep": ('{"type":"ping","id":"bad","x":' + "[" * 10_000 + "]" * 10_000 + "}", "frame.malformed", None),
    "a lone surrogate": (message(text="x").replace('"x"', '"\\ud800"'), "frame.malformed", None),
    "no type": ('{"id":"bad"}', "frame.unknown_type", None),
    "an unknown command": ('{"type":"message.erase","id":"bad"}', "frame.unknown_type", None),
    "a server's frame": ('{"type":"timeline","id":"bad"}', "frame.unknown_type", None),
    "an unknown field": (message(colour="red"), "bad_input", "colour"),
    "a number for text": (message(text=5), "bad_input", "text"),
    "no text": (message(text=""), "message.blank", None),
    "8,001 characters": (message(text="字" * 8001), "bad_input", "text"),
    "an id that is none": (message(consultation="Wang"), "bad_input", "consultation"),
    "a client id with spaces": (message(client_id="a b c d e f"), "bad_input", "client_id"),
    "a negative cursor": (
        json.dumps({"type": "cursor.advance", "id": "bad", "consultation": CASE, "read": -1}),
        "bad_input",
        "read",
    ),
    "a cursor beyond 2^53": (
        json.dumps({"type": "timeline.follow", "id": "bad", "consultation": CASE, "since": 2**60}),
        "bad_input",
        "since",
    ),
    "nothing but white space": (message(text=" \n "), "message.blank", None),
    "1 MiB of text": (message(text="x" * 2**20), "frame.too_big", None),
    "somebody else's case": (message(), "not_found", None),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_frame_gets_a_coded_bilingual_error_and_the_socket_goes_on(name: str, wang: Device) -> None:
    frame, code, field = BAD[name]
    await wang.socket.send(frame)
    error = await wang.until(lambda f: f["type"] == "error", "an error")
    assert error["code"] == code
    assert error["message"]["zh"]
    assert error["message"]["en"]
    assert list(error.get("fields") or {}) == ([field] if field else [])
    assert (await wang.ask("ping"))["type"] == "pong"


@pytest.mark.parametrize("name", [name for name in BAD if name != "1 MiB of text"])
async def test_the_same_over_http(name: str, page: Session) -> None:
    frame, code, _ = BAD[name]
    token = {"X-CSRFToken": page.http.cookies["xinqiao_csrf"], "Content-Type": "application/json"}
    answer = await page.http.post("/api/commands", content=frame.encode(), headers=token)
    assert answer.status_code >= 400
    assert answer.json()["code"] == code


async def test_a_megabyte_over_http_is_refused_too(page: Session) -> None:
    answer = await page.post("/api/commands", {"type": "message.send", "text": "x" * 2**20})
    assert (answer.status_code, answer.json()["retry"]) == (413, False)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
async def test_a_foreign_page_cannot_open_a_socket(origin: str | None, page: Session) -> None:
    own = {"Cookie": page.cookie}, await page.ticket()
    assert await refused(page, None if origin is None else Origin(origin), *own) == ("origin.refused", 4403)


async def test_without_a_session_the_socket_says_so_and_closes(page: Session) -> None:
    own = Origin(page.server.url)
    assert await refused(page, own, {}) == ("signed_out", 4401)
    assert await refused(page, own, {"Cookie": "xinqiao_session=madeup"}) == ("signed_out", 4401)


async def test_without_a_ticket_or_with_a_used_one_there_is_no_socket(page: Session) -> None:
    own, cookie, offers = Origin(page.server.url), {"Cookie": page.cookie}, await page.ticket()
    assert await refused(page, own, cookie, None) == ("socket.ticket", 4410)
    async with connect(f"{page.server.socket_url}/ws/", origin=own, additional_headers=cookie, subprotocols=offers) as socket:
        assert json.loads(await socket.recv())["type"] == "welcome"
        assert socket.subprotocol == "xinqiao", "the ticket is not repeated in the answer"
        assert await refused(page, own, cookie, offers) == ("socket.ticket", 4410)


async def refused(
    page: Session, origin: Origin | None, headers: dict[str, str], offers: list[Subprotocol] | None = None
) -> tuple[str, int | None]:
    """The error code and the close code that a handshake like this gets."""
    address = f"{page.server.socket_url}/ws/"
    async with connect(address, origin=origin, additional_headers=headers, subprotocols=offers) as socket:
        error = json.loads(await socket.recv())
        assert error["message"]["zh"]
        assert error["message"]["en"]
        await socket.wait_closed()
        return error["code"], socket.close_code


async def test_an_intake_without_consent_is_refused_and_nothing_is_opened(page: Session, wang: Device) -> None:
    intake = {"client_id": client_id(), "complaint": "头晕", "duration": "days", "consents": ["consultation"]}
    before = {row["id"] for row in await page.get("/api/consultations")}
    assert (await wang.ask("consultation.open", **intake))["code"] == "consent.missing"
    assert {row["id"] for row in await page.get("/api/consultations")} == before


async def test_signing_out_closes_the_socket_at_once(page: Session, wang: Device) -> None:
    token = {"X-CSRFToken": page.http.cookies["xinqiao_csrf"]}
    assert (await page.http.delete("/api/session", headers=token)).status_code == 204
    assert await wang.closed() == 4401
