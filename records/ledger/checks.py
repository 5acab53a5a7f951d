"""Full checks of the ledger, remembered in the ledger itself: when, over how much, and the first mismatches with their places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from django.db import transaction

from records.ledger.findings import TEXTS, Finding
from records.ledger.leaves import parse
from records.ledger.models import Leaf
from records.ledger.system import SYSTEM_CHAIN, extend_system

if TYPE_CHECKING:
    from records.ledger.full_audit import Totals

CHECKED: Final = "ledger.checked"
NAMED: Final = 20  # mismatches that the leaf names; the rest are counted
LOOKED_AT: Final = 2000  # checks among which the last good one is looked for


class Check(NamedTuple):
    """`at` in ms since epoch; `entries` and `problems` are counts; `found` the first of the problems."""

    at: int
    entries: int
    problems: int
    found: tuple[Finding, ...]


def remember(totals: Totals) -> None:
    """Leave a leaf in the system's chain that says how a full check went."""
    ids = {"entries": str(totals.leaves), "problems": str(len(totals.findings))}
    if totals.findings:
        ids["found"] = ";".join(map(_written, totals.findings[:NAMED]))
    with transaction.atomic(), extend_system() as system:
        system.add(CHECKED, actor=None, ids=ids)


def last() -> Check | None:
    leaf = Leaf.objects.filter(chain_id=SYSTEM_CHAIN, kind=CHECKED).order_by("-seq").first()
    return _read(leaf) if leaf else None


def last_good_at() -> int | None:
    """When a full check last found nothing wrong; ms since epoch."""
    leaves = Leaf.objects.filter(chain_id=SYSTEM_CHAIN, kind=CHECKED).order_by("-seq")[:LOOKED_AT]
    return next((check.at for check in map(_read, leaves) if not check.problems), None)


def _written(finding: Finding) -> str:
    return ",".join("" if value is None else str(value) for value in finding)


def _read(leaf: Leaf) -> Check:
    said = parse(bytes(leaf.data)).ids
    named = (one.split(",") for one in said.get("found", "").split(";") if one)
    found = tuple(Finding(code, chain or None, *map(_number, places)) for code, chain, *places in named if code in TEXTS)
    return Check(leaf.at, int(said["entries"]), int(said["problems"]), found)


def _number(text: str) -> int | None:
    return int(text) if text else None
