"""More removals: of what an outsider checks, a pack or the whole ledger, in the form of `removals`."""

from __future__ import annotations

import pytest

Patch = pytest.MonkeyPatch


def rows_are_believed(patch: Patch) -> None:
    """The bytes of a message are compared, and not what its row says of them."""
    patch.setattr("records.ledger.contents.Stored.agrees", lambda *_: True)
