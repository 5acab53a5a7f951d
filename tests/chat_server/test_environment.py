"""Variables of a deployment: read strictly, or named in the error."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from chat_server import checks
from chat_server import environment as env


@pytest.mark.parametrize(
    ("redis", "broker"),
    [
        ("", "memory://localhost/"),
        ("redis://cache:6379/3", "redis://cache:6379/3"),
        ("rediss://cache:6380/0", "rediss://cache:6380/0"),
        ("unix:///run/redis.sock?db=2", "redis+socket:///run/redis.sock?virtual_host=2"),
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock?virtual_host=0"),
    ],
)
def test_celery_is_told_its_own_spelling_of_a_redis_address(redis: str, broker: str) -> None:
    assert env.celery_broker(redis) == broker


def test_another_broker_is_refused_by_name() -> None:
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL"):
        env.celery_broker("amqp://rabbit/")


def test_a_database_url_with_a_socket_keeps_every_part_and_gets_a_pool() -> None:
    settings = env.postgresql("postgresql://wang:pass%20word@/hospital?host=/run/postgresql&sslmode=disable", 7)
    assert settings["NAME"] == "hospital"
    assert (settings["USER"], settings["PASSWORD"], settings["HOST"]) == ("wang", "pass word", "/run/postgresql")
    assert settings["OPTIONS"]["pool"]["max_size"] == 7
    assert settings["CONN_HEALTH_CHECKS"]
    assert settings["OPTIONS"]["sslmode"] == "disable"
    assert "CONN_MAX_AGE" not in settings


@pytest.mark.parametrize(("name", "value"), [("XINQIAO_DEMO", "maybe"), ("XINQIAO_SESSION_HOURS", "-1")])
def test_a_value_that_is_none_stops_the_start_and_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=name):
        env.flag(name) if name == "XINQIAO_DEMO" else env.number(name, 12)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("XINQIAO_DUTY_HOURS", "20:00-07:00"),
        ("XINQIAO_DUTY_HOURS", "7-20"),
        ("XINQIAO_DUTY_HOURS", "07:00-24:01"),
        ("XINQIAO_DUTY_DAYS", "0,1"),
        ("XINQIAO_DUTY_DAYS", ","),
        ("XINQIAO_HINT_PATIENTS", "1"),
    ],
)
def test_a_time_of_duty_that_is_none_stops_the_start(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    assert (env.oversight()["opens"], env.oversight()["closes"], env.oversight()["days"]) == (420, 1200, {1, 2, 3, 4, 5, 6})
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=name):
        env.oversight()


def test_processes_that_start_at_once_agree_on_one_secret_that_only_they_can_read(tmp_path: Path) -> None:
    path = tmp_path / "secret-key"
    with ThreadPoolExecutor(16) as pool:
        secrets = set(pool.map(lambda _: env.secret_file(path), range(64)))
    assert len(secrets) == 1
    assert len(secrets.pop()) >= 48
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secret-key"]


def test_a_secret_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "secret-key"
    env.secret_file(path)
    path.chmod(0o640)
    with pytest.raises(ImproperlyConfigured, match="0600"):
        env.secret_file(path)


def test_production_is_told_that_patients_have_no_number_to_call(settings: Settings) -> None:
    settings.XINQIAO_HOSPITAL_PHONE = ""
    assert [found.id for found in checks.patients_have_a_number(None)] == ["chat_server.W003"]
    settings.XINQIAO_HOSPITAL_PHONE = "010-5550-0100"
    assert not checks.patients_have_a_number(None)
