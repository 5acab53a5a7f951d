"""What the database itself refuses of retention, by triggers on both back-ends: used by migrations.

- a tombstone before the minimum of its class, under a hold, or for a key that is not of its scope and class
- to let a wrapped key go without its tombstone, or under a hold, once the ledger has anything under it
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
_HELD: Final = """EXISTS (SELECT 1 FROM records_legalhold h WHERE h.released_at IS NULL
    AND (h.case_id IN ({row}.scope, {row}.case_id) OR h.case_id IS NULL AND h.patient_id = {row}.patient_id))"""
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

# name -> table, event, condition of refusal by vendor (None: the same), what is said
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

_POSTGRESQL: Final = """
CREATE OR REPLACE FUNCTION append_only_{name}() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN
  IF {condition} THEN RAISE EXCEPTION '{words}' USING ERRCODE = 'restrict_violation'; END IF;
  RETURN {row};
END $f$;
CREATE TRIGGER append_only_{name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION append_only_{name}();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only_{name};
"""
_SQLITE: Final = """CREATE TRIGGER append_only_{name} BEFORE {event} ON {table} WHEN {condition}
  BEGIN SELECT RAISE(ABORT, '{words}'); END"""


def install(rules: Mapping[str, Rule]) -> migrations.RunPython:
    """Return the operation that makes these triggers."""
    return migrations.RunPython(partial(_make, rules), partial(_drop, rules), elidable=False)


def _make(rules: Mapping[str, Rule], apps: Any, editor: Any) -> None:
    vendor = editor.connection.vendor
    for name, (table, event, condition, words) in rules.items():
        refused = condition if isinstance(condition, str) else condition[vendor]
        values = {"name": name, "table": table, "event": event, "condition": refused, "words": words}
        row = "OLD" if event == "DELETE" else "NEW"
        # Without parameters: a percent sign is a percent sign.
        editor.execute((_POSTGRESQL if vendor == "postgresql" else _SQLITE).format(row=row, **values), None)


def _drop(rules: Mapping[str, Rule], apps: Any, editor: Any) -> None:
    for name, (table, *_) in rules.items():
        on = f" ON {table}" if editor.connection.vendor == "postgresql" else ""
        editor.execute(f"DROP TRIGGER append_only_{name}{on}", None)
