"""How long each class of content is kept: the legal minimum, the hospital's maximum, and the two dates they give. Pure.

Sources: 互联网诊疗监管细则（试行）2022 art. 20 (dialogue and media: three years; electronic record: fifteen years, as for an outpatient
record), 网络安全法 art. 21 (security logs: six months), 45 CFR 164.316(b)(2) (six years).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from records.vault.models import Retention

MONTHS_A_YEAR: Final = 12


class Term(NamedTuple):
    """In calendar months, from the last act of the content. Before `minimum` nothing may be deleted; from `maximum` on it is due."""

    minimum: int
    maximum: int


# The smallest minimum that may ever be set, by preset.
PRESETS: Final[dict[str, dict[str, Term]]] = {
    "cn": {Retention.DIALOGUE: Term(36, 60), Retention.RECORD: Term(180, 360), Retention.ACCESS: Term(6, 36)},
    "hipaa": {Retention.DIALOGUE: Term(72, 120), Retention.RECORD: Term(72, 360), Retention.ACCESS: Term(72, 120)},
}


def later(at: int, months: int) -> int:
    """The moment (ms since epoch, UTC) so many calendar months after `at`.

    Where the month has no such day the days left over count into the next month: never earlier than either database reckons it.
    """
    moment = datetime.fromtimestamp(at // 1000, UTC)
    years, month = divmod(moment.month - 1 + months, MONTHS_A_YEAR)
    first = moment.replace(year=moment.year + years, month=month + 1, day=1)
    return int((first + timedelta(days=moment.day - 1)).timestamp()) * 1000 + at % 1000


def allowed_from(last_at: int, term: Term) -> int:
    """From when content whose last act was at `last_at` may be deleted, ms since epoch."""
    return later(last_at, term.minimum)


def due_from(last_at: int, term: Term) -> int:
    """From when it is to be deleted, unless it is held."""
    return later(last_at, max(term.minimum, term.maximum))


def stricter(one: Term, other: Term) -> Term:
    """What satisfies both: the longer minimum, and a maximum that is not shorter than it."""
    minimum = max(one.minimum, other.minimum)
    return Term(minimum, max(minimum, other.maximum))
