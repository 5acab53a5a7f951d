"""What the catalogue says of one attack."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import pytest

Removal = Callable[[pytest.MonkeyPatch], None]


class Attack(NamedTuple):
    """`reason`: why an attack has no test yet."""

    what: str
    tests: tuple[str, ...] = ()
    defences: Mapping[str, Removal] = {}  # the test that watches -> its defence's removal
    reason: str = ""


def held(what: str, without: Removal, watched: str, *more: str, also: Mapping[str, Removal] | None = None) -> Attack:
    """`also`: tests that watch its other defences, or other forms of it."""
    defences = {watched: without, **(also or {})}
    return Attack(what, (*defences, *more), defences)
