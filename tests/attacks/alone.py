"""Removals of what keeps one person from acting as two, in the form of `removals`."""

from __future__ import annotations

import importlib

import pytest
from django.db import connection

Patch = pytest.MonkeyPatch


def whoever_asks_may_agree(patch: Patch) -> None:
    """To the release of a hold: in the code, and in the table of access."""
    access = importlib.import_module("records.access")
    patch.setattr("records.retention.holds._another", lambda *_: None)
    patch.setitem(access.RULES, "hold.release", access.RULES["hold.ask_release"])


def requesters_are_others(patch: Patch) -> None:
    """To their own grants: in the code, and in SQLite's constraints."""
    other = importlib.import_module("records.access").Relation.OTHER
    patch.setattr("records.grants.models.AccessGrant.relations_of", lambda *_: frozenset({other}))
    _checks(ignored=True)
    undo = patch.undo

    def put_back() -> None:
        undo()
        _checks(ignored=False)

    object.__setattr__(patch, "undo", put_back)


def _checks(*, ignored: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA ignore_check_constraints = {'ON' if ignored else 'OFF'}")
