"""What every peer needs: a port, a process that cannot outlive us, a PostgreSQL of its own, a question over HTTP."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import psycopg

from bench import usage

START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 15.0
ASK_SECONDS: Final = 30.0
PRAGMAS: Final = ("journal_mode", "synchronous")  # of SQLite: what makes a commit durable
PR_SET_PDEATHSIG: Final = 1  # prctl(2)


class Unavailable(Exception):
    """This peer cannot be measured here; the message says why, and what a person can do about it."""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running(
    words: Sequence[str | Path], place: Path, ready: Callable[[], bool], env: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server in `place` as long as the block lasts. Raises Unavailable with the end of its output when it does not start."""
    log = place / "output.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(word) for word in words],
            cwd=place,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - this process has no second thread
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise Unavailable(f"{Path(words[0]).name} did not start: {log.read_text(errors='replace')[-1000:]}")
            time.sleep(0.1)
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to end, and end it when it does not."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _die_with_parent() -> None:
    """Even when we are killed, no server stays behind."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def post(port: int, path: str, body: Mapping[str, Any], token: str = "", method: str = "POST") -> Any:
    """One JSON request to a peer of this machine. Raises Unavailable when it is refused."""
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    url = f"http://127.0.0.1:{port}{path}"
    asked = urllib.request.Request(url, json.dumps(body).encode() if method != "GET" else None, headers, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=ASK_SECONDS) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            raise Unavailable(f"{path} answered {error.code}: {error.read().decode()[:500]}") from None


class Storage(NamedTuple):
    """A database for one peer: what its configuration says of it, its processes, its durability, where we find it."""

    settings: dict[str, Any]
    roots: list[int]
    durability: dict[str, str]
    database: str  # a URL of PostgreSQL, or a path


def durability_of(url: str) -> tuple[int, dict[str, str]]:
    """The first process of a PostgreSQL, and what it says about the durability of its commits."""
    found = {}
    with psycopg.connect(url) as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            row = connection.execute(f"SHOW {name}".encode()).fetchone()
            assert row is not None
            found[name] = str(row[0])
        return usage.parent(connection.info.backend_pid), found
