"""Data keys: one per (scope, retention class), wrapped in the database, unwrapped only in this process's bounded cache."""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils import timezone

from records.vault import keyring
from records.vault.context import field as length_prefixed
from records.vault.errors import KeyMissing, KeyShredded, VaultError
from records.vault.keyring.wrapped import Wrapped
from records.vault.models import DataKey, WrappedKey
from records.vault.opened import Opened, OpenKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

SECRET_BYTES: Final = 32
CACHE_KEYS: Final = 20_000  # about 8 MB of process memory
# Longer than a transaction that shreds, and than two hosts' clocks differ.
LOOK_BACK: Final = timedelta(minutes=10)

cache: Final = Opened(CACHE_KEYS)

# Called after commit with the ids of shredded keys. Whoever can tell other processes registers here; this package cannot import them.
on_shredded: list[Callable[[Sequence[UUID]], None]] = []


def data_key(scope: UUID, retention: str) -> OpenKey:
    """Return the newest key of (scope, retention), made in the caller's transaction when there is none, or none is left."""
    _look()
    cached = cache.newest(scope, retention)
    if cached is not None:
        return cached
    row = _newest(scope, retention)
    if row is not None and row.shredded_at is None:
        return _remember(cache.get(row.id) or _open(row), newest=True)
    return _made(scope, retention, 1 if row is None else row.epoch + 1)


def new_key(scope: UUID, retention: str) -> OpenKey:
    """Make another key of (scope, retention), which can be shredded alone, in the caller's transaction."""
    row = _newest(scope, retention)
    epoch = 1 if row is None else row.epoch + 1
    while not (key := _inserted(scope, retention, epoch)):  # somebody else was faster
        epoch += 1
    return _remember(key, newest=False)


def is_open(scope: UUID, retention: str) -> bool:
    """Whether `data_key` has the key at hand, so that it neither reads nor writes a row."""
    _look()
    return cache.newest(scope, retention) is not None


def warm(scope: UUID, retention: str) -> None:
    """Have the newest key at hand, if there is one: the keyring may be far away, and who seals next should not wait for it.

    Whatever goes wrong is found, and said, by who needs the key.
    """
    if cache.newest(scope, retention) is None:
        row = _newest(scope, retention)
        if row is not None:
            with suppress(VaultError):
                _remember(cache.get(row.id) or _open(row), newest=True)


def open_key(key_id: UUID) -> OpenKey:
    """Return a key by its id. Raises KeyShredded, KeyMissing when it is gone, KeyringError when it cannot be unwrapped."""
    _look()
    cached = cache.get(key_id)
    if cached is not None:
        return cached
    row = DataKey.objects.select_related("wrapping").filter(id=key_id).first()
    if row is None:
        raise KeyMissing(str(key_id))
    return _remember(_open(row), newest=False)


@transaction.atomic
def shred(key_ids: Iterable[UUID]) -> None:
    """Destroy data keys: in the caller's transaction here, after its commit in every process's memory (a minute at the latest).

    What they sealed can never be opened again. The rows of the keys stay, and say when. Doing it again changes nothing.
    """
    ids = list(key_ids)
    WrappedKey.objects.filter(key__in=ids).delete()
    DataKey.objects.filter(id__in=ids, shredded_at=None).update(shredded_at=timezone.now())
    transaction.on_commit(partial(_shredded, ids))


def forget(key_id: UUID) -> None:
    """Drop a key from this process's cache, after it was shredded."""
    cache.drop(key_id)


def binding(row: DataKey) -> bytes:
    """What a wrapped key is bound to: moved to another row it does not unwrap."""
    parts = (row.id.bytes, row.scope.bytes, row.retention.encode(), row.epoch.to_bytes(4, "big"))
    return b"".join(length_prefixed(part) for part in parts)


def wrapped(row: WrappedKey) -> Wrapped:
    return Wrapped(bytes(row.wrapped), row.kek_id, row.kek_version)


def _look() -> None:
    """Once in a minute, forget what other processes shredded: whoever serves sockets hears of it at once, a worker does not."""
    if cache.due():
        cache.looked()
        lately = DataKey.objects.filter(shredded_at__gte=timezone.now() - LOOK_BACK)
        for key_id in lately.values_list("id", flat=True):
            cache.drop(key_id)


def _shredded(ids: Sequence[UUID]) -> None:
    for key_id in ids:
        forget(key_id)
    for hook in on_shredded:
        hook(ids)


def _newest(scope: UUID, retention: str) -> DataKey | None:
    keys = DataKey.objects.select_related("wrapping").filter(scope=scope, retention=retention)
    return keys.order_by("-epoch").first()


def _made(scope: UUID, retention: str, epoch: int) -> OpenKey:
    """The key of this epoch. Two processes may come here at once: the first row stays, and both go on with it."""
    if made := _inserted(scope, retention, epoch):
        return _remember(made, newest=True) if connection.in_atomic_block else made
    kept = _newest(scope, retention)
    if kept is None:
        raise KeyMissing(f"{scope} {retention}")
    return _remember(_open(kept), newest=True)


def _inserted(scope: UUID, retention: str, epoch: int) -> OpenKey | None:
    """A new key, stored; None when there is one of this epoch."""
    secret, row = secrets.token_bytes(SECRET_BYTES), DataKey(id=uuid4(), scope=scope, retention=retention, epoch=epoch)
    blob, kek_id, kek_version = keyring.current().wrap(secret, binding(row))
    DataKey.objects.bulk_create([row], ignore_conflicts=True)
    if not DataKey.objects.filter(id=row.id).exists():
        return None
    WrappedKey.objects.create(key=row, wrapped=blob, kek_id=kek_id, kek_version=kek_version)
    return OpenKey(row.id, scope, retention, epoch, secret)


def _open(row: DataKey) -> OpenKey:
    if row.shredded_at is not None:
        raise KeyShredded(str(row.id))
    wrapping: WrappedKey | None = getattr(row, "wrapping", None)
    if wrapping is None:
        raise KeyMissing(str(row.id))
    return OpenKey(row.id, row.scope, row.retention, row.epoch, keyring.current().unwrap(wrapped(wrapping), binding(row)))


def _remember(key: OpenKey, *, newest: bool) -> OpenKey:
    """Cache after commit only: a key whose row was rolled back must never seal anything."""
    transaction.on_commit(partial(cache.put, key, newest=newest))
    return key
