"""The chain of retention: rules, runs and tombstones. Apart from the system's, so that all that was ever destroyed is one short list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from records.ledger import chains
from records.ledger.models import Chain

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

RETENTION_CHAIN: Final = UUID("00000000-0000-4000-8000-000000000002")


def lock_retention() -> None:
    """Let nobody else place a hold, set a rule or destroy anything until the transaction ends: whoever does one of these takes this
    lock before they look at what the others have done, and before any other lock."""
    _make()
    Chain.objects.select_for_update().get(id=RETENTION_CHAIN)


def extend_retention() -> AbstractContextManager[chains.Extension]:
    """`chains.extend` on the chain of retention, made on first use. Must run inside `transaction.atomic()`."""
    _make()
    return chains.extend(RETENTION_CHAIN)


def _make() -> None:
    Chain.objects.get_or_create(id=RETENTION_CHAIN, defaults={"kind": Chain.Kind.SYSTEM})
