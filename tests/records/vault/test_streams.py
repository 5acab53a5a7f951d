"""A recording is its segments, all of them, in their order."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.vault import manifest

SEGMENTS = [(hashlib.sha256(bytes([n])).digest(), 262_144 - n) for n in range(5)]
WHOLE = manifest(SEGMENTS)


def test_segments_exchanged_repeated_dropped_or_resized_are_another_recording() -> None:
    one, two, *rest = SEGMENTS
    altered = [
        [two, one, *rest],
        [one, one, two, *rest],
        [one, *rest],
        SEGMENTS[:-1],
        [],
        [*SEGMENTS, SEGMENTS[-1]],
        [(one[0], one[1] - 1), two, *rest],
    ]
    assert len({WHOLE, *map(manifest, altered)}) == len(altered) + 1


@given(st.lists(st.tuples(st.binary(min_size=32, max_size=32), st.integers(0, 2**40)), max_size=6))
def test_only_the_same_segments_have_the_same_manifest(parts: list[tuple[bytes, int]]) -> None:
    assert (manifest(parts) == WHOLE) == (parts == SEGMENTS)
    assert manifest(iter(parts)) == manifest(parts)


def test_a_hash_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        manifest([(b"short", 1)])
