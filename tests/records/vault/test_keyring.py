"""The key file: this account's alone, whole or not at all, and never quoted."""

import json
import os
import secrets
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from pytest_django import Settings

from records.vault.errors import KeyringError, SealBroken
from records.vault.keyring.file import FileKeyring, create
from records.vault.keyring.wrapped import Wrapped
from tests.deployment import PATIENCE_SECONDS

SECRET = secrets.token_bytes(32)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys" / "kek.json"
    create(path)
    return path


def code_of(path: Path) -> str:
    with pytest.raises(KeyringError) as caught:
        FileKeyring(path)
    assert caught.value.kind.zh
    return caught.value.kind.code


def test_a_new_key_file_and_its_directory_are_private(file: Path) -> None:
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [path.name for path in file.parent.iterdir()] == ["kek.json"]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o620, 0o666])
def test_a_key_file_that_others_may_touch_is_refused(file: Path, mode: int) -> None:
    file.chmod(mode)
    assert code_of(file) == "key_file.unsafe"


def test_a_stricter_mode_is_fine(file: Path) -> None:
    file.chmod(0o400)
    assert FileKeyring(file).current_version() == 1


def test_the_server_does_not_start_on_a_key_file_of_mode_0644(file: Path, tmp_path: Path) -> None:
    file.chmod(0o644)
    env = {
        **os.environ,
        "XINQIAO_DATA": str(tmp_path),
        "XINQIAO_KEYFILE": str(file),
        "DJANGO_SETTINGS_MODULE": "chat_server.settings",
    }
    root = Path(__file__).parents[3]
    for command in (["serve", "--port", "0"], ["rotate_keys", "--status"]):
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=root,
            env=env,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert done.returncode != 0, command
        assert "has mode -rw-r--r--" in done.stderr, done.stderr
        assert "0600" in done.stderr or "chmod 600" in done.stderr, done.stderr


