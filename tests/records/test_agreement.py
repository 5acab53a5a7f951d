"""Cohen's kappa against worked examples that were published, and what holds for any two raters."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.sampling.agreement import GRADES, Pair, differing, grade, kappa


def table(rows: list[list[int]]) -> list[Pair]:
    """A table of counts, the first rater's grades down and the second's across, as the pairs it counts."""
    return [(str(down), str(across)) for down, row in enumerate(rows) for across, n in enumerate(row) for _ in range(n)]


@pytest.mark.parametrize(
    ("rows", "expected", "value"),
    [
        # J. Cohen 1960, three categories, 200 cases: po 0.70, pe 0.41, kappa 0.492
        ([[88, 14, 18], [10, 40, 10], [2, 6, 12]], 82, 0.492),
        # J. Sim and C. Wright, Physical Therapy 85 (2005), 39 patients: po 0.846, kappa 0.67
        ([[22, 2], [4, 11]], 21, 0.67),
        # A. Viera and J. Garrett, Family Medicine 37 (2005), 100 lectures: po 0.85, pe 0.65, kappa 0.57
        ([[15, 5], [10, 70]], 65, 0.57),
    ],
)
def test_published_examples_come_out(rows: list[list[int]], expected: int, value: float) -> None:
    found = kappa(table(rows))
    assert found.value is not None
    assert (found.cases, found.agreed, found.expected) == (
        sum(map(sum, rows)), sum(rows[place][place] for place in range(len(rows))), Fraction(expected),
    )  # fmt: skip
    assert round(float(found.value), len(str(value)) - 2) == value


PAIRS = st.lists(st.tuples(st.sampled_from(GRADES), st.sampled_from(GRADES)), max_size=60)


@given(PAIRS)
def test_it_is_the_same_whoever_is_called_the_first_and_never_above_one(pairs: list[Pair]) -> None:
    one, other = kappa(pairs), kappa([(second, first) for first, second in pairs])
    assert one == other
    assert one.value is None or -1 <= one.value <= 1
    assert (one.value == 1) == (one.value is not None and one.agreed == one.cases)


@given(st.lists(st.sampled_from(GRADES), min_size=1))
def test_one_grade_throughout_says_nothing_and_full_agreement_on_several_is_one(grades: list[str]) -> None:
    assert kappa([(one, one) for one in grades]).value == (1 if len(set(grades)) > 1 else None)


def test_without_cases_there_is_nothing_to_say() -> None:
    assert (kappa([]).cases, kappa([]).value, kappa([]).expected) == (0, None, Fraction(0))


def test_a_case_is_graded_by_the_worst_that_was_found_by_a_criterion() -> None:
    found = [("safety", "minor"), ("safety", "critical"), ("clarity", "major")]
    assert [grade(found, name) for name in ("safety", "clarity", "privacy")] == ["critical", "major", "none"]
    assert differing(found, [("safety", "critical")], ("safety", "clarity", "privacy")) == ["clarity"]
