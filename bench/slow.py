"""A slow disk, as far as that can be had without a disk: PostgreSQL waits before every flush of its log.

`commit_delay` is slept by the one process that flushes, before the flush; commits that arrive meanwhile share it. That is what a disk
whose every sync takes so much longer does to a group of commits. SQLite has nothing of the kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import psycopg

from bench.stages import Load
from bench.targets import Target

DELAY_US: Final = 2000
LOADS: Final = (
    Load("product", 1),
    Load("product", 100),
    Load("ejabberd", 100),
    Load("tutorial", 100),
)


@contextmanager
def flushes(targets: Mapping[str, Target]) -> Iterator[None]:
    """Make every flush of these servers' databases slower while the block lasts."""
    databases = {target.database for target in targets.values()}
    for url in databases:
        _set(url, str(DELAY_US))
    try:
        yield
    finally:
        for url in databases:
            _set(url, "DEFAULT")


def _set(url: str, delay: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        siblings = "0" if delay != "DEFAULT" else delay
        connection.execute(f"ALTER SYSTEM SET commit_delay = {delay}".encode())
        connection.execute(f"ALTER SYSTEM SET commit_siblings = {siblings}".encode())
        connection.execute("SELECT pg_reload_conf()")
