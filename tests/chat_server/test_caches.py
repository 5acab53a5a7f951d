"""What one process counts, all count: two clients of the cache that share nothing but what is behind it."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.cache import caches
from pytest_django import Settings

from chat_server.caches import FileCache, Json
from tests.cast import Browser, cast, code_of

__all__ = ["cast"]


@pytest.fixture
def key() -> str:
    return str(uuid4())


@pytest.mark.django_db
def test_what_is_there_once_is_there_once_for_all(key: str) -> None:
    clients = [caches.create_connection("default") for _ in range(2)]
    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(lambda turn: clients[turn % 2].add(key, turn, 60), range(64)))
    assert won.count(True) == 1
    assert clients[0].get(key) == clients[1].get(key) == won.index(True)


@pytest.mark.django_db
def test_failed_sign_ins_are_counted_together(cast: None) -> None:
    """Each attempt through a process that has just begun, as far as the cache can tell."""
    answers = []
    for _ in range(6):
        caches["default"].close()
        del caches["default"]
        answers.append(code_of(Browser().sign_in("D1001", "not the password")))
    assert answers == ["sign_in.failed"] * 5 + ["too_many"]


def test_a_name_that_nobody_has_is_held_up_alike(cast: None) -> None:
    answers = [code_of(Browser().sign_in("nobody", "not the password")) for _ in range(6)]
    assert answers == ["sign_in.failed"] * 5 + ["too_many"]


@pytest.mark.production
def test_while_failures_cannot_be_counted_nobody_signs_in(cast: None, settings: Settings) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    answer = Browser().sign_in("D1001")
    assert (answer.status_code, code_of(answer)) == (503, "unavailable")


def test_an_entry_that_is_over_is_gone_and_its_file_soon_after(tmp_path: Path, key: str) -> None:
    store = FileCache(str(tmp_path), {})
    assert store.add(key, 1, 60)
    assert not store.add(key, 2, 60)
    store.set("over", [1.5], -1)
    assert store.get("over") is None
    store.set("soon", 1, 60)
    path = Path(store._key_to_file("soon"))
    os.utime(path, (0, 0))
    FileCache._swept = 0.0
    assert store.add("another", 1, 60)
    assert not path.exists()
    assert store.get(key) == 1


def test_redis_is_never_asked_for_code() -> None:
    json = Json()
    assert json.loads(json.dumps([1.5, "y", True])) == [1.5, "y", True]
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(b"cos\nsystem\n(S'true'\ntR.")
    if not settings.EMBEDDED:
        assert settings.CACHES["default"]["OPTIONS"]["serializer"] == "chat_server.caches.Json"
