"""Time that has passed: what these tests say was said years ago was said through the real actions, with the clock of the day."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest

from consult.models import Consultation
from records.retention import tombstones
from records.vault.models import DataKey, Retention
from tests.cast import consultation

YEAR_NS = 365 * 86_400 * 10**9


@contextmanager
def years_ago(years: float) -> Iterator[None]:
    """What is written inside gets leaves of that time."""
    real = time.time_ns
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time_ns", lambda: real() - int(years * YEAR_NS))
        yield


Case = Callable[..., Consultation]


def old_case(years: float, **more: Any) -> Consultation:
    """A consultation of so many years ago: opened, talked, closed."""
    with years_ago(years):
        said = (("zhao", "您好，哪里不舒服？"), ("wang", "早上头晕"))
        terms: dict[str, Any] = {"said": said, "summary": "好转", **more}
        return consultation(**terms)


def key_of(scope: UUID, retention: str = Retention.DIALOGUE) -> UUID:
    return DataKey.objects.get(scope=scope, retention=retention).id


@pytest.fixture(autouse=True)
def no_tombstones() -> Iterator[None]:
    """The file of tombstones is the deployment's, and so this process's: each test begins without."""
    tombstones.path().unlink(missing_ok=True)
    yield
    tombstones.path().unlink(missing_ok=True)
