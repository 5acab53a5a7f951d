"""A bound on what Django reads: past it, Django would put the body into a temporary file in clear."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from records.api.errors import TOO_BIG, answer

# Above any form or JSON of the interface; recordings do not come this way. Settings keep Django's own threshold higher.
MOST_BYTES = 1024 * 1024

Message = Mapping[str, Any]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def bounded(application: Application, most: int = MOST_BYTES) -> Application:
    """Return `application` with bodies over `most` bytes answered with 413 instead of read."""

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        if declared(scope) > most:
            await refuse(send)
            return
        taken = 0

        async def take() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken <= most:
                return message
            await refuse(send)
            return {"type": "http.disconnect"}

        await application(scope, take, send)

    return run


def declared(scope: Scope) -> int:
    """Return the body's declared length, or 0 where none is declared."""
    lengths = [value for name, value in scope.get("headers", []) if name == b"content-length"]
    return int(lengths[0]) if lengths and lengths[0].isdigit() else 0


async def refuse(send: Send) -> None:
    response = answer(TOO_BIG)
    headers = [(name.lower().encode(), value.encode()) for name, value in response.items()]
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": response.content})
