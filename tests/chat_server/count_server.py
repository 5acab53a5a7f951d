"""A server of ours with an application that counts: run as a program, it prints its address.

It answers a body with its length and SHA-256; POST /early answers before it has read anything; POST /slow takes one message
every 50 ms; GET /most says how many bytes were ever waiting.
"""

import asyncio
import hashlib
import os
import sys
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chat_server.settings")
django.setup()

from chat_server import bodies, web  # noqa: E402


async def count(scope: dict[str, Any], receive: Any, send: Any) -> None:
    total, digest, messages, more = 0, hashlib.sha256(), 0, scope["path"] != "/early"
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            print(f"gone after {total}", flush=True)
            return
        messages += 1
        total += len(message["body"])
        digest.update(message["body"])
        more = message["more_body"]
        if scope["path"] == "/slow":
            await asyncio.sleep(0.05)
    answer = f"{total} {digest.hexdigest()} {messages}".encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(answer)).encode())]})
    await send({"type": "http.response.body", "body": answer})


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    inner = bodies.bounded(count) if scope["path"] == "/bounded" else count
    await inner(scope, receive, send)


if __name__ == "__main__":
    web.server(application, "127.0.0.1", 0, None, lambda address: print(address, flush=True)).run()
    sys.exit(0)
