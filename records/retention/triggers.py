"""What the database itself refuses of retention, by triggers on both back-ends: used by migrations.

- a tombstone before the minimum of its class, under a hold, or for a key that is not of its scope and class
- to let a wrapped key go without its tombstone, or under a hold, once the ledger has anything under it
- to wrap a key again but under a rotation that says so, to put another wrapping in its place, to alter which key is which
- a rule made shorter, a hold deleted, altered in what it covers, or taken up again
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from django.db import migrations

if TYPE_CHECKING:
    from collections.abc import Mapping

# Of all that stands in a chain, what moves the clock of a class. A look at a chart does not.
_CLOCK: Final = """(SELECT max(l.at) FROM records_leaf l WHERE l.chain_id = NEW.scope AND (NEW.retention = 'access'
    OR NEW.retention = 'record' AND (l.kind LIKE 'chart.entry.%' OR l.kind LIKE 'follow_up.%' OR l.kind LIKE 'transcript.%')
    OR NEW.retention = 'dialogue' AND l.kind NOT LIKE 'chart.%' AND l.kind NOT LIKE 'follow_up.%' AND l.kind NOT LIKE 'transcript.%')
  AND (NEW.about IS NULL OR {mentions}))"""
# What is of no one case may be of the held one (records/retention/holds.py says the same).
_HELD: Final = """EXISTS (SELECT 1 FROM records_legalhold h WHERE h.released_at IS NULL AND (h.case_id IN ({row}.scope, {row}.case_id)
    OR (h.case_id IS NULL OR {row}.case_id IS NULL) AND h.patient_id = {row}.patient_id))"""
_THE_KEY: Final = """EXISTS (SELECT 1 FROM records_datakey k
    WHERE k.id = NEW.key_id AND k.scope = NEW.scope AND k.retention = NEW.retention)"""
_STONE: Final = "EXISTS (SELECT 1 FROM records_tombstone t WHERE t.key_id = OLD.key_id AND NOT {held})"
# A call's key is of its own: nothing is under it before the call is in the ledger. Any other key's scope is a chain.
_RECORDED: Final = """EXISTS (SELECT 1 FROM records_datakey k WHERE k.id = OLD.key_id AND CASE
    WHEN k.retention = 'dialogue' AND EXISTS (SELECT 1 FROM records_chart c WHERE c.id = k.scope)
    THEN EXISTS (SELECT 1 FROM transcription_recording r WHERE r.key_id = k.id AND r.seq IS NOT NULL)
    ELSE EXISTS (SELECT 1 FROM records_leaf l WHERE l.chain_id = k.scope) END)"""
_DASHED: Final = " || '-' || ".join(
    f"substr(NEW.about, {start}, {size})" for start, size in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
)
_SAME_HOLD: Final = ("id", "patient_id", "case_id", "key_id", "reason", "placed_by_id", "placed_at")

_IN_DATA: Final = {
    "sqlite": f"instr(CAST(l.data AS TEXT), {_DASHED}) > 0",
    "postgresql": "position(NEW.about::text in convert_from(l.data, 'UTF8')) > 0",
}
_TIME: Final = {
    "sqlite": """CAST(strftime('%s', 'now') AS INTEGER) >= CAST(strftime('%s', {clock} / 1000, 'unixepoch',
      '+' || r.minimum || ' months') AS INTEGER)""",
    "postgresql": """(now() AT TIME ZONE 'UTC') >= (to_timestamp({clock} / 1000) AT TIME ZONE 'UTC')
      + make_interval(months => r.minimum::int)""",
}
_IN_TIME: Final = "NOT EXISTS (SELECT 1 FROM records_retentionrule r WHERE r.retention = NEW.retention AND {time})"
EARLY: Final = {
    vendor: _IN_TIME.format(time=time.format(clock=_CLOCK.format(mentions=_IN_DATA[vendor]))) for vendor, time in _TIME.items()
}

# name -> table, event, condition of refusal (by vendor, where they differ; none: not on this one), what is said
Rule = tuple[str, str, "Mapping[str, str] | str", str]
RULES: Final[dict[str, Rule]] = {
    "tombstone_early": ("records_tombstone", "INSERT", EARLY, "retention: before the minimum"),
    "tombstone_held": ("records_tombstone", "INSERT", _HELD.format(row="NEW"), "retention: under a legal hold"),
    "tombstone_key": ("records_tombstone", "INSERT", f"NOT {_THE_KEY}", "retention: no such key"),
    "rule_shorter": ("records_retentionrule", "UPDATE", "NEW.minimum < OLD.minimum", "retention: a minimum only grows"),
    "rule_gone": ("records_retentionrule", "DELETE", "OLD.minimum > 0", "retention: a rule stays"),
    "hold_gone": ("records_legalhold", "DELETE", "OLD.placed_at IS NOT NULL", "retention: a hold stays"),
    "hold_altered": (
        "records_legalhold",
        "UPDATE",
        {
            "sqlite": " OR ".join(["OLD.released_at IS NOT NULL", *(f"NEW.{name} IS NOT OLD.{name}" for name in _SAME_HOLD)]),
            "postgresql": " OR ".join(
                ["OLD.released_at IS NOT NULL", *(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _SAME_HOLD)]
            ),
        },
        "retention: a hold is released, not altered",
    ),
}
KEY_RULES: Final[dict[str, Rule]] = {
    "wrappedkey_kept": (
        "records_wrappedkey",
        "DELETE",
        f"{_RECORDED} AND NOT {_STONE.format(held=_HELD.format(row='t'))}",
        "retention: a key without its tombstone, or under a legal hold",
    ),
}
# A rotation declares itself for ten minutes at a time (records/vault/rotation.py), and wraps for the version that it declared alone.
_DECLARED: Final = """EXISTS (SELECT 1 FROM records_rewrapping r
    WHERE r.kek_id = NEW.kek_id AND r.kek_version = NEW.kek_version AND r.until > {now})"""
_NOT_BY_ROTATION: Final = f"""NOT (NEW.key_id = OLD.key_id AND length(NEW.wrapped) > 0 AND NEW.wrapped <> OLD.wrapped
    AND (NEW.kek_id <> OLD.kek_id OR NEW.kek_version > OLD.kek_version) AND {_DECLARED})"""
_SAME_KEY: Final = ("id", "scope", "retention", "epoch", "created_at")
_SHRED: Final = (
    "OLD.shredded_at IS NULL AND NOT EXISTS (SELECT 1 FROM records_wrappedkey w WHERE w.key_id = OLD.id)"  # the bytes go first
)
WRAPPING_RULES: Final[dict[str, Rule]] = {
    "wrapping_altered": (
        "records_wrappedkey",
        "UPDATE",
        {
            "sqlite": _NOT_BY_ROTATION.format(now="CAST(strftime('%s', 'now') AS INTEGER) * 1000"),
            "postgresql": _NOT_BY_ROTATION.format(now="extract(epoch FROM clock_timestamp()) * 1000"),
        },
        "retention: a wrapped key changes by a rotation alone",
    ),
    "wrapping_replaced": (
        "records_wrappedkey",
        "INSERT",
        # REPLACE fires no trigger of DELETE; PostgreSQL's upsert is an UPDATE.
        {"sqlite": "EXISTS (SELECT 1 FROM records_wrappedkey w WHERE w.key_id = NEW.key_id)"},
        "retention: a wrapped key changes by a rotation alone",
    ),
    "wrapping_emptied": ("records_wrappedkey", "TRUNCATE", {"postgresql": "true"}, "retention: keys go one by one"),
    "datakey_altered": (
        "records_datakey",
        "UPDATE",
        {
            "sqlite": " OR ".join([f"NOT ({_SHRED})", *(f"NEW.{name} IS NOT OLD.{name}" for name in _SAME_KEY)]),
            "postgresql": " OR ".join([f"NOT ({_SHRED})", *(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _SAME_KEY)]),
        },
        "retention: a key is shredded, not altered",
    ),
    "datakey_gone": ("records_datakey", "DELETE", "OLD.epoch > 0", "retention: the row of a key stays"),
}

_POSTGRESQL: Final = """
CREATE OR REPLACE FUNCTION append_only_{name}() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN
  IF {condition} THEN RAISE EXCEPTION '{words}' USING ERRCODE = 'restrict_violation'; END IF;
  RETURN {row};
