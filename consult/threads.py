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

RECORDERS: Final = 2  # theirs wait for disks and for databases that are away, which no socket has to

_sockets: Final = ThreadPoolExecutor(WORKERS, thread_name_prefix="sockets")
_recorders: Final = ThreadPoolExecutor(RECORDERS, thread_name_prefix="recorders")


async def in_database(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `work` on one of the threads. Raises what it raises; after a lost connection the next call opens a new one."""
    return await _on(_sockets, partial(work, *args, **kwargs))


async def for_recorders(work: Callable[[], T]) -> T:
    """The same on threads of the recorders' own."""
    return await _on(_recorders, work)


async def _on(pool: ThreadPoolExecutor, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(pool, partial(_run, work))


def _run(work: Callable[[], T]) -> T:
    try:
        return work()
    except (OperationalError, InterfaceError):
        connection.close()
        raise
