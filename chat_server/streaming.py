"""Bodies under Daphne: requests' never on disk and handed over while they arrive, answers' no faster than they are read.

Daphne starts the application only when the whole body is there, and Twisted keeps a body of 100 kB and more in a temporary file.
For us that file would be a patient's voice in clear. Here a body up to MEMORY_BYTES waits in memory as before; a longer one, or
one of unknown length, starts its application at once and then comes in as `http.request` messages, never more than WAITING_BYTES
ahead of what the application has taken.

The other way round Daphne takes an answer in pieces as fast as the application makes them, so that a slow listener's recording
would wait in memory whole. Here the application's `send` waits until the connection has room.
"""

import asyncio
from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any

from daphne import http_protocol
from daphne.server import Server

from chat_server.websockets import QuickSocket
from consult.sockets.sendqueue import DIRECT

MEMORY_BYTES = 256 * 1024
WAITING_BYTES = 1024 * 1024
# Nothing the product takes is longer (a recording has at most 200 MiB); what is, is cut off.
MOST_BYTES = 256 * 1024 * 1024

REQUEST = "xinqiao.request"

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Application = Callable[[dict[str, Any], Receive, Callable[[Message], Awaitable[None]]], Awaitable[None]]


class StreamedRequest(http_protocol.WebRequest):  # type: ignore[misc]  # Daphne has no types
    """Daphne's request, which reads long bodies as they come. Every method runs on the reactor's thread."""

    streamed = False  # the application has started before the body was complete
    complete = True  # the whole body is here
    answered = False  # the application has finished while the body still comes in
    paused = False
    received = 0
    waiting = 0  # bytes that the application has not taken yet
    room: asyncio.Event | None = None  # set while the connection takes more of the answer

    def gotLength(self, length: int | None) -> None:
        """Decide by the declared length (None: chunked) how this body is read."""
        self.content = BytesIO()
        if length is not None and length <= MEMORY_BYTES:
            return
        if self.requestHeaders.hasHeader(b"Upgrade") or (length or 0) > MOST_BYTES:
            self.channel.loseConnection()
            return
        self.streamed, self.complete = True, False
        super().requestReceived(self.channel._command, self.channel._path, self.channel._version)
        if self.application_queue is not None:
            # Daphne has just told the application that the (still empty) body is complete; it has not run yet.
            self.application_queue.get_nowait()

    def handleContentChunk(self, data: bytes) -> None:
        self.received += len(data)
        if not self.streamed:
            super().handleContentChunk(data)
        elif self.received > MOST_BYTES:
            self.channel.loseConnection()
        elif self.application_queue is not None and not self.answered:
            self.waiting += len(data)
            self.application_queue.put_nowait({"type": "http.request", "body": data, "more_body": True})
            self._steer()

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """The body has ended."""
        if not self.streamed:
            super().requestReceived(command, path, version)
            return
        self.complete = True
        if self.answered:
            super().finish()
        elif self.application_queue is not None:
            self.application_queue.put_nowait({"type": "http.request", "body": b"", "more_body": False})

    def finish(self) -> None:
        """End the exchange; an early answer waits for the rest of the body, which a client sends before it reads."""
        if self.producer is not None:
            self.unregisterProducer()
        if self.complete:
            super().finish()
            return
        self.answered = True
        self.waiting = 0
        self._steer()

    def taken(self, size: int) -> None:
        """The application has taken `size` bytes of the body."""
        self.waiting = max(0, self.waiting - size)
        self._steer()

    async def has_room(self) -> None:
        """Return when the connection has taken what was written, or is gone."""
        if self.channel is None or self.finished:
            return
        if self.room is None:
            self.room = asyncio.Event()
            self.room.set()
            self.registerProducer(self, streaming=True)
        await self.room.wait()

    # Twisted's names: the transport calls them when its buffer is full, when it is empty, and when it is closed.
    def pauseProducing(self) -> None:
        if self.room is not None:
            self.room.clear()

    def resumeProducing(self) -> None:
        if self.room is not None:
            self.room.set()

    def stopProducing(self) -> None:
        self.resumeProducing()

    def connectionLost(self, reason: Any) -> None:
        self.resumeProducing()
        super().connectionLost(reason)

    def _steer(self) -> None:
        """Stop reading from a client that is far ahead of the application, and start again when it has caught up."""
        ahead = self.waiting > WAITING_BYTES
        if ahead == self.paused or self.channel is None:
            return
        self.paused = ahead
        producer = self.channel._networkProducer
        (producer.pauseProducing if ahead else producer.resumeProducing)()


class StreamingServer(Server):  # type: ignore[misc]  # Daphne has no types
    """Daphne's server with such requests."""

    def __init__(self, application: Application, **options: Any) -> None:
        super().__init__(application=steered(application), **options)
        # Daphne's factory looks the class up in its module for every connection.
        http_protocol.WebRequest = StreamedRequest

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        if getattr(protocol, "streamed", False):
            scope[REQUEST] = protocol
        elif isinstance(protocol, QuickSocket):
            scope[DIRECT] = protocol
        return super().create_application(protocol, scope)

    async def handle_reply(self, protocol: Any, message: Message) -> None:
        await super().handle_reply(protocol, message)
        unfinished = message["type"] == "http.response.body" and message.get("more_body", False)
        if unfinished or message["type"] == "websocket.send":
            await protocol.has_room()


def steered(application: Application) -> Application:
    """Return `application` with every streamed request told how much of its body was taken."""

    def run(scope: dict[str, Any], receive: Receive, send: Callable[[Message], Awaitable[None]]) -> Awaitable[None]:
        request = scope.pop(REQUEST, None)
        if request is None:
            return application(scope, receive, send)

        async def take() -> Message:
            message = await receive()
            request.taken(len(message.get("body", b"")))
            return message

        return application(scope, take, send)

    return run
