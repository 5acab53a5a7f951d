"""Whole deployments for tests: a database, a data directory and keys of their own, and real server processes on them.

The back-end is the environment's: SQLite and memory, or a new database on the PostgreSQL of DATABASE_URL with the Redis of
REDIS_URL. Both start as a copy of a template (tests/templates.py).
"""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

ROOT = Path(__file__).resolve().parent.parent
# Until a test gives up on what should have happened long ago: only what never comes is waited for so long, however busy the machine.
PATIENCE_SECONDS = 180.0


@dataclass
class Server:
    """One running `manage.py serve`; `url` has no trailing slash."""

    process: subprocess.Popen[str]
    url: str
    log: Path

    @property
    def socket_url(self) -> str:
        return self.url.replace("http", "ws", 1)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Ask it to end; return its exit code. A server that does not end fails the test."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)

    def get(self, path: str) -> tuple[int, bytes]:
        """Return status and body of one GET without cookies."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=PATIENCE_SECONDS) as response:
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()


@dataclass
class Deployment:
    """Data of one hospital; servers come and go on it."""

    data: Path
    env: Mapping[str, str]
    servers: list[Server] = field(default_factory=list)

    def manage(self, *words: str) -> str:
        """Run one management command; return what it printed. Raises AssertionError with its output when it fails."""
        done = subprocess.run(
            [sys.executable, ROOT / "manage.py", *words],
            env=self.env,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS * 2,
            check=False,
        )
        assert done.returncode == 0, f"{words[0]} ended with {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self, *words: str, env: Mapping[str, str] | None = None) -> Server:
        """Start a server on a free port and return it once it answers."""
        log = self.data / f"serve-{len(self.servers)}.log"
        with log.open("w") as errors:
            process = subprocess.Popen(
                [sys.executable, ROOT / "manage.py", "serve", "--port", "0", *words],
                env={**self.env, **(env or {})},
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert process.stdout is not None
        server = Server(process, "", log)
        self.servers.append(server)
        first = process.stdout.readline()
        assert "http://" in first, f"the server did not start: {first}{log.read_text()}"
        server.url = first.split()[-1]
        return server

    def end(self) -> None:
        """End every server that is still running."""
        for server in self.servers:
            if server.process.poll() is None:
                server.kill()
            if server.process.stdout is not None:
                server.process.stdout.close()


def on_postgresql() -> bool:
    return bool(os.environ.get("DATABASE_URL"))


@contextmanager
def new_deployment(data: Path, template: Deployment | None = None) -> Iterator[Deployment]:
    """Yield a deployment in `data`, empty or a copy of `template`; its servers and database end with the block."""
    name = f"xq_{uuid.uuid4().hex[:12]}"
    made = at(data, name)
    copy_data(template, data)
    with _database(name, template):
        try:
            yield made
        finally:
            made.end()


def at(data: Path, name: str) -> Deployment:
    """The deployment whose data stand in `data` and, on PostgreSQL, in the database `name`, whether they are there yet or not."""
    url = os.environ.get("DATABASE_URL", "").replace("/postgres?", f"/{name}?")
    return Deployment(data, _environment(data, name, url))


def copy_data(template: Deployment | None, data: Path) -> None:
    """Fill `data` as the template's; without one it is only there."""
    data.mkdir(parents=True, exist_ok=True)
    if template is not None:
        shutil.copytree(template.data, data, dirs_exist_ok=True, ignore=shutil.ignore_patterns("serve-*.log"))


def seeded(made: Deployment) -> Deployment:
    """Give `made` its keys and tables and fill it with the demo hospital."""
    made.manage("rotate_keys", "--create")  # as an operator does: in production the server makes no key by itself
    made.manage("migrate", "-v", "0")
    made.manage("seed_demo")
    return made


def _environment(data: Path, name: str, url: str) -> dict[str, str]:
    ours = {"DATABASE_URL": url, "XINQIAO_DATA": str(data), "XINQIAO_DEMO": "1", "XINQIAO_REDIS_PREFIX": name}
    ours |= {
        "XINQIAO_SECRET_KEY": "a secret of the tests, which guards nothing",
        "DJANGO_SETTINGS_MODULE": "chat_server.settings",
    }
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("XINQIAO_", "PYTEST_", "DATABASE_"))}
    return inherited | ours


@contextmanager
def _database(name: str, template: Deployment | None) -> Iterator[None]:
    """A database on PostgreSQL for as long as the block lasts; on SQLite it is a file in the data directory."""
    if not on_postgresql():
        yield
        return
    create_database(name, template)
    try:
        yield
    finally:
        drop_database(name)


def create_database(name: str, template: Deployment | None) -> None:
    """A new database on the PostgreSQL of the environment, empty or a copy of the template's."""
    copied = "template1" if template is None else str(conninfo_to_dict(template.env["DATABASE_URL"])["dbname"])
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(copied)))


def drop_database(name: str) -> None:
    """Drop a database on the PostgreSQL of the environment with whoever is connected to it, if it is there."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def wait_until(condition: object, seconds: float = PATIENCE_SECONDS, what: str = "it") -> None:
    """Wait until calling `condition` returns something true; AssertionError naming `what` after `seconds`."""
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
        time.sleep(0.02)
