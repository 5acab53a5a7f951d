"""Chains with leaves, for the tests of the ledger; the cast for those that need real consultations."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from records.ledger import chains
from records.ledger.models import Chain
from tests.cast import browser_of, cast, charts

__all__ = ["browser_of", "cast", "charts"]

Talk = Callable[..., UUID]


@pytest.fixture
def talk(db: None) -> Talk:
    """Return a function: say so many things in a chain (a new one unless given); answers the chain's id."""

    def say(count: int, chain_id: UUID | None = None) -> UUID:
        with transaction.atomic():
            chain = chain_id or Chain.objects.create(kind=Chain.Kind.SYSTEM).id
            with chains.extend(chain) as tail:
                for _ in range(count):
                    tail.add("session.started", actor=uuid4(), ids={"method": "password"})
        return chain

    return say
