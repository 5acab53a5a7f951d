"""Blocking database work of the sockets, on a few threads that keep their connections.

Channels' helper runs everything on one thread, where a claim that waits for a lock would hold up every other socket, and opens a
connection for every call, which on SQLite costs more than the call does.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

from django.db import InterfaceError, OperationalError, connection

if TYPE_CHECKING:
    from collections.abc import Callable

WORKERS: Final = 4  # each keeps one connection: on PostgreSQL so many of the pool's

P = ParamSpec("P")
T = TypeVar("T")

_pool: Final = ThreadPoolExecutor(WORKERS, thread_name_prefix="sockets")


async def in_database(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `work` on one of the threads. Raises what it raises; after a lost connection the next call opens a new one."""
    return await asyncio.get_running_loop().run_in_executor(_pool, partial(_run, work, *args, **kwargs))


def _run(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        return work(*args, **kwargs)
    except (OperationalError, InterfaceError):
        connection.close()
        raise
