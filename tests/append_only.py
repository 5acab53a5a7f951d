"""Lets Django empty the append-only tables between tests that commit for real; the product itself has no way to do that.

`install()` wraps the flush that TransactionTestCase runs: as the owner of the test database it takes the guards away, empties the
tables, and puts the guards back. Tests that run in a rolled-back transaction do not need it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations

_flush: Callable[..., Any] = BaseDatabaseOperations.execute_sql_flush


def install() -> None:
    """Wrap the flush, once a process."""

    def flush(operations: Any, sql_list: list[str]) -> Any:
        with guards_lifted():
            return _flush(operations, sql_list)

    BaseDatabaseOperations.execute_sql_flush = flush  # type: ignore[method-assign,assignment]


@contextmanager
def guards_lifted() -> Iterator[None]:
    """Without the append-only triggers inside the block; with exactly the same ones after it."""
    take, put = _postgresql() if connection.vendor == "postgresql" else _sqlite()
    _run(take)
    try:
        yield
    finally:
        _run(put)


def _postgresql() -> tuple[list[str], list[str]]:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table of which something is still to be checked is not altered
        cursor.execute("SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'append\\_only\\_%'")
        rows = cursor.fetchall()
    take = [f"ALTER TABLE {table} DISABLE TRIGGER {name}" for name, table in rows]
    return take, [f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}" for name, table in rows]


def _sqlite() -> tuple[list[str], list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'append\\_only\\_%' ESCAPE '\\'"
        )
        rows = cursor.fetchall()
    return [f"DROP TRIGGER {name}" for name, _ in rows], [sql for _, sql in rows]


def _run(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
