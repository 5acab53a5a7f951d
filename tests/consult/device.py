"""A person's device in tests: signs in over HTTP, talks over a real WebSocket, keeps what it heard."""

import asyncio
import itertools
import json
import secrets
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import Any, Self

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosedError
from websockets.typing import Origin, Subprotocol

from records.demo import demo_id
from tests.deployment import PATIENCE_SECONDS, Server

Frame = dict[str, Any]
# No deadlines of the client's own: the product sets those that count, and its pings are answered.
PATIENT: dict[str, Any] = {"open_timeout": PATIENCE_SECONDS, "ping_interval": None}


def client_id() -> str:
    return secrets.token_urlsafe(12)


def shown(ticket: str) -> list[Subprotocol]:
    """A ticket as a handshake offers it."""
    return [Subprotocol("xinqiao"), Subprotocol(f"ticket.{ticket}")]


class SignedOut(ConnectionError):
    """The server knows no such session, or no longer."""


class Session:
    """A signed-in browser without a socket."""

    def __init__(self, server: Server) -> None:
        self.server = server
        # There is no TLS here: reading the certificates of the world would take 30 ms for each session.
        self.http = httpx.AsyncClient(
            base_url=server.url, headers={"Origin": server.url}, timeout=PATIENCE_SECONDS, verify=False
        )

    async def sign_in(self, who: str) -> Self:
        await self.http.get("/api/session")
        answer = await self.post("/api/demo/session", {"person": str(demo_id(who))})
        assert answer.status_code == 200, answer.text
        return self

    async def come_back(self, cookie: str) -> Self:
        """Go on with a session that there is already."""
        self.http.cookies.set(*cookie.split("=", 1))
        await self.http.get("/api/session")
        return self

    async def post(self, path: str, body: Any) -> httpx.Response:
        return await self.http.post(path, json=body, headers={"X-CSRFToken": self.http.cookies["xinqiao_csrf"]})

    async def put(self, path: str, body: Any) -> httpx.Response:
        return await self.http.put(path, json=body, headers={"X-CSRFToken": self.http.cookies["xinqiao_csrf"]})

    async def get(self, path: str, **query: Any) -> Any:
        answer = await self.http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def ticket(self, at: str | None = None) -> list[Subprotocol]:
        """What the next socket shows: a ticket of the server `at`, of this session's own unless told otherwise.

        Raises ConnectionError, SignedOut among them; the cookie is kept even when the answer takes it away.
        """
        url, cookies = at or self.server.url, httpx.Cookies(self.http.cookies)
        headers = {"X-CSRFToken": self.http.cookies["xinqiao_csrf"], "Origin": url}
        try:
            answer = await self.http.post(f"{url}/api/session/socket-ticket", headers=headers)
            if answer.status_code == HTTPStatus.UNAUTHORIZED:
                self.http.cookies = cookies
                raise SignedOut(f"{answer.status_code}: {answer.text}")
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise ConnectionError(f"no ticket: {error}") from error
        return shown(answer.json()["ticket"])

    @property
    def cookie(self) -> str:
        return f"xinqiao_session={self.http.cookies['xinqiao_session']}"


