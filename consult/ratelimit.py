"""How much one person may ask for: a token bucket for each, shared by all sockets and requests of this process."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from django.conf import settings

if TYPE_CHECKING:
    from uuid import UUID

PAUSE_SECONDS: Final = 1.0  # so that who is told to wait finds more than one token afterwards
CALL_FRAMES_PER_SECOND, CALL_FRAMES_BURST = 20, 60
MAX_BUCKETS: Final = 10_000  # then those that are full again are let go: a new one would be the same


@dataclass(slots=True)
class Bucket:
    """`rate` tokens a second up to `burst`. A rate of 0 means no limit. Once empty it stays shut for PAUSE_SECONDS."""

    rate: float
    burst: float
    _tokens: float = field(init=False)
    _at: float = field(init=False)
    _shut_until: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self._tokens, self._at = self.burst, time.monotonic()

    def take(self) -> float:
        """Take one token and return 0; or else return the seconds after which to try again."""
        if not self.rate:
            return 0.0
        self._fill()
        if self._tokens < 1 and self._at >= self._shut_until:
            self._shut_until = self._at + max(PAUSE_SECONDS, 1 / self.rate)
        if self._at < self._shut_until:
            return self._shut_until - self._at
        self._tokens -= 1
        return 0.0

    @property
    def pace(self) -> float:
        """Seconds between two frames at the rate that is allowed."""
        return 1 / self.rate if self.rate else 0.0

    @property
    def full(self) -> bool:
        self._fill()
        return self._tokens >= self.burst

    def _fill(self) -> None:
        now = time.monotonic()
        self._tokens = min(self.burst, self._tokens + (now - self._at) * self.rate)
        self._at = now


class Limits:
    """One bucket a person. Sockets take from the event loop, requests from threads: single dict operations, no lock."""

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst = rate, burst
        self._buckets: dict[UUID, Bucket] = {}

    def of(self, person: UUID) -> Bucket:
        """The bucket of this person; sockets may keep it, because it is never replaced while it is not full."""
        bucket = self._buckets.get(person)
        if bucket is None:
            if len(self._buckets) >= MAX_BUCKETS:
                self._let_go()
            bucket = self._buckets.setdefault(person, Bucket(self.rate, self.burst))
        return bucket

    def _let_go(self) -> None:
        for person in [person for person, bucket in list(self._buckets.items()) if bucket.full]:
            self._buckets.pop(person, None)


def of_calls() -> Bucket:
    """What one socket may say in calls, beside what its person may say at all."""
    return Bucket(CALL_FRAMES_PER_SECOND, CALL_FRAMES_BURST)


class _Running:
    limits: Limits | None = None


def limits() -> Limits:
    """Those of this process, as the settings say."""
    if _Running.limits is None:
        _Running.limits = Limits(settings.XINQIAO_FRAMES_PER_SECOND, settings.XINQIAO_FRAMES_BURST)
    return _Running.limits
