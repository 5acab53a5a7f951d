"""The terms in force: the preset of the deployment, or what the hospital set above it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from records.access import require
from records.errors import ErrorKind, Refused
from records.retention.chain import extend_retention, lock_retention
from records.retention.models import RetentionRule
from records.retention.terms import PRESETS, Term, stricter
from records.vault.models import Retention

if TYPE_CHECKING:
    from records.people import Person

SET: Final = "retention.rule_set"
LONGEST: Final = 1200  # months

TOO_SHORT: Final = ErrorKind(
    "retention.too_short",
    422,
    "保存期限只能延长，不能短于法定最短期限或现行期限。",
    "A minimum can only be made longer: neither the law's nor the one in force can be undercut.",
)
UPSIDE_DOWN: Final = ErrorKind(
    "retention.maximum_below_minimum", 422, "最长期限不能短于最短期限。", "The maximum cannot be shorter than the minimum."
)


def legal() -> dict[str, Term]:
    """The preset: below its minima nothing can be set."""
    return PRESETS[settings.XINQIAO_RETENTION]


def in_force() -> dict[str, Term]:
    """The term of every class."""
    return {row.retention: Term(row.minimum, row.maximum) for row in _rows()}


def rows() -> list[RetentionRule]:
    return sorted(_rows(), key=lambda row: list(Retention).index(Retention(row.retention)))


def seen(person: Person) -> list[RetentionRule]:
    require(person, "retention.see")
    return rows()


@transaction.atomic
def set_term(person: Person, retention: str, term: Term) -> RetentionRule:
    """Make a class kept longer, or move its maximum. Raises Refused: TOO_SHORT, UPSIDE_DOWN."""
    require(person, "retention.rule")
    lock_retention()
    rule = next(row for row in _rows() if row.retention == retention)
    if term.minimum < rule.minimum or term.minimum > LONGEST:
        raise Refused(TOO_SHORT)
    if not term.minimum <= term.maximum <= LONGEST:
        raise Refused(UPSIDE_DOWN)
    rule.minimum, rule.maximum, rule.set_by, rule.set_at = *term, person, timezone.now()
    rule.save()
    with extend_retention() as tail:
        ids = {"class": retention, "minimum": str(term.minimum), "maximum": str(term.maximum)}
        tail.add(SET, actor=person.id, ids=ids)
    return rule


@transaction.atomic
def _rows() -> list[RetentionRule]:
    """One row a class, raised to the preset where it is below: the database's own guard reads these rows."""
    found = {row.retention: row for row in RetentionRule.objects.all()}
    for retention, floor in legal().items():
        row = found.get(retention)
        term = stricter(floor, Term(row.minimum, row.maximum)) if row else floor
        if row is None or (row.minimum, row.maximum) != term:
            values = {"minimum": term.minimum, "maximum": term.maximum}
            found[retention], _ = RetentionRule.objects.update_or_create(retention=retention, defaults=values)
    return list(found.values())
