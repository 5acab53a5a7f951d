"""The network between a browser and the server, to be cut and mended; it can also close every WebSocket, as some hospitals' proxies do."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from urllib.parse import urlsplit

PIECE = 65_536


class Network:
    """Passes connections on to `server`. `refused` counts the WebSockets that it closed."""

    def __init__(self, server: str, *, sockets: bool = True) -> None:
        parts = urlsplit(server)
        assert parts.hostname is not None
        assert parts.port is not None
        self._server = (parts.hostname, parts.port)
        self._sockets = sockets
        self._open: list[socket.socket] = []
        self._opening = threading.Lock()
        self._ended = False
        self._kept = socket.socket()  # bound and never listening: while the network is cut, nobody else is given its port
        self._kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._kept.bind(("127.0.0.1", 0))
        self._port: int = self._kept.getsockname()[1]
        self.refused = 0
        self.mend()
        self.url = f"http://127.0.0.1:{self._port}"

    def mend(self) -> None:
        door = socket.create_server(("127.0.0.1", self._port))
        self._keep(door)
        _start(partial(self._welcome, door))

    def cut(self) -> None:
        """Close everything that is open; who calls finds nobody."""
        with self._opening:
            for one in self._open:
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
                one.close()
            self._open.clear()

    def end(self) -> None:
        self._ended = True
        self.cut()
        self._kept.close()

    def _keep(self, one: socket.socket) -> None:
        """Remember what is to be closed; what a thread opens behind the end is closed at once."""
        with self._opening:
            if self._ended:
                one.close()
            else:
                self._open.append(one)

    def _welcome(self, door: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the door was closed
            while True:
                client, _ = door.accept()
                self._keep(client)
                _start(partial(self._serve, client))

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            first = client.recv(PIECE)
            if not self._sockets and first.startswith(b"GET /ws/"):
                self.refused += 1
                client.close()
                return
            server = socket.create_connection(self._server)
            self._keep(server)
            server.sendall(first)
            _start(partial(_pass_on, server, client))
            _pass_on(client, server)


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(PIECE):
            target.sendall(piece)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def _start(work: Callable[[], None]) -> None:
    threading.Thread(target=work, daemon=True).start()


@contextmanager
def network(server: str, *, sockets: bool = True) -> Iterator[Network]:
    made = Network(server, sockets=sockets)
    try:
        yield made
    finally:
        made.end()
