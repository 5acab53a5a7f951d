"""How far two raters agree beyond chance: Cohen's kappa, for each criterion. Pure.

    kappa = (po - pe) / (1 - pe)

po is the share of cases to which both gave the same grade, pe the share expected if each had graded by their own frequencies alone: the sum
over the grades of the product of the two shares. (J. Cohen, A coefficient of agreement for nominal scales, Educational and Psychological
Measurement 20, 1960.) Not weighted: that two raters differ by two grades counts as much as by one. Undefined where pe is 1: both gave one
and the same grade throughout.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NONE: Final = "none"
GRADES: Final = (NONE, "minor", "major", "critical")

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Kappa:
    """`cases`: how many both graded; `agreed`: those with the same grade; `expected`: by chance alone; `value`: None: undefined."""

    cases: int
    agreed: int
    expected: Fraction
    value: Fraction | None


def kappa(pairs: Iterable[Pair]) -> Kappa:
    """The agreement of two raters who each gave one grade to each of some cases."""
    counts = Counter(pairs)
    cases = counts.total()
    if not cases:
        return Kappa(0, 0, Fraction(0), None)
    first, second = _margin(counts, 0), _margin(counts, 1)
    agreed = sum(n for (one, other), n in counts.items() if one == other)
    chance = Fraction(sum(n * second[grade] for grade, n in first.items()), cases)  # in cases
    left = cases - chance
    return Kappa(cases, agreed, chance, (agreed - chance) / left if left else None)


def grade(findings: Iterable[tuple[str, str]], criterion: str) -> str:
    """The worst severity that a rater found by one criterion, or NONE."""
    return max((severity for kind, severity in findings if kind == criterion), key=GRADES.index, default=NONE)


def differing(one: Sequence[tuple[str, str]], other: Sequence[tuple[str, str]], criteria: Iterable[str]) -> list[str]:
    """The criteria by which two raters graded a case differently."""
    return [name for name in criteria if grade(one, name) != grade(other, name)]


def _margin(counts: Mapping[Pair, int], rater: int) -> Counter[str]:
    margin: Counter[str] = Counter()
    for pair, n in counts.items():
        margin[pair[rater]] += n
    return margin
