"""A PostgreSQL as it is after its first day: with segments of the log to write again, instead of making each anew.

A new cluster zeroes 16 MB and syncs them whenever a segment is full, which stops every commit for about 50 ms; one that has seen a
checkpoint renames old segments instead. Every server's database is treated alike, before anything is measured.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import psycopg

KEPT: Final = "1GB"  # min_wal_size: what a checkpoint keeps for later
SEGMENTS: Final = 64


def settle(databases: Iterable[str]) -> None:
    """`databases`: URLs of PostgreSQL, and paths of SQLite files, which need nothing."""
    for url in {name for name in databases if name.startswith("postgresql://")}:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"ALTER SYSTEM SET min_wal_size = '{KEPT}'".encode())
            connection.execute("SELECT pg_reload_conf()")
            for _ in range(SEGMENTS):
                connection.execute("SELECT pg_logical_emit_message(true, 'bench', 'full')")
                connection.execute("SELECT pg_switch_wal()")
            connection.execute("CHECKPOINT")
