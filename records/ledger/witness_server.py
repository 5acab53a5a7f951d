"""The witness's HTTP: two addresses, small bodies, no wait without an end."""

from __future__ import annotations

import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar, Final

import structlog

from records.ledger.witness import MAX_BODY, SIZE_TYPE, RefusedCheckpoint, Witness

if TYPE_CHECKING:
    from collections.abc import Sequence

log = structlog.get_logger(__name__)

WAIT_S: Final = 10.0  # for each part of a request
PLAIN: Final = "text/plain; charset=utf-8"


class Handler(BaseHTTPRequestHandler):
    """`POST /add-checkpoint`, and `GET /<SHA-256 of the origin>/checkpoint`: what was cosigned last, for monitors."""

    protocol_version = "HTTP/1.1"
    server_version = "xinqiao-witness"
    sys_version = ""
    timeout = WAIT_S
    witness: ClassVar[Witness]

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if self.path != "/add-checkpoint":
            self._answer(404, PLAIN, "no such address\n")
        elif not length.isdecimal() or int(length) > MAX_BODY:
            self.close_connection = True  # what follows is not read
            self._answer(413, PLAIN, "the body is too long, or its length is not given\n")
        else:
            self._cosign(self.rfile.read(int(length)))

    def do_GET(self) -> None:
        name, _, rest = self.path.removeprefix("/").partition("/")
        note = self.witness.latest(name) if rest == "checkpoint" else None
        if note is None:
            self._answer(404, PLAIN, "nothing was cosigned\n")
        else:
            self._answer(200, PLAIN, note)

    def _cosign(self, body: bytes) -> None:
        try:
            line = self.witness.add_checkpoint(body)
        except RefusedCheckpoint as refused:
            log.warning("witness_refused", status=refused.status, reason=str(refused))
            self._answer(refused.status, PLAIN if refused.size is None else SIZE_TYPE, refused.body)
        except OSError as error:
            log.critical("witness_cannot_remember", reason=error.strerror)
            self._answer(500, PLAIN, "the witness cannot remember\n")
        else:
            self._answer(200, PLAIN, line)

    def _answer(self, status: int, kind: str, body: str) -> None:
        raw = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """What was refused is logged above; what was cosigned is in the state."""


class WitnessServer(ThreadingHTTPServer):
    """Listens when made; `serve_forever` answers."""

    daemon_threads = True

    def __init__(self, host: str, port: int, witness: Witness) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), type("BoundHandler", (Handler,), {"witness": witness}))

    @property
    def url(self) -> str:
        host, port = self.server_address[:2]
        shown = str(host)
        return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"

    def handle_error(self, request: Any, client_address: Sequence[Any] | Any) -> None:
        log.warning("witness_connection_lost")
