"""The cast, for the tests of people, sessions, charts and grants; a key file that may be rotated."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from records.ledger import signing
from records.vault import keyring, keys
from tests.cast import browser_of, cast, charts, demo_on

__all__ = ["browser_of", "cast", "charts", "demo_on"]


@pytest.fixture
def ring(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """A key file of the test's own: a rotation is not rolled back with the database. The ledger is signed as before."""
    settings.XINQIAO_LEDGER_KEYFILE = signing.path()
    settings.XINQIAO_KEYFILE = tmp_path / "ring" / "kek.json"
    keyring.close()
    keyring.create()
    yield
    keyring.close()
    keys.cache.clear()
