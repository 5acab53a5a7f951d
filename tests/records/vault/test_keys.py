"""One data key for a scope and retention class; never one that the database did not keep."""

import threading
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.db import connection, transaction

from records import vault
from records.vault import Retention, keys
from records.vault.models import DataKey, WrappedKey
from records.vault.opened import Opened
from tests.append_only import guards_lifted


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
    row = WrappedKey.objects.get(key=key.id)
    assert key.secret not in bytes(row.wrapped)
    assert (row.kek_version, len(bytes(row.wrapped))) == (1, 1 + 24 + 32 + 32 + 16)


@pytest.mark.django_db
def test_wrapped_keys_of_two_rows_cannot_be_exchanged() -> None:
    one, two = (vault.data_key(uuid4(), Retention.DIALOGUE) for _ in range(2))
    row = WrappedKey.objects.get(key=one.id)
    row.wrapped = WrappedKey.objects.get(key=two.id).wrapped
    with guards_lifted():
        row.save()
    with pytest.raises(vault.SealBroken):
        vault.open_key(one.id)


@pytest.mark.django_db
def test_a_key_whose_wrapped_bytes_were_lost_is_missing_and_not_shredded() -> None:
    key = vault.data_key(uuid4(), Retention.DIALOGUE)
    WrappedKey.objects.filter(key=key.id).delete()
    for lost in (key.id, uuid4()):
        with pytest.raises(vault.KeyMissing) as refused:
            vault.open_key(lost)
        assert refused.value.kind.code == "key.missing"


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
    cache, opened = Opened(3), [vault.OpenKey(uuid4(), uuid4(), "dialogue", 1, bytes(32)) for _ in range(10)]
    for key in opened:
        cache.put(key, newest=True)
    assert len(cache) == 3
    assert [cache.get(key.id) == cache.newest(key.scope, "dialogue") == key for key in opened] == [False] * 7 + [True] * 3
    assert cache.newest(opened[0].scope, "dialogue") is None
