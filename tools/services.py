"""A private PostgreSQL and a private Redis on UNIX sockets in a temporary directory, gone when the block ends."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypedDict

from tools.install import postgresql_bin
from tools.steps import Failure, environment

START_SECONDS = 30
ROLE = "xinqiao"


class Account(TypedDict, total=False):
    """How `subprocess` is told to run as somebody else; empty means as this account."""

    user: int
    group: int
    extra_groups: list[int]


@contextmanager
def production() -> Iterator[dict[str, str]]:
    """Run both services; yield the environment that makes the product use them."""
    with ExitStack() as stack:
        # A short path: a socket's name may have 107 bytes.
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="xq-", dir="/tmp", ignore_cleanup_errors=True)))
        place.chmod(0o755)
        database = stack.enter_context(postgresql(place / "pg"))
        redis = stack.enter_context(redis_server(place / "redis"))
        yield {"DATABASE_URL": database, "REDIS_URL": redis}


@contextmanager
def postgresql(place: Path, port: int = 0) -> Iterator[str]:
    """Run a PostgreSQL of this run's own, with fsync on as in production; yield its libpq URL.

    `port`: listen there on the loopback interface too, for a client that knows no UNIX sockets.
    """
    binaries = postgresql_bin()
    if binaries is None:
        raise Failure("PostgreSQL is not installed: apt-get install postgresql")
    place.mkdir()
    account = _unprivileged(place)
    data = str(place / "data")
    init = [
        str(binaries / "initdb"),
        "-D",
        data,
        "-U",
        ROLE,
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    ]
    made = subprocess.run(init, cwd=place, env=environment(), capture_output=True, text=True, **account)
    if made.returncode:
        raise Failure(f"initdb failed: {made.stderr.strip()}")
    listen = ("127.0.0.1", port) if port else ("", 5432)
    server = [str(binaries / "postgres"), "-D", data, "-k", str(place), "-c", "max_connections=200"]
    server += ["-c", f"listen_addresses={listen[0]}", "-p", str(listen[1])]
    ready = [str(binaries / "pg_isready"), "-q", "-h", str(place), "-p", str(listen[1]), "-U", ROLE, "-d", "postgres"]
    with _running(server, place, account, lambda: subprocess.run(ready).returncode == 0):
        yield f"postgresql://{ROLE}@/postgres?host={place}&port={listen[1]}"


@contextmanager
def redis_server(place: Path) -> Iterator[str]:
    """Run a Redis of this run's own that writes nothing to disk; yield its URL as channels_redis spells it."""
    binary = shutil.which("redis-server")
    if binary is None:
        raise Failure("Redis is not installed: apt-get install redis-server")
    place.mkdir(exist_ok=True)
    socket = place / "redis.sock"
    words = [binary, "--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no", "--dir", str(place)]
    with _running(words, place, {}, socket.exists):
        yield f"unix://{socket}?db=0"


def _unprivileged(place: Path) -> Account:
    """Return the account to run as when this is root (PostgreSQL refuses root), having given it `place`."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(place, entry.pw_uid, entry.pw_gid)
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise Failure("PostgreSQL does not run as root, and there is no account postgres or nobody.")


@contextmanager
def _running(words: Sequence[str], place: Path, account: Account, ready: Callable[[], bool]) -> Iterator[None]:
    """Run a server for as long as the block lasts; its output goes to a file that is shown when it does not start."""
    log = place / f"{Path(words[0]).name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(words, cwd=place, env=environment(), stdout=output, stderr=output, **account)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise Failure(f"{words[0]} did not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)
        yield
    finally:
        process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown; SIGTERM would wait for its clients
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
