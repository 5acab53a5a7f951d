"""Daphne, set up for this product: one place for its limits and for the event loop that it runs on."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from twisted.internet import asyncioreactor

from chat_server import daphne_tuning

if TYPE_CHECKING:
    from chat_server.streaming import StreamingServer

# Room for somebody who pastes a whole book: up to here the consumer answers above its own limits with a coded error, and the socket
# goes on. Past it the connection is closed before the rest is read.
FRAME_BYTES = 1280 * 1024
HANDSHAKE_SECONDS = 5
CLOSE_SECONDS = 5


def server(application: Any, host: str, port: int, unix: str | None, announce: Callable[[str], None]) -> "StreamingServer":
    """Return Daphne with `application`, to listen on `host`:`port` or on the socket `unix`; `announce` is told the address.

    Must run in the main thread, before anything else imports Twisted's reactor: the reactor takes its event loop once.
    """
    asyncioreactor.install(daphne_tuning.event_loop())  # type: ignore[no-untyped-call]
    daphne_tuning.apply()
    # Both import the reactor that was just installed.
    from daphne.endpoints import build_endpoint_description_strings  # noqa: PLC0415
    from twisted.internet import reactor  # noqa: PLC0415

    from chat_server.streaming import StreamingServer  # noqa: PLC0415

    place = {"unix_socket": unix} if unix else {"host": host, "port": port}
    daphne = StreamingServer(
        application,
        endpoints=build_endpoint_description_strings(**place),
        server_name="xinqiao",
        websocket_handshake_timeout=HANDSHAKE_SECONDS,
        websocket_max_message_size=FRAME_BYTES,
        websocket_max_frame_size=FRAME_BYTES,
        application_close_timeout=CLOSE_SECONDS,
        verbosity=0,
    )

    def started() -> None:
        daphne_tuning.settle_memory()
        if not daphne.abort_start and (unix or daphne.listening_addresses):
            announce(unix or url(*daphne.listening_addresses[0]))

    reactor.callWhenRunning(started)
    return daphne


def url(host: str, port: int) -> str:
    """Where a listening server is reached."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
