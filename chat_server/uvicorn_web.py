"""uvicorn, set up as Daphne is in web.py: the second server for the same application (`manage.py serve --server uvicorn`).

None of Daphne's work-arounds are needed here: it streams bodies both ways by itself. Needs the extra `uvicorn`.
"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import uvicorn

from chat_server import daphne_tuning
from chat_server.web import CLOSE_SECONDS, FRAME_BYTES, url

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

PING_SECONDS = 20.0


class Server(uvicorn.Server):
    """Tells where it listens, and ends its run without raising the signal that asked for it again."""

    abort_start = False

    def __init__(self, config: uvicorn.Config, announce: Callable[[str], None]) -> None:
        super().__init__(config)
        self._announce = announce

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        # uvicorn raises a signal once more for the handler that was there before it: the default one would end the process at once.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        try:
            super().run(sockets)
        except SystemExit:  # it could not listen, and said so
            self.abort_start = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        daphne_tuning.settle_memory()
        if self.started:
            self._announce(self.config.uds or url(*self.servers[0].sockets[0].getsockname()[:2]))


def server(application: Any, host: str, port: int, unix: str | None, announce: Callable[[str], None]) -> Server:
    """Return uvicorn with `application`, to listen on `host`:`port` or on the socket `unix`; `announce` is told the address."""
    place: dict[str, Any] = {"uds": unix} if unix else {"host": host, "port": port}
    config = uvicorn.Config(
        application,
        **place,
        loop="chat_server.daphne_tuning:event_loop",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=FRAME_BYTES,
        ws_ping_interval=PING_SECONDS,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # who asks is read where it matters, and only behind the proxy (records/sessions.py)
        timeout_graceful_shutdown=CLOSE_SECONDS,
    )
    return Server(config, announce)