END $f$;
CREATE TRIGGER append_only_{name} BEFORE {event} ON {table} FOR EACH {each} EXECUTE FUNCTION append_only_{name}();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only_{name};
"""
_SQLITE: Final = """CREATE TRIGGER append_only_{name} BEFORE {event} ON {table} WHEN {condition}
  BEGIN SELECT RAISE(ABORT, '{words}'); END"""


ROWS: Final = {"DELETE": ("OLD", "ROW"), "TRUNCATE": ("NULL", "STATEMENT")}


def install(rules: Mapping[str, Rule]) -> migrations.RunPython:
    """Return the operation that makes these triggers."""
    return migrations.RunPython(partial(_make, rules), partial(_drop, rules), elidable=False)


def lift(rules: Mapping[str, Rule]) -> migrations.RunPython:
    """Return the operation that takes these triggers away until `install`: SQLite renames no table that a trigger names."""
    return migrations.RunPython(partial(_drop, rules), partial(_make, rules), elidable=False)


def install_again(rules: Mapping[str, Rule]) -> migrations.RunPython:
    """Return the operation that puts these triggers in place of those that an older version of this file made."""

    def run(apps: Any, editor: Any) -> None:
        _drop(rules, apps, editor)
        _make(rules, apps, editor)

    return migrations.RunPython(run, migrations.RunPython.noop, elidable=False)


def _make(rules: Mapping[str, Rule], apps: Any, editor: Any) -> None:
    vendor = editor.connection.vendor
    for name, (table, event, condition, words) in _here(rules, vendor).items():
        values = {"name": name, "table": table, "event": event, "condition": condition, "words": words}
        row, each = ROWS.get(event, ("NEW", "ROW"))
        # Without parameters: a percent sign is a percent sign.
        editor.execute((_POSTGRESQL if vendor == "postgresql" else _SQLITE).format(row=row, each=each, **values), None)


def _drop(rules: Mapping[str, Rule], apps: Any, editor: Any) -> None:
    for name, (table, *_) in _here(rules, editor.connection.vendor).items():
        on = f" ON {table}" if editor.connection.vendor == "postgresql" else ""
        editor.execute(f"DROP TRIGGER append_only_{name}{on}", None)


def _here(rules: Mapping[str, Rule], vendor: str) -> dict[str, tuple[str, str, str, str]]:
    """The rules of this back-end."""
    by_vendor = {
        name: (table, event, condition if isinstance(condition, str) else condition.get(vendor), words)
        for name, (table, event, condition, words) in rules.items()
    }
    return {name: (table, event, said, words) for name, (table, event, said, words) in by_vendor.items() if said is not None}
