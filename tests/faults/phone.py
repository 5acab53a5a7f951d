"""A device that nothing discourages, as the product's own: an outbox, a transcript, and a socket that comes back."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException
from websockets.typing import Origin

from records.demo import demo_id
from tests.consult.device import Frame, Session, SignedOut, client_id
from tests.deployment import PATIENCE_SECONDS

AGAIN_SECONDS = 0.05
RECONNECT_SECONDS = 0.1
HANDSHAKE_SECONDS = 10.0
Address = Callable[[], str]


class Phone:
    """One device of one person in one consultation.

    `events` is what it has heard, gapless from 1 over all its connections. `outbox` is every durable act it ever tried, by client id,
    in order, and `said` the words of those that are messages; `acked` has the sequence numbers of those that were acknowledged, `refused`
    the codes of those that never will be. What contradicts what it knew before goes to `wrong`.
    """

    def __init__(self, page: Session, who: str, case: str, address: Address, patience: float = 1.0) -> None:
        self.page, self.who, self.person, self.case = page, who, str(demo_id(who)), case
        self.address = address  # http://..., asked for at each connection
        self.patience = patience  # seconds until what was not answered is sent again
        self.events: dict[int, Frame] = {}
        self.outbox: dict[str, Frame] = {}
        self.acked: dict[str, int] = {}
        self.refused: dict[str, str] = {}
        self.read: dict[str, int] = {}  # how far everybody has read, as this device heard
        self.wrong: list[str] = []
        self.frames: list[Frame] = []  # what came since the last connection
        self._socket: ClientConnection | None = None
        self._requests = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Frame | None]] = {}
        self._acts: dict[str, str] = {}  # request -> client id
        self._follows: set[str] = set()  # requests
        self._news = asyncio.Condition()
        self._living: asyncio.Task[None] | None = None

    @property
    def upto(self) -> int:
        return len(self.events)

    @property
    def said(self) -> dict[str, str]:
        return {id_: act["text"] for id_, act in self.outbox.items() if act["type_"] == "message.send"}

    @property
    def unanswered(self) -> list[str]:
        return [id_ for id_ in self.outbox if id_ not in self.acked and id_ not in self.refused]

    @property
    def online(self) -> bool:
        return self._socket is not None

    # --- the connection ---

    def switch_on(self) -> None:
        if self._living is None:
            self._living = asyncio.create_task(self._live())

    async def switch_off(self) -> None:
        """Go offline without a farewell; what it knows and wants to say stays."""
        if self._living is not None:
            self._living.cancel()
            with suppress(asyncio.CancelledError):
                await self._living
            self._living = None

    async def _live(self) -> None:
        while True:
            with suppress(OSError, TimeoutError, WebSocketException):
                await self._connected(self.address())
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _connected(self, url: str) -> None:
        cookie, origin = {"Cookie": self.page.cookie}, Origin(url)
        address = f"ws://{urlsplit(url).netloc}/ws/"
        try:
            ticket = await self.page.ticket(url)
        except SignedOut:
            await self._hear({"type": "error", "id": None, "code": "signed_out", "retry": False})
            raise
        async with connect(
            address,
            origin=origin,
            additional_headers=cookie,
            subprotocols=ticket,
            compression=None,
            open_timeout=HANDSHAKE_SECONDS,
            close_timeout=0.1,
        ) as socket:
            try:
                self.frames = []
                self._socket = socket
                await self.follow()
                async for text in socket:
                    await self._hear(json.loads(text))
            finally:
                self._socket = None
                self._lost()

    def _lost(self) -> None:
        """Whoever waits for an answer need not wait any longer."""
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result(None)

    # --- what it says ---

    async def tell(self, type_: str, **members: Any) -> str | None:
        """Send a command to the consultation; returns its request id, or None when it could not leave."""
        request = str(next(self._requests))
        if "client_id" in members:
            self._acts[request] = members["client_id"]
        if self._socket is None:
            return None
        about = {} if type_ == "ping" else {"consultation": self.case}
        frame = {"type": type_, "id": request, **about, **members}
        try:
            await self._socket.send(json.dumps(frame, ensure_ascii=False))
        except WebSocketException:
            return None
        return request

    async def ask(self, type_: str, **members: Any) -> Frame | None:
        """Send a command once; returns its answer, or None when none came in time or the connection was lost."""
        request = await self.tell(type_, **members)
        if request is None:
            await asyncio.sleep(AGAIN_SECONDS)
            return None
        self._waiting[request] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(self.patience):
                return await self._waiting[request]
        except TimeoutError:
            return None
        finally:
            del self._waiting[request]

    async def act(self, type_: str, **members: Any) -> Frame:
        """Send a command until it is answered; a refusal that says `retry` is no answer."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                answer = await self.ask(type_, **members)
                if answer is not None and not answer.get("retry"):
                    return answer
                if answer is not None:
                    await asyncio.sleep(AGAIN_SECONDS)

    def plan(self, type_: str, **members: Any) -> str:
        """Put a durable act into the outbox; returns its client id."""
        id_ = client_id()
        self.outbox[id_] = {"type_": type_, "client_id": id_, **members}
        return id_

    def note(self, text: str) -> str:
        """Put a message into the outbox; returns its client id."""
        return self.plan("message.send", text=text)

    async def send(self, *ids: str) -> None:
        """Send acts of the outbox once, waiting for no answer."""
        for id_ in ids:
            await self.tell(**self.outbox[id_])

    async def repeat(self, id_: str) -> int:
        """Send an act until it is acknowledged; returns its sequence number."""
        answer = await self.act(**self.outbox[id_])
        assert answer["type"] == "ack", answer
        return int(answer["seq"])

    async def say(self, text: str) -> int:
        """Say something until it is acknowledged; returns its sequence number."""
        return await self.repeat(self.note(text))

    async def follow(self) -> None:
        request = await self.tell("timeline.follow", since=self.upto)
        self._follows.add(request or "")

    # --- what it hears ---

    def transcript(self) -> list[Frame]:
        """The consultation as this device shows it: a retracted message has no words any more."""
        shown = dict(self.events)
        for event in self.events.values():
            if event["kind"] == "message.retracted":
                gone = event["body"]["of"]
                shown[gone] = {**shown[gone], "kind": "message.retracted_original", "body": {}}
        return list(shown.values())

    async def _hear(self, frame: Frame) -> None:
        self.frames.append(frame)
        match frame["type"]:
            case "timeline":
                self._take(frame["events"])
                if self.upto < frame["upto"]:
                    await self.follow()  # something before it was lost
            case "cursors":
                for cursor in frame["cursors"]:
                    self.read[cursor["person"]] = max(self.read.get(cursor["person"], 0), cursor["read"])
            case "ack" | "error" | "pong":
                self._answered(frame)
                if frame["type"] == "error" and frame["retry"] and frame["id"] in self._follows:
                    await asyncio.sleep(AGAIN_SECONDS)
                    await self.follow()
        async with self._news:
            self._news.notify_all()

    def _take(self, events: list[Frame]) -> None:
        for event in events:
            seq = event["seq"]
            if seq == self.upto + 1:
                self.events[seq] = event
            elif seq <= self.upto and not same(self.events[seq], event):
                self.wrong.append(f"{self.events[seq]} became {event}")

    def _answered(self, frame: Frame) -> None:
        act = self._acts.get(frame["id"] or "")
        if act is not None and frame["type"] == "ack":
            self.refused.pop(act, None)
            if self.acked.setdefault(act, frame["seq"]) != frame["seq"]:
                self.wrong.append(f"{act} was acknowledged as {self.acked[act]} and as {frame['seq']}")
        elif act is not None and frame["type"] == "error" and not frame["retry"]:
            self.refused[act] = frame["code"]
        waiting = self._waiting.get(frame["id"] or "")
        if waiting is not None and not waiting.done():
            waiting.set_result(frame)

    async def until(self, condition: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait for something that a frame brings."""
        async with self._news:
            try:
                async with asyncio.timeout(seconds):
                    await self._news.wait_for(condition)
            except TimeoutError:
                raise AssertionError(f"{self.who}: no {what} within {seconds} s, but {self.upto} events") from None

    async def reaches(self, seq: int, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until the transcript has got that far, by itself."""
        await self.until(lambda: self.upto >= seq, f"event {seq}", seconds)

    async def catches_up(self, seq: int) -> None:
        """Ask until the transcript has got that far: what a device does that was told of the head, or is opened again."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self.upto < seq:
                await self.follow()
                with suppress(AssertionError):
                    await self.reaches(seq, self.patience)


def same(known: Frame, event: Frame) -> bool:
    """Whether a device that hears an event again hears the same; a retracted message has lost its words meanwhile."""
    return known == event or {known["kind"], event["kind"]} == {"message.posted", "message.retracted_original"}


@asynccontextmanager
async def phones(*made: Phone) -> AsyncIterator[tuple[Phone, ...]]:
    """The devices, switched on until the end of the block."""
    for phone in made:
        phone.switch_on()
    try:
        yield made
    finally:
        for phone in made:
            await phone.switch_off()
