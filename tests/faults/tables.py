"""A deployment's database, seen from outside: what is committed in it, and how to keep anybody from committing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg

from tests.deployment import Deployment

_HEAD = "SELECT last_seq FROM records_chain WHERE id = "


def sqlite_file(hospital: Deployment) -> Path:
    return hospital.data / "xinqiao.sqlite3"


def rows(hospital: Deployment, statement: str) -> list[tuple[int, ...]]:
    """What a statement of ours, with nothing to fill in, says of what is committed."""
    if url := hospital.env["DATABASE_URL"]:
        with psycopg.connect(url) as database:
            return list(database.execute(statement.encode()))
    with closing(sqlite3.connect(sqlite_file(hospital))) as file:
        return list(file.execute(statement))


def head(hospital: Deployment, case: str) -> int:
    """The last sequence number that is committed."""
    if url := hospital.env["DATABASE_URL"]:
        with psycopg.connect(url) as database:
            row = database.execute(_HEAD + "%s", [case]).fetchone()
    else:
        with closing(sqlite3.connect(sqlite_file(hospital))) as file:
            row = file.execute(_HEAD + "?", [case.replace("-", "")]).fetchone()
    assert row is not None
    return int(row[0])


@contextmanager
def nobody_commits(hospital: Deployment, case: str) -> Iterator[None]:
    """Hold the lock that every commit to the case needs: SQLite's one for writing, or the chain's row. Not for more than 20 s."""
    if url := hospital.env["DATABASE_URL"]:
        with psycopg.connect(url) as database:
            database.execute(_HEAD + "%s FOR UPDATE", [case])
            yield
            database.rollback()
        return
    with closing(sqlite3.connect(sqlite_file(hospital), isolation_level=None)) as file:
        file.execute("BEGIN IMMEDIATE")
        yield
        file.execute("ROLLBACK")
