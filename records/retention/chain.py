"""The chain of retention: rules, runs and tombstones. Apart from the system's, so that all that was ever destroyed is one short list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from records.ledger import chains
from records.ledger.models import Chain

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

RETENTION_CHAIN: Final = UUID("00000000-0000-4000-8000-000000000002")


def extend_retention() -> AbstractContextManager[chains.Extension]:
    """`chains.extend` on the chain of retention, made on first use. Must run inside `transaction.atomic()`."""
    Chain.objects.get_or_create(id=RETENTION_CHAIN, defaults={"kind": Chain.Kind.SYSTEM})
    return chains.extend(RETENTION_CHAIN)
