"""A shredded key is gone: from the table, from the file under it, and from the memory of every process."""

from collections.abc import Iterator, Sequence
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from records import vault
from records.vault import Context, Retention, keys
from records.vault.models import DataKey, WrappedKey
from records.vault.opened import LOOK_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def fresh_cache() -> Iterator[None]:
    keys.cache.clear()
    yield
    keys.cache.clear()


def made(scope: UUID | None = None) -> vault.OpenKey:
    with transaction.atomic():
        return vault.data_key(scope or uuid4(), Retention.DIALOGUE)


def test_what_a_shredded_key_sealed_cannot_be_opened_and_the_rest_can() -> None:
    wang, li = made(), made()
    context = Context("message.posted", wang.scope, 1, None, "client-id-000001", "application/json")
    blob = vault.seal(wang, context, "早上头晕".encode())
    vault.shred([wang.id])
    with pytest.raises(vault.KeyShredded) as refused:
        vault.unseal(vault.open_key(wang.id), context, blob)
    assert refused.value.kind.code == "key.shredded"
    assert vault.open_key(li.id) == li
    assert not WrappedKey.objects.filter(key=wang.id).exists()


def test_shredding_twice_keeps_the_first_hour() -> None:
    key = made()
    vault.shred([key.id])
    first = DataKey.objects.get(id=key.id).shredded_at
    vault.shred([key.id])
    assert DataKey.objects.get(id=key.id).shredded_at == first is not None


def test_a_shredding_that_is_rolled_back_takes_nothing() -> None:
    key, told = made(), list[Sequence[UUID]]()
    keys.on_shredded.append(told.append)
    try:
        with transaction.atomic():
            vault.shred([key.id])
            transaction.set_rollback(True)
        assert vault.open_key(key.id) == key
        assert told == []
        vault.shred([key.id])
    finally:
        keys.on_shredded.remove(told.append)
    assert told == [[key.id]]


def test_a_wrapped_key_that_a_restore_brings_back_does_not_open_again() -> None:
    key = made()
    backup = WrappedKey.objects.get(key=key.id)
    vault.shred([key.id])
    WrappedKey.objects.bulk_create([backup])
    with pytest.raises(vault.KeyShredded):
        vault.open_key(key.id)


def test_what_comes_after_a_shredding_gets_a_key_of_its_own() -> None:
    first = made()
    vault.shred([first.id])
    second = made(first.scope)
    assert (second.scope, second.epoch) == (first.scope, 2)
    assert made(first.scope) == vault.open_key(second.id) == second


def test_several_keys_of_one_chart_are_shredded_one_by_one() -> None:
    chart = uuid4()
    with transaction.atomic():
        calls = [vault.new_key(chart, Retention.DIALOGUE) for _ in range(3)]
    assert [key.epoch for key in calls] == [1, 2, 3]
    vault.shred([calls[1].id])
    assert [vault.open_key(calls[0].id), vault.open_key(calls[2].id)] == [calls[0], calls[2]]
    with pytest.raises(vault.KeyShredded):
        vault.open_key(calls[1].id)


def shred_elsewhere(key: vault.OpenKey) -> None:
    """As another process does it: nothing in this one hears of it."""
    vault.shred([key.id])
    keys.cache.put(key, newest=True)


def test_a_worker_that_hears_nothing_forgets_within_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    key, other = made(), made()
    shred_elsewhere(key)
    assert vault.open_key(key.id) == key
    monkeypatch.setattr(keys.cache, "_look_at", keys.cache._look_at - LOOK_SECONDS - 1)
    with pytest.raises(vault.KeyShredded):
        vault.open_key(key.id)
    assert vault.is_open(other.scope, Retention.DIALOGUE)
    assert not vault.is_open(key.scope, Retention.DIALOGUE)


@pytest.mark.embedded
def test_the_bytes_of_a_shredded_key_are_not_left_in_the_file() -> None:
    key = made()
    blob = bytes(WrappedKey.objects.get(key=key.id).wrapped)
    assert blob in connection.connection.serialize()
    vault.shred([key.id])
    assert blob not in connection.connection.serialize()
