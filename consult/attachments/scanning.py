"""Asking ClamAV's daemon about a file before anybody may open it: clamd(8), command INSTREAM, over its socket.

XINQIAO_CLAMD names the socket; empty: nothing is scanned. Where it is set, nothing is accepted unscanned.
"""

from __future__ import annotations

import re
import socket
import struct
from typing import Final
from urllib.parse import urlsplit

import structlog
from django.conf import settings

from records.errors import ErrorKind, Refused

log = structlog.get_logger(__name__)

CONNECT_SECONDS: Final = 5
ANSWER_SECONDS: Final = 60
CHUNK: Final = 262_144
MOST_ANSWERED: Final = 4096
PORT: Final = 3310
FOUND: Final = re.compile(r"stream: (.+) FOUND\s*", re.DOTALL)

SCANNER_DOWN: Final = ErrorKind(
    "attachment.scanner_down",
    503,
    "安全检查暂时不可用，文件还没有发出。请稍后再试。",
    "The safety check is not available right now, so the file was not sent. Please try again later.",
    retry=True,
)
INFECTED: Final = ErrorKind(
    "attachment.infected",
    422,
    "这个文件没有通过安全检查，不能发送。如果是检查单，可以拍照发送。",
    "This file did not pass the safety check and cannot be sent. If it is a report, you can send a photo of it.",
)


class Infected(Exception):
    """The scanner knows this file; the message is the signature's name, which says nothing about the sender's content."""


def scan(data: bytes) -> None:
    """Return when the file is clean or no scanner is configured. Raises Infected, and Refused(SCANNER_DOWN)."""
    if not settings.XINQIAO_CLAMD:
        return
    try:
        answer = _asked(settings.XINQIAO_CLAMD, data)
    except (OSError, ValueError) as error:
        log.error("scanner.down", error=type(error).__name__)  # noqa: TRY400 - a traceback may hold what was sent
        raise Refused(SCANNER_DOWN) from error
    if answer == "stream: OK":
        return
    if found := FOUND.fullmatch(answer):
        raise Infected(found[1][:100])
    log.error("scanner.unclear", answer=answer[:200])  # for example a size limit set lower than ours
    raise Refused(SCANNER_DOWN)


def _asked(address: str, data: bytes) -> str:
    """One conversation. Raises OSError, and ValueError for an address that is none."""
    with _connected(address) as connection:
        connection.settimeout(ANSWER_SECONDS)
        connection.sendall(b"zINSTREAM\0")
        for start in range(0, len(data), CHUNK):
            piece = data[start : start + CHUNK]
            connection.sendall(struct.pack(">I", len(piece)) + piece)
        connection.sendall(struct.pack(">I", 0))
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < MOST_ANSWERED:
            part = connection.recv(MOST_ANSWERED)
            if not part:
                break
            answer += part
    return answer.rstrip(b"\0").decode("utf-8", "replace").strip()


def _connected(address: str) -> socket.socket:
    """unix:///run/clamav/clamd.ctl or tcp://host:3310."""
    parts = urlsplit(address)
    if parts.scheme == "tcp" and parts.hostname:
        return socket.create_connection((parts.hostname, parts.port or PORT), CONNECT_SECONDS)
    if parts.scheme != "unix" or not parts.path:
        raise ValueError("not a socket of clamd")
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(CONNECT_SECONDS)
    try:
        connection.connect(parts.path)
    except OSError:
        connection.close()
        raise
    return connection
