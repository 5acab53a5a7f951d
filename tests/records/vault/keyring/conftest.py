"""Every keyring beside the file, each against the nearest thing to its service that a test machine has."""

import base64
import secrets
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import boto3
import moto
import pytest
from pytest_django import Settings

from records.vault import keyring
from records.vault.keyring import Keyring
from tests.records.vault.keyring.transit_server import Transit, served

DEPLOYMENT = uuid4()
SOFTHSM = next((path for path in Path("/usr/lib").rglob("libsofthsm2.so")), None)


@dataclass
class Kept:
    """A provider's keys: `opened` opens them anew, as another process does; `another` adds a version, as an operator does."""

    opened: Callable[[], Keyring]
    another: Callable[[], object]
    engine: Transit | None = None


def opened(name: str) -> Callable[[], Keyring]:
    return lambda: keyring._provider(name).open_ring(DEPLOYMENT)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Kept:
    keys = [secrets.token_bytes(32)]

    def put() -> None:
        monkeypatch.setenv("XINQIAO_KEK", ",".join(f"{n}:{base64.b64encode(key).decode()}" for n, key in enumerate(keys, 1)))

    def another() -> None:
        keys.append(secrets.token_bytes(32))
        put()

    put()
    return Kept(opened("environment"), another)


@pytest.fixture
def vault(settings: Settings, tmp_path: Path) -> Iterator[Kept]:
    engine = Transit()
    token = tmp_path / "vault-token"
    token.touch(0o600)
    token.write_text(engine.token + "\n")
    with served(engine) as address:
        settings.XINQIAO_VAULT_ADDRESS, settings.XINQIAO_VAULT_TOKEN_FILE = address, str(token)
        keyring._provider("vault").make(DEPLOYMENT)
        yield Kept(opened("vault"), lambda: opened("vault")().rotate(), engine)


@pytest.fixture(scope="module")
def aws() -> Iterator[Any]:
    """A client of moto's KMS, in this process."""
    named = {
        "AWS_REGION": "cn-north-1",
        "AWS_DEFAULT_REGION": "cn-north-1",
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
    }
    with pytest.MonkeyPatch.context() as patch, moto.mock_aws():
        for name, value in named.items():
            patch.setenv(name, value)
        yield boto3.client("kms")


@pytest.fixture
def kms(settings: Settings, aws: Any) -> Kept:
    def another() -> None:
        settings.XINQIAO_KMS_KEYS = [*settings.XINQIAO_KMS_KEYS, aws.create_key()["KeyMetadata"]["Arn"]]

    settings.XINQIAO_KMS_KEYS = []
    another()
    return Kept(opened("kms"), another)


@pytest.fixture(scope="session")
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of SoftHSM's tokens; the module reads its configuration once in a process."""
    if SOFTHSM is None:
        pytest.skip("SoftHSM (softhsm2) is not installed")
    directory = tmp_path_factory.mktemp("softhsm")
    (directory / "tokens").mkdir()
    config = directory / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {directory / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n")
    return config


@pytest.fixture
def pkcs11(settings: Settings, tmp_path: Path, softhsm: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    label, pin = f"kek-{secrets.token_hex(4)}", tmp_path / "pin"
    monkeypatch.setenv("SOFTHSM2_CONF", str(softhsm))
    words = ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", "123456", "--so-pin", "12345678"]
    subprocess.run(words, check=True, capture_output=True)
    pin.touch(0o600)
    pin.write_text("123456\n")
    settings.XINQIAO_PKCS11_MODULE, settings.XINQIAO_PKCS11_TOKEN = str(SOFTHSM), label
    settings.XINQIAO_PKCS11_PIN_FILE = str(pin)
    import pkcs11 as package

    package.lib(str(SOFTHSM)).reinitialize()  # it lists its tokens when it starts
    keyring._provider("pkcs11").make(DEPLOYMENT)
    return Kept(opened("pkcs11"), lambda: opened("pkcs11")().rotate())


@pytest.fixture
def deployment() -> UUID:
    return DEPLOYMENT