@pytest.mark.once
@pytest.mark.parametrize(
    ("ring", "said"),
    [
        ({"XINQIAO_KEYRING": "vault"}, "keyring.unset"),
        ({"XINQIAO_KEYRING": "vault", "XINQIAO_VAULT_ADDRESS": "http://127.0.0.1:1"}, "keyring.away"),
    ],
)
def test_the_server_does_not_start_on_a_keyring_that_does_not_open(ring: dict[str, str], said: str, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.touch(0o600)
    own = {"XINQIAO_DATA": str(tmp_path), "XINQIAO_DEPLOYMENT": str(uuid4()), "XINQIAO_VAULT_TOKEN_FILE": str(token), **ring}
    env = {**os.environ, **own, "DJANGO_SETTINGS_MODULE": "chat_server.settings"}
    done = subprocess.run(
        [sys.executable, "manage.py", "serve", "--port", "0"],
        cwd=Path(__file__).parents[3],
        env=env,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode != 0
    assert said in done.stderr, done.stderr


def test_a_missing_file_and_a_directory_are_named(tmp_path: Path) -> None:
    assert code_of(tmp_path / "kek.json") == "key_file.missing"
    assert code_of(tmp_path) == "key_file.unsafe"


@pytest.mark.parametrize(
    "damage", ["", "{", '{"format": 2}', "[]", "null", '{"format": 1, "current": 9, "versions": {}}', "\x00"]
)
def test_a_damaged_file_is_refused_without_being_quoted(file: Path, damage: str) -> None:
    key = json.loads(file.read_text())["versions"]["1"]["key"]
    file.write_text(damage + key)
    with pytest.raises(KeyringError) as caught:
        FileKeyring(file)
    shown = (
        f"{caught.value} {caught.value!r} {caught.value.__cause__} {caught.value.__context__ if caught.value.__cause__ else ''}"
    )
    assert caught.value.kind.code == "key_file.bad"
    assert key not in shown
    assert caught.value.__suppress_context__


def test_creating_twice_keeps_the_first(file: Path) -> None:
    before = file.read_bytes()
    create(file)
    assert file.read_bytes() == before


def test_rotations_and_retirements_at_once_lose_no_version(file: Path) -> None:
    """Each with a ring of its own, as every process has one."""
    begin = threading.Barrier(3)

    def rotate() -> list[Wrapped]:
        ring = FileKeyring(file)
        begin.wait()
        return [ring.wrap(SECRET, b"row") for _ in range(10) if ring.rotate()]

    def retire() -> list[Wrapped]:
        ring = FileKeyring(file)
        begin.wait()
        ring.rotate()
        ring.retire(1)
        return []

    with ThreadPoolExecutor(3) as pool:
        acts = [pool.submit(act) for act in (rotate, rotate, retire)]
    wrapped = [one for act in acts for one in act.result()]
    assert list(FileKeyring(file).versions()) == list(range(2, 23))
    assert [FileKeyring(file).unwrap(one, b"row") for one in wrapped] == [SECRET] * 20


def test_a_wrapped_key_opens_only_in_its_own_row(file: Path) -> None:
    ring = FileKeyring(file)
    wrapped = ring.wrap(SECRET, b"row 1")
    assert ring.unwrap(wrapped, b"row 1") == SECRET
    with pytest.raises(SealBroken):
        ring.unwrap(wrapped, b"row 2")


def test_a_keyring_wraps_with_the_suite_in_use_and_opens_either(file: Path, settings: Settings) -> None:
    ring = FileKeyring(file)
    before = ring.wrap(SECRET, b"row")
    settings.XINQIAO_SUITE = "sm"
    after = ring.rewrap(before, b"row")
    assert (before.blob[:1], after.blob[:1]) == (b"\x01", b"\x02")
    assert ring.unwrap(before, b"row") == ring.unwrap(after, b"row") == SECRET
    for blob in (b"\x02" + before.blob[1:], b"\x01" + after.blob[1:]):
        with pytest.raises(SealBroken):
            ring.unwrap(after._replace(blob=blob), b"row")


@pytest.mark.once
def test_the_suite_is_chosen_by_a_setting_and_a_wrong_one_stops_the_start(tmp_path: Path) -> None:
    code = "from records.vault import sealing; print(sealing.CURRENT.hex())"
    root = Path(__file__).parents[3]
    done = {
        name: subprocess.run(
            [sys.executable, "manage.py", "shell", "-v", "0", "-c", code],
            cwd=root,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "chat_server.settings",
                "XINQIAO_DATA": str(tmp_path),
                "XINQIAO_SUITE": name,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        for name in ("sm", "rot13")
    }
    assert done["sm"].stdout.strip() == "12", done["sm"].stderr
    assert done["rot13"].returncode != 0
    assert "XINQIAO_SUITE must be one of cobblestone, sm" in done["rot13"].stderr


def test_another_id_or_an_unknown_version_is_refused(file: Path) -> None:
    ring = FileKeyring(file)
    blob, name, version = ring.wrap(SECRET, b"row")
    for wrong in (Wrapped(blob, "other", version), Wrapped(blob, name, version + 1)):
        with pytest.raises(KeyringError) as caught:
            ring.unwrap(wrong, b"row")
        assert caught.value.kind.code == "kek.unknown"


def test_a_running_server_follows_a_rotation_by_another_process(file: Path) -> None:
    server, operator = FileKeyring(file), FileKeyring(file)
    old = server.wrap(SECRET, b"row")
    assert operator.rotate() == 2
    assert server.unwrap(operator.wrap(SECRET, b"row"), b"row") == SECRET
    assert server.wrap(SECRET, b"row").kek_version == 2
    assert server.unwrap(old, b"row") == SECRET
    assert operator.rewrap(old, b"row").kek_version == 2


def test_the_current_version_cannot_be_retired(file: Path) -> None:
    ring = FileKeyring(file)
    with pytest.raises(KeyringError):
        ring.retire(1)
    ring.rotate()
    ring.retire(1)
    assert set(ring.versions()) == {2}
    assert FileKeyring(file).rotate() == 3


def test_the_keys_are_in_no_representation(file: Path) -> None:
    key = json.loads(file.read_text())["versions"]["1"]["key"]
    ring = FileKeyring(file)
    assert key not in repr(ring._keys)
    assert "key=" not in repr(ring._keys)
