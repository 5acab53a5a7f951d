"""Synapse from PyPI, in a virtual environment of its own that `tools.peers` makes from `bench/peers/synapse-requirements.txt`.

One process without workers, no federation, no presence, no push rules to evaluate, logging off, and every rate limit lifted, so that
it does what the others do and is not throttled. Accounts are made with the registration secret of its admin API.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import psycopg

from bench.peers.private import PRAGMAS, Storage, Unavailable, durability_of, free_port, listens, post, running
from bench.population import Population
from bench.run import Pair
from bench.targets import Target, counted
from tools.peers import SYNAPSE_PYTHON
from tools.services import ROLE, postgresql

NAME: Final = "bench.invalid"
SECRET: Final = "guards nothing"
UNLIMITED: Final = {"per_second": 1_000_000, "burst_count": 1_000_000}
LIMITS: Final = ("rc_message", "rc_registration", "rc_admin_redaction", "rc_room_creation", "rc_presence")
# What the other side asks of its sync: messages, and nothing else.
NONE: Final = {"not_types": ["*"]}
FILTER: Final = {
    "room": {"timeline": {"limit": 1000}, "state": NONE, "ephemeral": NONE, "account_data": NONE},
    "presence": NONE,
    "account_data": NONE,
}


@contextmanager
def synapse(place: Path, pairs: int, *, on_postgresql: bool) -> Iterator[Target]:
    """A server with `pairs` rooms of two people. Raises Unavailable when it is not installed or does not start."""
    if not SYNAPSE_PYTHON.exists():
        raise Unavailable("not installed: python3 -m tools.dev bench makes its virtual environment")
    place.mkdir(parents=True)
    port = free_port()
    with ExitStack() as stack:
        storage = _postgresql(place, stack) if on_postgresql else _file(place)
        config = place / "homeserver.yaml"
        config.write_text(json.dumps(_config(place, port, storage.settings)), encoding="utf-8")  # JSON is YAML
        words = [str(SYNAPSE_PYTHON), "-m", "synapse.app.homeserver", "-c", str(config)]
        made = subprocess.run([*words, "--generate-keys"], cwd=place, capture_output=True, check=False)
        if made.returncode:
            raise Unavailable(f"it makes no keys: {made.stderr.decode()[-1000:]}")
        process = stack.enter_context(running(words, place, lambda: listens(port)))
        people = [_pair(port, number) for number in range(pairs)]
        population = Population(people, [], storage.durability or _pragmas(storage.database))
        kept = partial(counted, storage.database, "SELECT count(*) FROM events WHERE type = 'm.room.message'")
        yield Target(
            "synapse", port, process.pid, [process.pid, *storage.roots], population, kept, storage.database, warm_up=2.5
        )


def version() -> str:
    asked = [str(SYNAPSE_PYTHON), "-c", "import importlib.metadata as m; print(m.version('matrix-synapse'))"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()


def _config(place: Path, port: int, database: dict[str, Any]) -> dict[str, Any]:
    logging = {"version": 1, "handlers": {}, "root": {"level": "ERROR"}, "disable_existing_loggers": True}
    (place / "log.yaml").write_text(json.dumps(logging), encoding="utf-8")
    listener = {"port": port, "bind_addresses": ["127.0.0.1"], "type": "http", "resources": [{"names": ["client"]}]}
    return {
        "server_name": NAME,
        "report_stats": False,
        "signing_key_path": str(place / "signing.key"),
        "media_store_path": str(place / "media"),
        "pid_file": str(place / "pid"),
        "log_config": str(place / "log.yaml"),
        "listeners": [listener],
        "database": database,
        "registration_shared_secret": SECRET,
        "bcrypt_rounds": 4,
        "trusted_key_servers": [],
        "federation_domain_whitelist": [],
        "presence": {"enabled": False},
        "push": {"enabled": False},
        "url_preview_enabled": False,
        **dict.fromkeys(LIMITS, UNLIMITED),
        "rc_login": dict.fromkeys(("address", "account", "failed_attempts"), UNLIMITED),
        "rc_joins": dict.fromkeys(("local", "remote"), UNLIMITED),
        "rc_invites": dict.fromkeys(("per_room", "per_user", "per_issuer"), UNLIMITED),
    }


def _file(place: Path) -> Storage:
    path = str(place / "homeserver.db")
    return Storage({"name": "sqlite3", "args": {"database": path}}, [], {}, path)


def _pragmas(path: str) -> dict[str, str]:
    """The journal mode stands in the file. Synapse leaves `synchronous` as SQLite was built, and so does this connection."""
    asked = f"import sqlite3; d = sqlite3.connect({path!r})\n"
    asked += f"print(*(d.execute('PRAGMA ' + name).fetchone()[0] for name in {PRAGMAS!r}))"
    found = subprocess.run([SYNAPSE_PYTHON, "-c", asked], capture_output=True, text=True, check=True).stdout.split()
    return dict(zip(PRAGMAS, found, strict=True))


def _postgresql(place: Path, stack: ExitStack) -> Storage:
    """A PostgreSQL of its own, with letters in the order that Synapse insists on."""
    url = stack.enter_context(postgresql(place / "pg"))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE synapse TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
    root, durability = durability_of(url)
    args = {"user": ROLE, "dbname": "synapse", "host": str(place / "pg"), "cp_min": 5, "cp_max": 10}
    own = url.replace("/postgres?", "/synapse?")
    return Storage({"name": "psycopg2", "args": args}, [root], durability, own)


def _pair(port: int, number: int) -> Pair:
    """Two accounts in one room."""
    speaker, listener = (_account(port, f"{name}{number}") for name in ("speaker", "listener"))
    other = f"@listener{number}:{NAME}"
    room = post(port, "/_matrix/client/v3/createRoom", {"preset": "trusted_private_chat", "invite": [other]}, speaker)[
        "room_id"
    ]
    post(port, f"/_matrix/client/v3/join/{room}", {}, listener)
    choice = post(port, f"/_matrix/client/v3/user/{other}/filter", FILTER, listener)["filter_id"]
    return Pair(room, speaker, f"{listener} {choice}")


def _account(port: int, name: str) -> str:
    """The token of a new account."""
    nonce = post(port, "/_synapse/admin/v1/register", {}, method="GET")["nonce"]
    signed = f"{nonce}\0{name}\0{SECRET}\0notadmin".encode()
    mac = hmac.new(SECRET.encode(), signed, hashlib.sha1).hexdigest()
    asked = {"nonce": nonce, "username": name, "password": SECRET, "admin": False, "mac": mac}
    token: str = post(port, "/_synapse/admin/v1/register", asked)["access_token"]
    return token
