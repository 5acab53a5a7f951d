"""When a thing may go and when it must: calendar months, never earlier than a database reckons them."""

from datetime import UTC, datetime

import pytest

from records.retention.terms import PRESETS, Term, allowed_from, due_from, later, stricter


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("at", "months", "then"),
    [
        ("2021-03-14T09:30", 36, "2024-03-14T09:30"),
        ("2021-11-30", 3, "2022-03-02"),  # February has no 30th
        ("2024-02-29", 12, "2025-03-01"),
        ("2020-12-31T23:59", 6, "2021-07-01T23:59"),
        ("2011-01-01", 180, "2026-01-01"),
    ],
)
def test_months_are_those_of_the_calendar(at: str, months: int, then: str) -> None:
    assert later(ms(at), months) == ms(then)


def test_what_is_due_was_allowed_before() -> None:
    at = ms("2020-05-01")
    for preset in PRESETS.values():
        for term in preset.values():
            assert allowed_from(at, term) <= due_from(at, term)
    assert due_from(at, Term(36, 12)) == allowed_from(at, Term(36, 12)), "a maximum below the minimum counts for nothing"


def test_the_stricter_of_two_terms_satisfies_both() -> None:
    assert stricter(Term(36, 60), Term(72, 48)) == Term(72, 72)
    assert {name: term.minimum for name, term in PRESETS["cn"].items()} == {"dialogue": 36, "record": 180, "access": 6}
    assert {term.minimum for term in PRESETS["hipaa"].values()} == {72}
