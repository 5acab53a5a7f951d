"""A data key as it is stored: wrapped, with the id and version of the key that wrapped it."""

from __future__ import annotations

from typing import NamedTuple


class Wrapped(NamedTuple):
    blob: bytes
    kek_id: str
    kek_version: int
