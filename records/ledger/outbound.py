"""The ledger's own calls to other machines: to configured addresses only, never redirected, bounded in time and size."""

from __future__ import annotations

import time
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final, NamedTuple
from urllib.parse import urlsplit

CONNECT_S: Final = 5.0  # also between two pieces of an answer
WHOLE_S: Final = 20.0
LIMIT: Final = 65_536  # bytes of an answer
PIECE: Final = 8192


class Unreachable(Exception):
    """No answer, or none that can be used; the message says why."""


class Answer(NamedTuple):
    status: int
    kind: str  # the media type, without parameters
    body: bytes


def is_address(url: str) -> bool:
    """Whether `url` is one that can be asked."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0 and not parts.query
    except ValueError:
        return False


def ask(url: str, body: bytes | None = None, kind: str = "text/plain; charset=utf-8") -> Answer:
    """GET, or POST where there is a body. A redirect is an answer like any other. Raises Unreachable."""
    if not is_address(url):
        raise Unreachable(f"{url} is no http or https address")
    parts = urlsplit(url)
    make = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = make(str(parts.hostname), parts.port, timeout=CONNECT_S)
    headers = {"User-Agent": "xinqiao"} | ({} if body is None else {"Content-Type": kind})
    try:
        connection.request("GET" if body is None else "POST", parts.path or "/", body, headers)
        return _read(connection)
    except (OSError, HTTPException, ValueError) as error:
        raise Unreachable(f"{type(error).__name__}: {error}") from None
    finally:
        connection.close()


def _read(connection: HTTPConnection) -> Answer:
    response, until = connection.getresponse(), time.monotonic() + WHOLE_S
    body = b""
    while piece := response.read1(PIECE):
        body += piece
        if len(body) > LIMIT or time.monotonic() > until:
            raise ValueError("the answer is too long or too slow")
    return Answer(response.status, response.headers.get_content_type(), body)
