"""Databases that one process of a test run migrates and fills, and that all others copy: migrating takes seconds of a core.

`XINQIAO_TEMPLATES` names the directory of a run: `make test` sets it for all its stages, any other pytest makes one of its own.
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests import deployment
from tests.deployment import Deployment, on_postgresql

PLACE = "XINQIAO_TEMPLATES"
MIGRATED, HOSPITAL = "migrated", "hospital"
BACK_ENDS = {False: "sqlite", True: "postgresql"}


def begin() -> Callable[[], None]:
    """Give this run a directory for its templates, unless who started it gave one. Returns what ends the run."""
    if PLACE in os.environ:
        return lambda: None
    os.environ[PLACE] = tempfile.mkdtemp(prefix="xinqiao-templates-")
    return _end


def _end() -> None:
    for name in (MIGRATED, HOSPITAL):
        if on_postgresql():
            deployment.drop_database(database_of(name))
    shutil.rmtree(os.environ.pop(PLACE), ignore_errors=True)


def migrated() -> Deployment:
    """The tables of this version, and nothing in them but what the migrations themselves put there."""
    return _template(MIGRATED)


def hospital() -> Deployment:
    """The demo hospital with its keys. No server ever runs on it."""
    return _template(HOSPITAL)


def database_of(name: str) -> str:
    """What a template's database is called on the PostgreSQL that several runs may share."""
    return f"xq_{name}_{hashlib.sha256(os.environ[PLACE].encode()).hexdigest()[:12]}"


def _template(name: str) -> Deployment:
    """Return a template, made by whoever comes first while the others wait. One whose making failed is begun again."""
    place = Path(os.environ[PLACE]) / f"{BACK_ENDS[on_postgresql()]}-{name}"
    ready = place.with_suffix(".ready")
    made = deployment.at(place, database_of(name))
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists():
            shutil.rmtree(place, ignore_errors=True)
            _make(name, made)
            ready.touch()
    return made


def _make(name: str, made: Deployment) -> None:
    model = None if name == MIGRATED else migrated()
    if on_postgresql():
        deployment.drop_database(database_of(name))
        deployment.create_database(database_of(name), model)
    deployment.copy_data(model, made.data)
    if name == MIGRATED:
        made.manage("rotate_keys", "--create")  # as an operator does: in production the server makes no key by itself
        made.manage("migrate", "-v", "0")
    else:
        made.manage("seed_demo")
