"""ejabberd from Debian, with its message archive (mod_mam) in SQL.

The Erlang machine runs without distribution, so there is no node name, no cookie and no epmd. Accounts are made through its HTTP
interface. Nothing throttles a stream, and no module is loaded but the archive, acknowledgements and those two commands. The
archive's database is asked about its durability through the server's own connection.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import psycopg

from bench.clients.xmpp import DOMAIN
from bench.peers.private import PRAGMAS, Storage, Unavailable, durability_of, free_port, listens, post, running
from bench.population import Population
from bench.run import Pair
from bench.targets import Target, counted
from tools.services import ROLE, postgresql

PACKAGES: Final = ("ejabberd", "erlang-p1-sqlite3", "erlang-p1-pgsql")
SCHEMAS: Final = Path("/usr/share/ejabberd/sql")
PASSWORD: Final = "guards-nothing"
# What Debian's ejabberdctl gives the machine, without busy waiting: it would count as CPU of the messages.
MACHINE: Final = ("+K", "true", "+P", "250000", "+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none")


def library() -> Path | None:
    """Where Debian put it, whatever the processor."""
    return next(iter(sorted(Path("/usr/lib").glob("*/ejabberd-*/ebin"))), None)


@contextmanager
def ejabberd(place: Path, pairs: int, *, on_postgresql: bool) -> Iterator[Target]:
    """A server with `pairs` pairs of people. Raises Unavailable when it is not installed or does not start."""
    found = library()
    if found is None or not shutil.which("erl"):
        raise Unavailable(f"not installed: apt-get install {' '.join(PACKAGES)}")
    place.mkdir(parents=True)
    clients, admin = free_port(), free_port()
    with ExitStack() as stack:
        storage = _postgresql(place, stack) if on_postgresql else _file(place)
        config = place / "ejabberd.yml"
        config.write_text(json.dumps(_config(clients, admin, storage.settings)), encoding="utf-8")  # JSON is YAML
        words = ["erl", *MACHINE, "-noinput", "-mnesia", "dir", f'"{place}"', "-s", "ejabberd"]
        started = place / "started"
        words += ["-eval", _tell(started, () if on_postgresql else PRAGMAS)]
        env = {
            "ERL_LIBS": str(found.parents[1]),
            "EJABBERD_CONFIG_PATH": str(config),
            "EJABBERD_LOG_PATH": str(place / "ejabberd.log"),
            "ERL_CRASH_DUMP": "/dev/null",
            "HOME": str(place),
        }
        process = stack.enter_context(running(words, place, lambda: started.exists() and listens(admin), env))
        people = [_pair(admin, number) for number in range(pairs)]
        population = Population(people, [], storage.durability or _pragmas(started))
        kept = partial(counted, storage.database, "SELECT count(*) / 2 FROM archive")  # one row for each side
        yield Target("ejabberd", clients, process.pid, [process.pid, *storage.roots], population, kept, storage.database)


def version() -> str:
    found = library()
    return "" if found is None else found.parent.name.removeprefix("ejabberd-")


def _config(clients: int, admin: int, storage: Mapping[str, Any]) -> dict[str, Any]:
    stream = {"port": clients, "ip": "127.0.0.1", "module": "ejabberd_c2s", "access": "all", "max_stanza_size": 262144}
    commands = {"port": admin, "ip": "127.0.0.1", "module": "ejabberd_http", "request_handlers": {"/api": "mod_http_api"}}
    return {
        "hosts": [DOMAIN],
        "loglevel": "error",
        "auth_method": ["sql"],
        "default_db": "sql",
        **storage,
        "listen": [stream, commands],
        "api_permissions": {"bench": {"from": "mod_http_api", "who": {"ip": "127.0.0.1/8"}, "what": ["register"]}},
        "modules": {
            "mod_admin_extra": {},
            "mod_mam": {"default": "always", "db_type": "sql"},
            "mod_stream_mgmt": {"resume_timeout": 0},
        },
    }


def _file(place: Path) -> Storage:
    """A SQLite archive in WAL mode, which it keeps, as the product's is: ejabberd alone would take a rollback journal."""
    path = str(place / "archive.db")
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = wal")
        database.executescript((SCHEMAS / "lite.sql").read_text(encoding="utf-8"))
    return Storage({"sql_type": "sqlite", "sql_database": path}, [], {}, path)


def _postgresql(place: Path, stack: ExitStack) -> Storage:
    """A PostgreSQL of its own, on a port: ejabberd 23.01 cannot reach a UNIX socket."""
    port = free_port()
    url = stack.enter_context(postgresql(place / "pg", port))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute((SCHEMAS / "pg.sql").read_bytes())
    root, durability = durability_of(url)
    account = {
        "sql_server": "127.0.0.1",
        "sql_port": port,
        "sql_username": ROLE,
        "sql_password": "",
        "sql_database": "postgres",
    }
    return Storage({"sql_type": "pgsql", **account}, [root], durability, url)


def _tell(path: Path, pragmas: Iterable[str]) -> str:
    """Erlang that says, once ejabberd has started, what SQLite answers on ejabberd's own connection."""
    asked = ", ".join(f'ejabberd_sql:sql_query(<<"{DOMAIN}">>, <<"PRAGMA {name}">>)' for name in pragmas)
    return f'file:write_file("{path}", io_lib:format("~p", [[{asked}]])).'


def _pragmas(path: Path) -> dict[str, str]:
    answers = re.findall(r'<<"(\w+)">>\],\s*\[\[<<"(\w+)">>\]\]', path.read_text(encoding="utf-8"))
    return dict(answers)


def _pair(admin: int, number: int) -> Pair:
    for name in ("speaker", "listener"):
        post(admin, "/api/register", {"user": f"{name}{number}", "host": DOMAIN, "password": PASSWORD})
    jids = [f"{name}{number}@{DOMAIN}/bench" for name in ("speaker", "listener")]
    return Pair(jids[1], f"{jids[0]} {PASSWORD}", PASSWORD)
