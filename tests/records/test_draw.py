"""A draw comes out the same wherever it is done again, never twice the same case, never one from elsewhere."""

import hashlib
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from records.sampling.draw import draw, listed, read

CASES = st.sets(st.uuids(), min_size=1, max_size=60)
SEEDS = st.text("0123456789abcdef", min_size=1, max_size=32)


@settings(max_examples=60)
@given(CASES, SEEDS, st.data())
def test_a_draw_is_deterministic_without_replacement_and_within_its_population(
    population: set[UUID], seed: str, data: st.DataObject
) -> None:
    size = data.draw(st.integers(1, len(population)))
    drawn = draw(population, size, seed)
    assert len(drawn) == len(set(drawn)) == size
    assert set(drawn) <= population
    shuffled = data.draw(st.permutations(sorted(population)))
    assert draw([*shuffled, *shuffled], size, seed) == drawn
    assert draw(read(listed(shuffled)), size, seed) == drawn
    assert draw(population, len(population), seed)[:size] == drawn


def test_a_stranger_draws_the_same_with_a_hash_alone() -> None:
    population = [UUID(int=number) for number in range(1000)]
    hashes = {hashlib.sha256(b"2026-Q4:" + str(case).encode()).hexdigest(): case for case in population}
    assert draw(population, 50, "2026-Q4") == [hashes[key] for key in sorted(hashes)[:50]]
    assert draw(population, 50, "2026-Q4") != draw(population, 50, "2026-Q3")


@pytest.mark.parametrize("size", [0, -1, 3])
def test_a_population_that_is_too_small_is_no_shorter_sample(size: int) -> None:
    with pytest.raises(ValueError, match="too small"):
        draw([UUID(int=1), UUID(int=2)], size, "x")