class Device:
    """One open socket. `heard` is every frame, in order; `events` what each timeline said, by sequence."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[Frame] = []
        self.events: dict[str, dict[int, Frame]] = {}
        self._ids = itertools.count(1)
        self._news = asyncio.Condition()
        self._over = False
        self._listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        try:
            with suppress(ConnectionClosedError):  # the server's own close codes; tests ask for them by `closed`
                async for text in self.socket:
                    await self._hear(json.loads(text))
        finally:
            self._over = True
            async with self._news:
                self._news.notify_all()

    async def _hear(self, frame: Frame) -> None:
        if frame["type"] == "timeline":
            self._take(frame)
        async with self._news:
            self.heard.append(frame)
            self._news.notify_all()

    def _take(self, frame: Frame) -> None:
        known = self.events.setdefault(frame["consultation"], {})
        for event in frame["events"]:
            assert event["seq"] not in known, "an event is sent once to a socket"
            assert not known or event["seq"] == max(known) + 1, "the sequence has no gap"
            known[event["seq"]] = event

    async def until(self, found: Callable[[Frame], bool], what: str = "a frame", seconds: float = PATIENCE_SECONDS) -> Frame:
        """The first frame, already heard or still to come, that `found` accepts. ConnectionResetError once the socket is closed."""

        def first() -> Frame | None:
            return next((frame for frame in self.heard if found(frame)), None)

        async with self._news:
            try:
                await asyncio.wait_for(self._news.wait_for(lambda: self._over or first() is not None), seconds)
            except TimeoutError:
                raise AssertionError(f"{what} did not come; heard {self.heard[-5:]}") from None
        frame = first()
        if frame is None:
            raise ConnectionResetError(f"the socket closed before {what}; heard {self.heard[-5:]}")
        return frame

    async def send(self, type_: str, /, **members: Any) -> str:
        """Send a command; returns its request id."""
        request = str(next(self._ids))
        await self.socket.send(json.dumps({"type": type_, "id": request, **members}, ensure_ascii=False))
        return request

    async def ask(self, type_: str, /, **members: Any) -> Frame:
        """Send a command and wait for its ack or error."""
        request = await self.send(type_, **members)
        return await self.until(
            lambda f: f.get("id") == request and f["type"] in {"ack", "error", "pong"}, f"an answer to {type_}"
        )

    async def open(self, complaint: str = "头晕三天，血压偏高", **members: Any) -> str:
        """Open a consultation; returns its id."""
        intake = {"client_id": client_id(), "duration": "days", "consents": ["consultation", "privacy"]}
        ack = await self.ask("consultation.open", complaint=complaint, **{**intake, **members})
        assert ack["type"] == "ack", ack
        return str(ack["consultation"])

    async def say(self, consultation: str, text: str, id_: str | None = None) -> Frame:
        return await self.ask("message.send", consultation=consultation, client_id=id_ or client_id(), text=text)

    async def follow(self, consultation: str, since: int = 0) -> None:
        ack = await self.ask("timeline.follow", consultation=consultation, since=since)
        assert ack["type"] == "ack", ack

    async def reads(self, consultation: str, upto: int, seconds: float = PATIENCE_SECONDS) -> list[Frame]:
        """The whole timeline, once it has reached sequence `upto`."""
        await self.until(lambda _: max(self.events.get(consultation, {0: {}})) >= upto, f"event {upto}", seconds)
        return [event for _, event in sorted(self.events[consultation].items())]

    async def closed(self) -> int | None:
        """Wait until the server has closed the socket; returns the close code."""
        await asyncio.wait_for(self.socket.wait_closed(), PATIENCE_SECONDS)
        return self.socket.close_code

    async def close(self) -> None:
        await self.socket.close()
        await self._listening


@asynccontextmanager
async def browser(server: Server, who: str) -> AsyncIterator[Session]:
    """One of the cast, signed in."""
    session = Session(server)
    async with session.http:
        yield await session.sign_in(who)


@asynccontextmanager
async def socket_of(session: Session) -> AsyncIterator[Device]:
    """A device on somebody's session, welcomed by the server."""
    address, origin = f"{session.server.socket_url}/ws/", Origin(session.server.url)
    cookie, offers = {"Cookie": session.cookie}, await session.ticket()
    async with connect(address, origin=origin, additional_headers=cookie, subprotocols=offers, **PATIENT) as socket:
        opened = Device(socket)
        await opened.until(lambda f: f["type"] == "welcome", "welcome")
        try:
            yield opened
        finally:
            await opened.close()


@asynccontextmanager
async def device(server: Server, who: str) -> AsyncIterator[Device]:
    """A device of one of the cast, in a browser of its own."""
    async with browser(server, who) as session, socket_of(session) as opened:
        yield opened


def texts(events: list[Frame]) -> list[str]:
    return [event["body"]["text"] for event in events if event["kind"] == "message.posted"]


NOBODY = str(uuid.UUID(int=7))
