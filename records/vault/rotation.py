"""Rotation of the key-encrypting key: every data key is wrapped again, no content is touched.

Safe to kill at any moment and to run again, also twice at once: each run adds a version of its own, durable in the keyring before
the first row uses it, each row changes only if it still holds what was unwrapped, and an old version stays until no row needs it.

The database lets a wrapped key change under a declared run alone (records/retention/triggers.py): a plain UPDATE could destroy it.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

from django.db.models import Count
from django.utils import timezone

from records.errors import ErrorKind
from records.vault import keyring
from records.vault.errors import KeyringError, SealBroken
from records.vault.keys import binding, wrapped
from records.vault.models import Rewrapping, WrappedKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.models import QuerySet

BATCH: Final = 500
# A server reads the replaced key file when it next wraps; a transaction begun before may still commit a row under the old version.
SETTLE_MS: Final = 600_000
# How long a run may take for one batch.
DECLARED_MS: Final = 600_000

IN_USE: Final = ErrorKind(
    "kek.in_use", 409, "仍有数据密钥使用此主密钥版本，不能停用。", "Data keys still use this key version; it cannot be retired."
)
TOO_SOON: Final = ErrorKind(
    "kek.too_soon",
    409,
    "主密钥轮换后请等待十分钟再停用旧版本。",
    "Wait ten minutes after the rotation before retiring the old version.",
)


class Rewrapped(NamedTuple):
    """How many data keys were wrapped again, and which could not be unwrapped: damaged, or put there by somebody else."""

    done: int
    broken: tuple[UUID, ...]


def begin() -> int:
    """Add a version to the keyring and make it current. From now on new data keys use it."""
    return keyring.current().rotate()


def current() -> tuple[str, int]:
    """The id of the key-encrypting key and its current version."""
    ring = keyring.current()
    return ring.key_id(), ring.current_version()


def versions() -> dict[int, int]:
    """Every version in the keyring with the number of data keys that use it."""
    ring = keyring.current()
    return {number: WrappedKey.objects.filter(kek_id=ring.key_id(), kek_version=number).count() for number in ring.versions()}


def elsewhere() -> dict[str, int]:
    """How many data keys other keyrings wrapped, by their id: to be moved before those are taken out of XINQIAO_KEYRING."""
    others = WrappedKey.objects.exclude(kek_id=keyring.current().key_id()).values_list("kek_id")
    return dict(others.annotate(Count("key")).order_by("kek_id"))


def remaining() -> int:
    """How many data keys are not yet under the current version."""
    return _stale(*current()).count()


def rewrap_all(progress: Callable[[int], None] | None = None) -> Rewrapped:
    """Wrap every stale data key again. A broken one is left as it is, and does not stop the others."""
    done, broken, after = 0, list[UUID](), None
    while rows := list(_batch(after)):
        with declared() as version:
            for row in rows:
                try:
                    done += _rewrap(row, version)
                except SealBroken:
                    broken.append(row.key_id)
        after = rows[-1].key_id
        if progress:
            progress(done)
    return Rewrapped(done, tuple(broken))


@contextmanager
def declared() -> Iterator[tuple[str, int]]:
    """Wrapped keys may change for the current version of the keyring, which this yields, until the block ends."""
    now, version = int(timezone.now().timestamp() * 1000), current()
    Rewrapping.objects.filter(until__lt=now).delete()  # of runs that were killed
    run = Rewrapping.objects.create(kek_id=version[0], kek_version=version[1], until=now + DECLARED_MS)
    try:
        yield version
    finally:
        run.delete()


def retire(version: int, now_ms: int) -> None:
    """Destroy an old version. Raises KeyringError while it is current, in use, or was in use a moment ago."""
    ring = keyring.current()
    since_current = now_ms - ring.versions()[ring.current_version()]
    if WrappedKey.objects.filter(kek_id=ring.key_id(), kek_version=version).exists():
        raise KeyringError(IN_USE, f"version {version}")
    if since_current < SETTLE_MS:
        raise KeyringError(TOO_SOON, f"{since_current // 1000} s since the rotation")
    ring.retire(version)


def _stale(kek_id: str, version: int) -> QuerySet[WrappedKey]:
    return WrappedKey.objects.exclude(kek_id=kek_id, kek_version=version)


def _batch(after: UUID | None) -> QuerySet[WrappedKey]:
    rows = _stale(*current()).select_related("key").order_by("key_id")
    return (rows.filter(key__gt=after) if after else rows)[:BATCH]


def _rewrap(row: WrappedKey, version: tuple[str, int]) -> bool:
    """Compare and swap: False when somebody else changed the row meanwhile, which is as good, or began a rotation after `version`."""
    old = wrapped(row)
    new = keyring.current().rewrap(old, binding(row.key))
    if (new.kek_id, new.kek_version) != version:
        return False
    unchanged = WrappedKey.objects.filter(key=row.key, kek_id=old.kek_id, kek_version=old.kek_version, wrapped=old.blob)
    return bool(unchanged.update(wrapped=new.blob, kek_id=new.kek_id, kek_version=new.kek_version))
