"""The data keys that this process has opened: bounded in number, and in how long one can outlive its shredding elsewhere."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from uuid import UUID

LOOK_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class OpenKey:
    """An unwrapped data key. Never stored, never logged."""

    id: UUID
    scope: UUID
    retention: str
    epoch: int
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class BlobKey:
    """The key of one blob, and the epoch of the data key that it was made of. It tells nothing of that key or of other blobs."""

    epoch: int
    secret: bytes = field(repr=False)


class Opened:
    """At most `limit` keys, shared by all threads; the oldest leaves first. Reading takes no lock (a dict read is atomic)."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._keys: dict[UUID, OpenKey] = {}
        self._newest: dict[tuple[UUID, str], OpenKey] = {}  # only keys that are in `_keys` too
        self._lock = threading.Lock()
        self._look_at = float("inf")  # nothing is open, nothing to look after

    def get(self, key_id: UUID) -> OpenKey | None:
        return self._keys.get(key_id)

    def newest(self, scope: UUID, retention: str) -> OpenKey | None:
        return self._newest.get((scope, retention))

    def put(self, key: OpenKey, *, newest: bool) -> None:
        with self._lock:
            if not self._keys:
                self.looked()  # what was opened just now need not be looked at again
            self._keys[key.id] = key
            if newest:
                self._newest[key.scope, key.retention] = key
            while len(self._keys) > self._limit:
                self._remove(next(iter(self._keys)))

    def drop(self, key_id: UUID) -> None:
        with self._lock:
            self._remove(key_id)

    def clear(self) -> None:
        with self._lock:
            self._keys.clear()
            self._newest.clear()
            self._look_at = float("inf")

    def due(self) -> bool:
        """Whether LOOK_SECONDS have passed since the last look at what was shredded elsewhere."""
        return time.monotonic() > self._look_at

    def looked(self) -> None:
        self._look_at = time.monotonic() + LOOK_SECONDS

    def _remove(self, key_id: UUID) -> None:
        key = self._keys.pop(key_id, None)
        if key is not None and self._newest.get((key.scope, key.retention)) == key:
            del self._newest[key.scope, key.retention]

    def __len__(self) -> int:
        return len(self._keys)
