"""The servers that are measured, each as a process of its own on a database of its own."""

from __future__ import annotations

import signal
import socket
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import psycopg
from redis import Redis

from bench import usage
from bench.population import Population
from bench.run import Pair
from tests.deployment import ROOT, Deployment, new_deployment

START_SECONDS = 30.0
# A sender of the bench is a hospital's worth of patients: the limit on one socket's frames would be what is measured.
PRODUCT_ENV = {"XINQIAO_FRAMES_PER_SECOND": "0", "XINQIAO_LOG_LEVEL": "WARNING"}


@dataclass(frozen=True)
class Target:
    """`server` is the process that holds the sockets; `roots` are all whose CPU counts, database and Redis included.

    `kept` counts the messages in its database. `database`: the URL of its PostgreSQL, or nothing.
    """

    client: str
    port: int
    server: int
    roots: list[int]
    population: Population
    kept: Callable[[], int]
    database: str = ""
    warm_up: float = 0.5  # seconds before it is measured: some answers take longer
    host: str = "127.0.0.1"


@contextmanager
def product(data: Path, pairs: int, idlers: int, spare: int) -> Iterator[Target]:
    """`manage.py serve` on a new database with people in it."""
    with new_deployment(data) as deployment:
        deployment.manage("rotate_keys", "--create")  # in production no server makes its own
        deployment.manage("migrate", "-v", "0")
        yield served(deployment, pairs, idlers, spare)
        deployment.servers[-1].stop()


def served(deployment: Deployment, pairs: int, idlers: int = 0, spare: int = 0, env: Mapping[str, str] = PRODUCT_ENV) -> Target:
    """Add people to a migrated deployment and start its server, with its jobs and its sequencer."""
    made = _run(["-m", "bench.population", str(pairs), str(idlers), str(spare)], deployment.env)
    population = msgspec.json.decode(made, type=Population)
    server = deployment.start(env=env)
    port = urlsplit(server.url).port
    assert port is not None
    roots = [server.process.pid, *services(deployment.env)]
    kept = partial(counted, database_of(deployment), "SELECT count(*) FROM consult_event WHERE kind = 'message.posted'")
    return Target("product", port, server.process.pid, roots, population, kept, deployment.env["DATABASE_URL"])


@contextmanager
def floors(data: Path, pairs: int) -> Iterator[dict[str, Target]]:
    """Both floors behind one stock Daphne."""
    population = Population([Pair(str(uuid.uuid4()), "", "") for _ in range(pairs)], [], {})
    with new_deployment(data) as deployment:
        env = {**deployment.env, "DJANGO_SETTINGS_MODULE": "bench.floors.settings"}
        _run(["-m", "django", "migrate", "--run-syncdb", "-v", "0"], env)
        port = _free_port()
        words = [sys.executable, "-m", "daphne", "-v", "0", "-p", str(port), "bench.floors.asgi:application"]
        with (data / "daphne.log").open("wb") as log:
            process = subprocess.Popen(words, env=env, cwd=ROOT, stdout=log, stderr=log)
        try:
            _wait_for(port, process)
            roots = [process.pid, *services(deployment.env)]
            kept = partial(counted, database_of(deployment), "SELECT count(*) FROM floors_message")
            database = deployment.env["DATABASE_URL"]
            yield {
                "echo": Target("echo", port, process.pid, roots, population, int, database),
                "tutorial": Target("tutorial", port, process.pid, roots, population, kept, database, warm_up=1.0),
            }
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(START_SECONDS)


def database_of(deployment: Deployment) -> str:
    """The URL of its PostgreSQL, or the path of its SQLite file."""
    return deployment.env["DATABASE_URL"] or str(deployment.data / "xinqiao.sqlite3")


def counted(database: str, query: str) -> int:
    """The one number that a query of a database answers with: a PostgreSQL by its URL, or a SQLite file that another process writes."""
    if database.startswith("postgresql://"):
        with psycopg.connect(database) as connection:
            row = connection.execute(query.encode()).fetchone()
    else:
        with closing(sqlite3.connect(database)) as file:
            row = file.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def services(env: Mapping[str, str]) -> list[int]:
    """The processes of PostgreSQL and Redis that this environment uses; none of them in the embedded deployment."""
    found = []
    if env.get("DATABASE_URL"):
        with psycopg.connect(env["DATABASE_URL"]) as connection:
            found.append(usage.parent(connection.info.backend_pid))
    if env.get("REDIS_URL"):
        with Redis.from_url(env["REDIS_URL"]) as redis:
            found.append(int(redis.info("server")["process_id"]))
    return found


def _run(words: list[str], env: Mapping[str, str]) -> bytes:
    done = subprocess.run([sys.executable, *words], env=env, cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} failed: {done.stderr.decode()[-2000:]}")
    return done.stdout


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("Daphne did not start") from None
            time.sleep(0.05)
        else:
            return
