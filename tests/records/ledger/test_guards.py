"""The database itself refuses to change what was recorded: not by UPDATE, DELETE, TRUNCATE, REPLACE or an upsert."""

import pytest
from django.db import DatabaseError, connection, transaction

from consult.models import Retraction
from records.ledger.models import Checkpoint, Cosignature, Leaf, Timestamp
from records.ledger.sequencer import Sequencer
from tests.cast import consultation
from tests.records.ledger.conftest import Talk

TABLES = (
    "records_leaf",
    "records_treeentry",
    "records_tile",
    "records_checkpoint",
    "records_cosignature",
    "records_chartentry",
    "consult_event",
    "consult_retraction",
)


@pytest.fixture
def recorded(charts: None, talk: Talk) -> None:
    """At least one row in every guarded table."""
    case = consultation(said=(("wang", "早上头晕"), ("zhao", "血压多少？")))
    Retraction.objects.create(thread_id=case.id, of=3, seq=4)
    talk(260)
    Sequencer().drain()
    Cosignature.objects.create(checkpoint=Checkpoint.objects.get(), witness="w", at=1, line="x")
    Timestamp.objects.create(checkpoint=Checkpoint.objects.get(), at=1, response=b"x")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with deferred checks cannot be truncated anyway


def refused(statement: str) -> str:
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    return str(caught.value)


def columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        return [f'"{column.name}"' for column in connection.introspection.get_table_description(cursor, table)]


def test_every_guarded_table_has_rows_to_guard(recorded: None) -> None:
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone()[0] > 0, table


@pytest.mark.parametrize("table", TABLES)
def test_update_and_delete_are_refused(recorded: None, table: str) -> None:
    column = columns(table)[0]
    for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
        assert "append-only" in refused(statement)


@pytest.mark.embedded
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "REPLACE"])
def test_replace_is_refused(recorded: None, table: str, verb: str) -> None:
    """It would delete the old row without firing a DELETE trigger."""
    names = ", ".join(columns(table))
    assert "append-only" in refused(f"{verb} INTO {table} ({names}) SELECT {names} FROM {table}")
    others = ", ".join(columns(table)[1:])
    if columns(table)[0] == '"id"' and table != "records_chartentry":
        assert "append-only" in refused(f"{verb} INTO {table} ({others}) SELECT {others} FROM {table}")


@pytest.mark.parametrize("table", TABLES)
def test_an_upsert_is_refused(recorded: None, table: str) -> None:
    names, key = ", ".join(columns(table)), columns(table)[0]
    upsert = (
        f"INSERT INTO {table} ({names}) SELECT {names} FROM {table} WHERE true ON CONFLICT ({key}) DO UPDATE SET {key} = {key}"
    )
    assert "append-only" in refused(
        upsert if connection.vendor == "sqlite" else upsert.replace(f"= {key}", f"= EXCLUDED.{key}")
    )


@pytest.mark.production
@pytest.mark.parametrize("table", TABLES)
def test_truncate_and_replica_sessions_are_refused(recorded: None, table: str) -> None:
    assert "append-only" in refused(f"TRUNCATE {table} CASCADE")
    assert "append-only" in refused(f"SET LOCAL session_replication_role = replica; DELETE FROM {table}")


def test_new_rows_are_welcome_after_all_that(recorded: None, talk: Talk) -> None:
    before = Leaf.objects.count()
    refused("DELETE FROM records_leaf")
    talk(2)
    Sequencer().drain()
    assert Leaf.objects.count() == before + 2
    assert Checkpoint.objects.order_by("-size").first() is not None
