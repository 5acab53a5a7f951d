"""The Janus API over a WebSocket on a UNIX socket: one session, its handles, its transactions. Lives on one event loop.

https://janus.conf.meetecho.com/docs/rest.html. The socket is the only way in: no browser, and no other machine, speaks to Janus.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from websockets.asyncio.client import unix_connect
from websockets.exceptions import WebSocketException

from consult.rooms.media import MediaError

if TYPE_CHECKING:
    from collections.abc import Callable

    from websockets.asyncio.client import ClientConnection

logger = logging.getLogger(__name__)

ANSWER_SECONDS: Final = 5.0
ALIVE_SECONDS: Final = 25.0  # Janus ends a session of which it hears nothing for 60 s
MAX_MESSAGE: Final = 512 * 1024
INFO: Final = "info"  # of the server, and of no session
PLUGIN: Final = "janus.plugin.videoroom"

Message = dict[str, Any]


class Session:
    """Opened by `opened`; `gone` is set once it is over, however that came."""

    def __init__(self, socket: ClientConnection, secret: str) -> None:
        self._socket, self._secret = socket, secret
        self._id = 0
        self._asked: dict[str, asyncio.Future[Message]] = {}
        self._handles: dict[int, Callable[[Message], None]] = {}
        self.gone = asyncio.Event()
        self._staying = asyncio.ensure_future(self._stay())
        self._listening = asyncio.ensure_future(self._listen())

    async def close(self) -> None:
        """End it, and every connection for media with it."""
        with suppress(MediaError):
            await self.ask("destroy")
        await self._socket.close()
        self._listening.cancel()
        self._over()

    async def attach(self, listen: Callable[[Message], None]) -> int:
        """A handle of the VideoRoom plugin; `listen` hears what Janus says of it unasked."""
        handle: int = (await self.ask("attach", plugin=PLUGIN))["data"]["id"]
        self._handles[handle] = listen
        return handle

    async def detach(self, handle: int) -> None:
        """Never raises: with the session the handle is gone too."""
        self._handles.pop(handle, None)
        with suppress(MediaError):
            await self.ask("detach", handle)

    async def request(self, handle: int, body: Message, jsep: Message | None = None) -> Message:
        """Ask the plugin; returns the whole answer: its `plugindata.data`, and a `jsep` where there is one. Raises MediaError."""
        answer = await self.ask("message", handle, body=body, **({} if jsep is None else {"jsep": jsep}))
        data = answer["plugindata"]["data"]
        if "error_code" in data:
            raise MediaError(data["error_code"], data.get("error", ""))
        return answer

    async def ask(self, what: str, handle: int | None = None, **more: object) -> Message:
        """Send one request and wait for its answer. Raises MediaError."""
        transaction = secrets.token_hex(8)
        message = {"janus": what, "transaction": transaction, "apisecret": self._secret, **more}
        if self._id and what != INFO:
            message["session_id"] = self._id
        if handle is not None:
            message["handle_id"] = handle
        self._asked[transaction] = answer = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._socket.send(json.dumps(message))
                found: Message = await answer
        except (OSError, WebSocketException, TimeoutError) as error:
            raise MediaError(0, f"no answer to {what}: {type(error).__name__}") from error
        finally:
            self._asked.pop(transaction, None)
        if found["janus"] == "error":
            raise MediaError(found["error"]["code"], found["error"]["reason"])
        if what == "create":
            self._id = found["data"]["id"]
        return found

    async def _listen(self) -> None:
        try:
            async for text in self._socket:
                self._heard(json.loads(text))
                if self.gone.is_set():
                    break
        except (OSError, WebSocketException, ValueError) as error:
            logger.warning("the media server is gone: %s", type(error).__name__)
        finally:
            self._over()
            await self._socket.close()

    def _heard(self, message: Message) -> None:
        asked = self._asked.get(message.get("transaction", ""))
        if asked is not None:
            # A plugin's answer comes as an event of its own; that the request was received says nothing yet.
            if (message["janus"] != "ack" or "data" in message) and not asked.done():
                asked.set_result(message)
        elif message["janus"] == "timeout":
            self._over()
        elif (listen := self._handles.get(message.get("sender", 0))) is not None:
            listen(message)

    def _over(self) -> None:
        self.gone.set()
        self._staying.cancel()
        for answer in self._asked.values():
            if not answer.done():
                answer.set_result({"janus": "error", "error": {"code": 0, "reason": "the media server is gone"}})

    async def _stay(self) -> None:
        while True:
            await asyncio.sleep(ALIVE_SECONDS)
            # Answered by a bare acknowledgement, which nobody waits for.
            message = {
                "janus": "keepalive",
                "transaction": secrets.token_hex(8),
                "apisecret": self._secret,
                "session_id": self._id,
            }
            with suppress(OSError, WebSocketException):
                await self._socket.send(json.dumps(message))


async def opened(path: str, secret: str) -> Session:
    """Connect, and begin a session. Raises MediaError."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            socket = await unix_connect(path, "ws://janus/", subprotocols=["janus-protocol"], max_size=MAX_MESSAGE)
    except (OSError, WebSocketException, TimeoutError) as error:
        raise MediaError(0, f"no media server at {path}: {type(error).__name__}") from error
    session = Session(socket, secret)
    try:
        await session.ask("create")
    except MediaError:
        await session.close()
        raise
    return session
