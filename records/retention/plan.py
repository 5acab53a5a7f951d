"""What may be destroyed, what is due, and why not: the one function behind the preview and the run."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from records.ledger.chains import now_ms
from records.retention import holdings, rules, terms
from records.retention.holds import Held

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from uuid import UUID

    from records.retention.holdings import Holding
    from records.retention.terms import Term


class Fate(NamedTuple):
    """A holding and what is to become of it; times in ms since epoch, None: its clock has not begun."""

    holding: Holding
    allowed_from: int | None
    due_from: int | None
    held: bool

    def may_go(self, now: int) -> bool:
        return not self.held and self.allowed_from is not None and self.allowed_from <= now

    def is_due(self, now: int) -> bool:
        return self.may_go(now) and self.due_from is not None and self.due_from <= now


def fates(keys: Collection[UUID] | None = None) -> list[Fate]:
    """What becomes of every holding, or of these keys'."""
    in_force, held = rules.in_force(), Held()
    return [_fate(holding, in_force[holding.retention], held) for holding in holdings.every(keys)]


def due(now: int | None = None) -> list[Fate]:
    """What a run at `now` (ms since epoch) destroys."""
    moment = now or now_ms()
    return [fate for fate in fates() if fate.is_due(moment)]


def digest(planned: Iterable[Fate]) -> str:
    """Names a preview: whoever confirms it confirms these keys and no others."""
    keys = sorted(str(fate.holding.key) for fate in planned)
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()


def _fate(holding: Holding, term: Term, held: Held) -> Fate:
    last_at, stays = holding.last_at, holding in held
    if not holding.settled or last_at is None:
        return Fate(holding, None, None, stays)
    return Fate(holding, terms.allowed_from(last_at, term), terms.due_from(last_at, term), stays)
