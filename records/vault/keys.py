"""Data keys: one per (scope, retention class), wrapped in the database, unwrapped only in this process's bounded cache."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid4

from django.db import transaction

from records.vault import keyring
from records.vault.context import field as length_prefixed
from records.vault.errors import KeyMissing
from records.vault.keyring.wrapped import Wrapped
from records.vault.models import DataKey

if TYPE_CHECKING:
    from collections.abc import Hashable

SECRET_BYTES: Final = 32
CACHE_KEYS: Final = 20_000  # about 8 MB of process memory


@dataclass(frozen=True, slots=True)
class OpenKey:
    """An unwrapped data key. Never stored, never logged."""

    id: UUID
    scope: UUID
    retention: str
    epoch: int
    secret: bytes = field(repr=False)


class Cache:
    """A bounded map from threads to threads; the oldest entry leaves first. Reading takes no lock (a dict read is atomic)."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: dict[Hashable, OpenKey] = {}
        self._lock = threading.Lock()

    def get(self, name: Hashable) -> OpenKey | None:
        return self._entries.get(name)

    def put(self, name: Hashable, key: OpenKey) -> None:
        with self._lock:
            self._entries[name] = key
            while len(self._entries) > self._limit:
                del self._entries[next(iter(self._entries))]

    def drop(self, key_id: UUID) -> None:
        with self._lock:
            for name in [name for name, key in self._entries.items() if key.id == key_id]:
                del self._entries[name]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()

    def __len__(self) -> int:
        return len(self._entries)


cache: Final = Cache(CACHE_KEYS)


def data_key(scope: UUID, retention: str) -> OpenKey:
    """Return the newest key of (scope, retention), made in the caller's transaction when there is none."""
    cached = cache.get((scope, retention))
    if cached is not None:
        return cached
    row = _newest(scope, retention) or _make(scope, retention)
    return _remember(_open(row), newest=True)


def is_open(scope: UUID, retention: str) -> bool:
    """Whether `data_key` has the key at hand, so that it neither reads nor writes a row."""
    return cache.get((scope, retention)) is not None


def open_key(key_id: UUID) -> OpenKey:
    """Return a key by its id. Raises KeyMissing when it is gone, KeyringError when it cannot be unwrapped."""
    cached = cache.get(key_id)
    if cached is not None:
        return cached
    row = DataKey.objects.filter(id=key_id).first()
    if row is None:
        raise KeyMissing(str(key_id))
    return _remember(_open(row), newest=False)


def forget(key_id: UUID) -> None:
    """Drop a key from this process's cache, after its row was shredded."""
    cache.drop(key_id)


def binding(row: DataKey) -> bytes:
    """What a wrapped key is bound to: moved to another row it does not unwrap."""
    parts = (row.id.bytes, row.scope.bytes, row.retention.encode(), row.epoch.to_bytes(4, "big"))
    return b"".join(length_prefixed(part) for part in parts)


def wrapped(row: DataKey) -> Wrapped:
    return Wrapped(bytes(row.wrapped), row.kek_id, row.kek_version)


def _newest(scope: UUID, retention: str) -> DataKey | None:
    return DataKey.objects.filter(scope=scope, retention=retention).order_by("-epoch").first()


def _make(scope: UUID, retention: str) -> DataKey:
    row = DataKey(id=uuid4(), scope=scope, retention=retention, epoch=1)
    row.wrapped, row.kek_id, row.kek_version = keyring.current().wrap(secrets.token_bytes(SECRET_BYTES), binding(row))
    # Two processes may come here at once: the first row stays, and both go on with it.
    DataKey.objects.bulk_create([row], ignore_conflicts=True)
    kept = _newest(scope, retention)
    if kept is None:
        raise KeyMissing(f"{scope} {retention}")
    return kept


def _open(row: DataKey) -> OpenKey:
    return OpenKey(row.id, row.scope, row.retention, row.epoch, keyring.current().unwrap(wrapped(row), binding(row)))


def _remember(key: OpenKey, *, newest: bool) -> OpenKey:
    """Cache after commit only: a key whose row was rolled back must never seal anything."""

    def store() -> None:
        cache.put(key.id, key)
        if newest:
            cache.put((key.scope, key.retention), key)

    transaction.on_commit(store)
    return key
