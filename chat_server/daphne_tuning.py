"""Daphne and autobahn, made to cost less: each work-around with its reason and a switch.

XINQIAO_DAPHNE_PLAIN names those to leave off, separated by commas, should one ever be suspected: uvloop, colours, frames, gc.
What each of them saves stands in docs/benchmarks.md. Waiting for a slow reader is no work-around and has no switch.
"""

from __future__ import annotations

import asyncio
import gc
from typing import Any, Final

import uvloop
from autobahn.twisted import websocket as autobahn_adapter
from autobahn.websocket import protocol as autobahn_protocol

from chat_server import environment as env

GC_THRESHOLD: Final = (50_000, 20, 50)


def plain() -> list[str]:
    """The work-arounds that this deployment leaves off."""
    return env.listed("XINQIAO_DAPHNE_PLAIN")


def event_loop() -> asyncio.AbstractEventLoop:
    """uvloop instead of the standard loop: less CPU for each frame."""
    return asyncio.new_event_loop() if "uvloop" in plain() else uvloop.new_event_loop()


def apply() -> None:
    """Put the sockets' work-arounds in place. Once, after the reactor is installed and before the server runs."""
    from daphne.ws_protocol import WebSocketFactory  # noqa: PLC0415 (imports the reactor)

    from chat_server.websockets import QuickSocket, Socket  # noqa: PLC0415

    if "colours" not in plain():
        stop_colouring()
    WebSocketFactory.protocol = Socket if "frames" in plain() else QuickSocket


def stop_colouring() -> None:
    """autobahn colours the arguments of its debug lines before it asks whether anybody wants them, as soon as click is installed,
    and Celery installs it. And it prints its options prettily for every socket that opens."""
    for module in (autobahn_adapter, autobahn_protocol):
        for name in ("hl", "hlid", "hltype", "hlval", "pformat"):
            if hasattr(module, name):
                setattr(module, name, _as_it_is)


def _as_it_is(value: Any, *_: Any, **__: Any) -> Any:
    return value


def settle_memory() -> None:
    """What is loaded by now stays for good: the collector need not look at it again, and looks at the rest less often.

    A message leaves no cycles; full collections over everything that was imported only stop the loop.
    """
    if "gc" not in plain():
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GC_THRESHOLD)
