"""What a command says when an act refuses: its code, and the sentence in both languages."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.core.management.base import CommandError

from records.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def refusals() -> Iterator[None]:
    """Raises CommandError in the place of Refused."""
    try:
        yield
    except Refused as refused:
        kind = refused.kind
        raise CommandError(f"{kind.code}: {kind.zh} {kind.en}") from refused
