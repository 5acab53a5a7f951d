"""`make run`: from a fresh clone to a live server with demo people, on the embedded default."""

import os
from collections.abc import Sequence
from pathlib import Path

from tools import install
from tools.steps import ROOT, command, digest, environment, once

MANAGE = ROOT / "manage.py"
APPS = ("records", "transcription", "consult")


def run(words: Sequence[str]) -> None:
    """Install, migrate and seed what is not yet; then become the server (this call does not return)."""
    install.to_run()
    env = {"XINQIAO_DEMO": "1", **os.environ}
    data = Path(env.get("XINQIAO_DATA") or ROOT / "var")
    prepare(data, env)
    os.execve(install.PYTHON, [str(install.PYTHON), str(MANAGE), "serve", *words], environment(env))


def prepare(data: Path, env: dict[str, str]) -> None:
    """Bring the database of `data` up to date and fill a new one with the demo hospital.

    The stamps stay beside the database: whoever deletes it gets a new one.
    """
    database = data / "xinqiao.sqlite3"
    stamps = data / "stamps"
    migrations = [ROOT / app / "migrations" for app in APPS]
    current = digest([*migrations, ROOT / "uv.lock"])
    once("database", current, database, lambda: command(install.PYTHON, MANAGE, "migrate", "-v", "0", env=env), stamps)
    if env["XINQIAO_DEMO"] not in {"", "0"}:
        once("demo hospital", "1", database, lambda: command(install.PYTHON, MANAGE, "seed_demo", env=env), stamps)
