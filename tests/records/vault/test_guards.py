"""A wrapped key changes by a rotation and by nothing else that reaches the database: an UPDATE would destroy it without a tombstone."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from records import vault
from records.vault import Retention, keys, rotation
from records.vault.models import DataKey, Rewrapping, WrappedKey

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ring")]
BY_A_ROTATION = "changes by a rotation alone"


@pytest.fixture
def key() -> vault.OpenKey:
    return vault.data_key(uuid4(), Retention.DIALOGUE)


def refused(match: str, **change: Any) -> None:
    before = list(WrappedKey.objects.values_list())
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        WrappedKey.objects.update(**change)
    assert list(WrappedKey.objects.values_list()) == before


def test_a_plain_update_is_refused_whatever_it_says(key: vault.OpenKey) -> None:
    version = rotation.current()[1]
    refused(BY_A_ROTATION, wrapped=b"\x00")
    refused(BY_A_ROTATION, kek_version=version + 1)
    refused(BY_A_ROTATION, wrapped=b"\x00", kek_version=version + 1)
    refused(BY_A_ROTATION, wrapped=b"\x00", kek_id="another", kek_version=version)
    refused(BY_A_ROTATION, key=uuid4())


def test_under_a_rotation_a_key_changes_for_its_version_and_only_once(key: vault.OpenKey) -> None:
    name, old = rotation.current()
    rotation.begin()
    with rotation.declared():
        refused(BY_A_ROTATION, wrapped=b"\x00", kek_version=old + 2)
        refused(BY_A_ROTATION, wrapped=b"", kek_version=old + 1)
        refused(BY_A_ROTATION, kek_version=old + 1)
        refused(BY_A_ROTATION, wrapped=b"\x00", kek_id="another", kek_version=old + 1)
    assert rotation.rewrap_all() == (1, ())
    with rotation.declared():
        refused(BY_A_ROTATION, wrapped=b"\x00", kek_version=old + 1)
    refused(BY_A_ROTATION, wrapped=b"\x00", kek_id=name, kek_version=old + 2)
    assert not Rewrapping.objects.exists()
    keys.cache.clear()
    assert vault.open_key(key.id) == key


def test_what_a_killed_run_declared_means_nothing_after_ten_minutes(key: vault.OpenKey) -> None:
    name, old = rotation.current()
    killed = Rewrapping.objects.create(kek_id=name, kek_version=old + 1, until=int(timezone.now().timestamp() * 1000) - 1000)
    refused(BY_A_ROTATION, wrapped=b"\x00", kek_version=old + 1)
    with rotation.declared():
        assert not Rewrapping.objects.filter(id=killed.id).exists()


def test_nothing_takes_the_place_of_a_wrapped_key(key: vault.OpenKey) -> None:
    names = '"key_id", "wrapped", "kek_id", "kek_version"'
    rows = f"({names}) SELECT {names} FROM records_wrappedkey WHERE true"
    upsert = f"INSERT INTO records_wrappedkey {rows} ON CONFLICT (key_id) DO UPDATE SET wrapped = 'x'"
    statements = {
        "sqlite": [f"REPLACE INTO records_wrappedkey {rows}", upsert],
        "postgresql": [upsert.replace("'x'", "'x'::bytea"), "TRUNCATE records_wrappedkey"],
    }[connection.vendor]
    for statement in statements:
        with pytest.raises(DatabaseError, match="retention: "), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert vault.open_key(key.id) == key


def test_which_key_is_which_is_not_altered_and_it_is_not_called_shredded_while_it_opens(key: vault.OpenKey) -> None:
    row = DataKey.objects.filter(id=key.id)
    for change in ({"scope": uuid4()}, {"epoch": 9}, {"retention": "record"}, {"shredded_at": timezone.now()}):
        with pytest.raises(DatabaseError, match="shredded, not altered"), transaction.atomic():
            row.update(**change)
    with pytest.raises(DatabaseError, match="stays"), transaction.atomic():
        row._raw_delete("default")
    vault.shred([key.id])
    with pytest.raises(DatabaseError, match="shredded, not altered"), transaction.atomic():
        row.update(shredded_at=None)
