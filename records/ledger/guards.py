"""Append-only tables, in the database itself: what a bug, a shell or a hasty repair must not do there.

Used by migrations: `guard(table, unique)` makes one operation. PostgreSQL refuses UPDATE, DELETE and TRUNCATE (and with UPDATE, an
upsert) by triggers that fire in replica sessions too. SQLite refuses UPDATE and DELETE, and any INSERT that meets an
existing row: `INSERT OR REPLACE` deletes that row without firing DELETE triggers.

One exception, `let_be_emptied`: the body of a row may be emptied once its data key is destroyed under a tombstone, which the database
lets nobody write before its time (records/retention/triggers.py). The row itself stays, like its leaf.

Whoever owns the tables can drop the triggers; against that stand the hash chains, the signed tree, and a role without that right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import migrations

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PREFIX: Final = "append_only"

POSTGRESQL: Final = """
CREATE OR REPLACE FUNCTION append_only_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation'; END $$;
CREATE TRIGGER append_only_{table} BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only_{table};
"""
POSTGRESQL_REVERSE: Final = "DROP TRIGGER append_only_{table} ON {table};"

SQLITE: Final = {
    "update": "BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only: UPDATE refused'); END",
    "delete": "BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only: DELETE refused'); END",
    "replace": "BEFORE INSERT ON {table} WHEN {taken} BEGIN SELECT RAISE(ABORT, '{table} is append-only: REPLACE refused'); END",
}

_DESTROYED: Final = """EXISTS (SELECT 1 FROM records_tombstone t WHERE t.key_id = OLD.{key})
  AND NOT EXISTS (SELECT 1 FROM records_wrappedkey w WHERE w.key_id = OLD.{key})"""
POSTGRESQL_EMPTIED: Final = (
    """
CREATE OR REPLACE FUNCTION append_only_{table}_update() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN
  IF length(NEW.{body}) = 0 AND to_jsonb(NEW) - '{body}' = to_jsonb(OLD) - '{body}' AND """
    + _DESTROYED
    + """ THEN RETURN NEW; END IF;
  RAISE EXCEPTION '{table} is append-only: UPDATE refused' USING ERRCODE = 'restrict_violation';
END $f$;
DROP TRIGGER append_only_{table} ON {table};
CREATE TRIGGER append_only_{table} BEFORE DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION append_only_refuse();
CREATE TRIGGER append_only_{table}_update BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION append_only_{table}_update();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only_{table};
ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only_{table}_update;
"""
)
SQLITE_EMPTIED: Final = (
    """CREATE TRIGGER append_only_{table}_update BEFORE UPDATE ON {table}
  WHEN NOT (length(NEW.{body}) = 0 AND {same} AND """
    + _DESTROYED
    + """) BEGIN SELECT RAISE(ABORT, '{table} is append-only: UPDATE refused'); END"""
)


def guard(table: str, unique: Sequence[Sequence[str]]) -> migrations.RunPython:
    """Return the operation that makes `table` append-only. `unique`: the columns of every unique constraint, primary key first."""
    return migrations.RunPython(_apply(table, unique), _reverse(table), elidable=False)


def guard_again(table: str, unique: Sequence[Sequence[str]]) -> migrations.RunPython:
    """Return the operation that follows one which altered a guarded table: SQLite rebuilt it, and its triggers went with the old one."""
    make, drop = _apply(table, unique), _reverse(table)
    return migrations.RunPython(_on_sqlite(make), _on_sqlite(drop), elidable=False)


def let_be_emptied(table: str, body: str = "body", key: str = "key_id") -> migrations.RunPython:
    """Return the operation that follows `guard` on a table of sealed bodies: `body` may be emptied, and nothing else changed, once
    `key` is under a tombstone and its wrapped key gone."""
    return migrations.RunPython(*_emptied(table, body, key), elidable=False)


def let_be_emptied_again(table: str, body: str = "body", key: str = "key_id") -> migrations.RunPython:
    """Return the operation that follows `guard_again` on such a table."""
    run, back = _emptied(table, body, key)
    return migrations.RunPython(_on_sqlite(run), _on_sqlite(back), elidable=False)


def _emptied(table: str, body: str, key: str) -> tuple[Callable[[Any, Any], None], Callable[[Any, Any], None]]:
    def run(apps: Any, editor: Any) -> None:
        names = {"table": table, "body": body, "key": key}
        if editor.connection.vendor == "postgresql":
            editor.execute(POSTGRESQL_EMPTIED.format(**names), None)
            return
        with editor.connection.cursor() as cursor:
            columns = editor.connection.introspection.get_table_description(cursor, table)
        same = " AND ".join(f'NEW."{column.name}" IS OLD."{column.name}"' for column in columns if column.name != body)
        editor.execute(f"DROP TRIGGER {PREFIX}_{table}_update")
        editor.execute(SQLITE_EMPTIED.format(same=same, **names))

    def back(apps: Any, editor: Any) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(f"DROP TRIGGER {PREFIX}_{table}_update ON {table}; DROP TRIGGER {PREFIX}_{table} ON {table}")
            editor.execute(POSTGRESQL.format(table=table).replace("%", "%%"), ())
            return
        editor.execute(f"DROP TRIGGER IF EXISTS {PREFIX}_{table}_update")
        editor.execute(f"CREATE TRIGGER {PREFIX}_{table}_update {SQLITE['update'].format(table=table)}")

    return run, back


def _on_sqlite(run: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    def maybe(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "sqlite":
            run(apps, schema_editor)

    return maybe


def _apply(table: str, unique: Sequence[Sequence[str]]) -> Callable[[Any, Any], None]:
    def run(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(POSTGRESQL.format(table=table).replace("%", "%%"), ())
            return
        taken = " OR ".join(_taken(table, columns) for columns in unique)
        for name, body in SQLITE.items():
            schema_editor.execute(f"CREATE TRIGGER {PREFIX}_{table}_{name} {body.format(table=table, taken=taken)}")

    return run


def _reverse(table: str) -> Callable[[Any, Any], None]:
    def run(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(POSTGRESQL_REVERSE.format(table=table))
            return
        for name in SQLITE:
            # Gone already where a later migration that rebuilt the table was undone: SQLite drops a table's triggers with it.
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {PREFIX}_{table}_{name}")

    return run


def _taken(table: str, columns: Sequence[str]) -> str:
    """One lookup in the constraint's own index."""
    match = " AND ".join(f'"{column}" = NEW."{column}"' for column in columns)
    return f"EXISTS (SELECT 1 FROM {table} WHERE {match})"  # noqa: S608 - names from migrations, not input
