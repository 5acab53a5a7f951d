"""Which cases are in a sample. Pure, and simple enough to be done again with any tool:

    sha256sum of "SEED:CASE" for every case of the population; the smallest hashes are drawn, the smallest first.

Nobody who made neither the seed nor the population chooses, the order of the population does not matter, and no language's generator of
random numbers is needed to check it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


def draw(population: Collection[UUID], size: int, seed: str) -> list[UUID]:
    """`size` different cases of the population, the same ones every time. ValueError when there are fewer."""
    different = set(population)
    if not 0 < size <= len(different):
        raise ValueError("the population is too small")
    return sorted(different, key=lambda case: hashlib.sha256(f"{seed}:{case}".encode()).digest())[:size]


def listed(cases: Iterable[UUID]) -> bytes:
    """Cases as the ledger's hash covers them: one id a line, ascending."""
    return "".join(f"{case}\n" for case in sorted(set(cases), key=str)).encode()


def read(text: bytes) -> list[UUID]:
    """The other way round."""
    return [UUID(line) for line in text.decode().split()]
