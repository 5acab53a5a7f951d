"""Removals of what keeps one person from acting as two."""

from __future__ import annotations

import pytest
from django.db import connection

from records.access import RULES, Relation
from records.grants import AccessGrant
from records.people import Role

Patch = pytest.MonkeyPatch


def whoever_asks_may_agree(patch: Patch) -> None:
    """To the release of a hold: in the code, and in the table of access."""
    patch.setattr("records.retention.holds._another", lambda *_: None)
    everybody = frozenset((role, Relation.ANY) for role in (Role.OFFICER, Role.APPROVER))
    patch.setitem(RULES, "hold.release", everybody)


def requesters_are_others(patch: Patch) -> None:
    """To their own grants: in the code, and in SQLite's constraints."""
    patch.setattr(AccessGrant, "relations_of", lambda *_: frozenset({Relation.OTHER}))
    _checks(ignored=True)
    undo = patch.undo

    def put_back() -> None:
        undo()
        _checks(ignored=False)

    object.__setattr__(patch, "undo", put_back)


def _checks(*, ignored: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA ignore_check_constraints = {'ON' if ignored else 'OFF'}")
