"""Daphne, set up for this product: one place for its limits and for the event loop that it runs on."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import uvloop
from twisted.internet import asyncioreactor

if TYPE_CHECKING:
    from daphne.server import Server

# The largest frame of the protocol is a call description behind an SFU (96 KiB); the consumer answers with a coded error above
# its own limits, and past this one the connection is closed before the rest is read.
FRAME_BYTES = 256 * 1024
HANDSHAKE_SECONDS = 5
CLOSE_SECONDS = 5


def server(host: str, port: int, unix: str | None, announce: Callable[[str], None]) -> "Server":
    """Return a Daphne server that listens on `host`:`port` or on the socket `unix`, and calls `announce` with its address.

    Must run in the main thread, before anything else imports Twisted's reactor: the reactor takes its event loop once.
    """
    asyncioreactor.install(uvloop.new_event_loop())  # type: ignore[no-untyped-call]
    # Both import the reactor that was just installed.
    from daphne.endpoints import build_endpoint_description_strings  # noqa: PLC0415
    from daphne.server import Server  # noqa: PLC0415
    from twisted.internet import reactor  # noqa: PLC0415

    from chat_server.asgi import application  # noqa: PLC0415 (loads every consumer)

    place = {"unix_socket": unix} if unix else {"host": host, "port": port}
    daphne = Server(
        application=application,
        endpoints=build_endpoint_description_strings(**place),
        server_name="xinqiao",
        websocket_handshake_timeout=HANDSHAKE_SECONDS,
        websocket_max_message_size=FRAME_BYTES,
        websocket_max_frame_size=FRAME_BYTES,
        application_close_timeout=CLOSE_SECONDS,
        verbosity=0,
    )

    def started() -> None:
        if not daphne.abort_start and (unix or daphne.listening_addresses):
            announce(unix or _url(*daphne.listening_addresses[0]))

    reactor.callWhenRunning(started)
    return daphne


def _url(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
