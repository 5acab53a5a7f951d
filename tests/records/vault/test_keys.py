"""One data key for a scope and retention class; never one that the database did not keep."""

import threading
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.db import connection, transaction

from records import vault
from records.vault import Retention, keys
from records.vault.models import DataKey


@pytest.fixture(autouse=True)
def fresh_cache() -> Iterator[None]:
    keys.cache.clear()
    yield
    keys.cache.clear()


@pytest.mark.django_db
def test_a_scope_has_one_key_for_each_class() -> None:
    scope = uuid4()
    dialogue, record = vault.data_key(scope, Retention.DIALOGUE), vault.data_key(scope, Retention.RECORD)
    assert dialogue.secret != record.secret
    assert vault.data_key(scope, Retention.DIALOGUE) == vault.open_key(dialogue.id) == dialogue
    assert DataKey.objects.filter(scope=scope).count() == 2


@pytest.mark.django_db
def test_the_stored_key_is_not_the_key() -> None:
    key = vault.data_key(uuid4(), Retention.DIALOGUE)
    row = DataKey.objects.get(id=key.id)
    assert key.secret not in bytes(row.wrapped)
    assert (row.kek_version, len(bytes(row.wrapped))) == (1, 1 + 24 + 32 + 32 + 16)


@pytest.mark.django_db
def test_wrapped_keys_of_two_rows_cannot_be_exchanged() -> None:
    one, two = (vault.data_key(uuid4(), Retention.DIALOGUE) for _ in range(2))
    row = DataKey.objects.get(id=one.id)
    row.wrapped = DataKey.objects.get(id=two.id).wrapped
    row.save()
    with pytest.raises(vault.SealBroken):
        vault.open_key(one.id)


@pytest.mark.django_db
def test_a_shredded_key_is_missing() -> None:
    key = vault.data_key(uuid4(), Retention.DIALOGUE)
    DataKey.objects.filter(id=key.id).delete()
    with pytest.raises(vault.KeyMissing):
        vault.open_key(key.id)


@pytest.mark.django_db(transaction=True)
def test_a_key_whose_row_was_rolled_back_never_seals_anything() -> None:
    scope = uuid4()
    with transaction.atomic():
        lost = vault.data_key(scope, Retention.DIALOGUE)
        assert vault.data_key(scope, Retention.DIALOGUE) == lost
        transaction.set_rollback(True)
    with pytest.raises(vault.KeyMissing):
        vault.open_key(lost.id)
    with transaction.atomic():
        assert vault.data_key(scope, Retention.DIALOGUE).secret != lost.secret


@pytest.mark.django_db(transaction=True)
def test_a_committed_key_is_read_from_the_database_once(django_assert_num_queries: object) -> None:
    assert callable(django_assert_num_queries)
    with transaction.atomic():
        key = vault.data_key(uuid4(), Retention.DIALOGUE)
    with django_assert_num_queries(0):
        assert vault.data_key(key.scope, Retention.DIALOGUE) is vault.open_key(key.id)
    vault.forget(key.id)
    with django_assert_num_queries(1):
        vault.open_key(key.id)


@pytest.mark.django_db(transaction=True)
def test_two_doctors_at_once_get_the_same_key() -> None:
    scope, found, start = uuid4(), list[bytes](), threading.Barrier(4)

    def ask() -> None:
        start.wait()
        with transaction.atomic():
            found.append(vault.data_key(scope, Retention.DIALOGUE).secret)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1


def test_the_cache_is_bounded() -> None:
    cache = keys.Cache(3)
    for number in range(10):
        cache.put(number, vault.OpenKey(uuid4(), uuid4(), "dialogue", 1, bytes(32)))
    assert len(cache) == 3
    assert cache.get(9) is not None
    assert cache.get(0) is None
