"""The system's own chain: sign-ins, key rotations, and what else belongs to no consultation, chart or grant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from records.ledger import chains
from records.ledger.models import Chain

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

SYSTEM_CHAIN: Final = UUID("00000000-0000-4000-8000-000000000001")


def extend_system() -> AbstractContextManager[chains.Extension]:
    """`chains.extend` on the system's chain, made on first use. Must run inside `transaction.atomic()`."""
    Chain.objects.get_or_create(id=SYSTEM_CHAIN, defaults={"kind": Chain.Kind.SYSTEM})
    return chains.extend(SYSTEM_CHAIN)
