"""What one person may have going on at the same time in this process: the rate limits count what begins, not how long it takes."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from records.errors import TOO_MANY, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

RETRY_SECONDS: Final = 2.0


class AtOnce:
    """At most `most` of one kind for each person. Knows only those who have some now."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._now: Counter[UUID] = Counter()

    def begin(self, person: UUID) -> None:
        """Count one more, until `end`. Raises Refused(TOO_MANY)."""
        with self._lock:
            if self._now[person] >= self.most:
                raise Refused(TOO_MANY, retry_after=RETRY_SECONDS)
            self._now[person] += 1

    def end(self, person: UUID) -> None:
        with self._lock:
            self._now[person] -= 1
            if self._now[person] <= 0:
                del self._now[person]

    @contextmanager
    def one(self, person: UUID) -> Iterator[None]:
        """Around what is counted."""
        self.begin(person)
        try:
            yield
        finally:
            self.end(person)

    def __len__(self) -> int:
        """How many people have something going on."""
        return len(self._now)
