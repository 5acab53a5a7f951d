"""The hospital moves its key-encrypting key from the file into a module: nothing becomes unreadable on the way, or after it."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from pytest_django import Settings

from records import vault
from records.ledger.leaves import parse
from records.ledger.models import Leaf
from records.vault import Context, KeyringError, Retention, keyring, keys, rotation
from records.vault.models import WrappedKey
from tests.records.vault.keyring.conftest import Kept

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]


@pytest.fixture(autouse=True)
def file(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.XINQIAO_KEYFILE = tmp_path / "ring" / "kek.json"
    use(settings, "file")
    keyring.create()
    yield
    use(settings, "file")


def use(settings: Settings, names: str) -> None:
    """As a process that starts with this setting."""
    settings.XINQIAO_KEYRING = names
    keyring.close()
    keys.cache.clear()


def command(*words: str) -> str:
    out = StringIO()
    call_command("rotate_keys", *words, stdout=out)
    return out.getvalue()


def sealed() -> tuple[vault.OpenKey, Context, bytes]:
    with transaction.atomic():
        key = vault.data_key(uuid4(), Retention.DIALOGUE)
    context = Context("message.posted", key.scope, 1, None, "client-id-000001", "application/json")
    return key, context, vault.seal(key, context, "早上头晕".encode())


def opens(said: tuple[vault.OpenKey, Context, bytes]) -> bool:
    key, context, blob = said
    return vault.unseal(vault.open_key(key.id), context, blob) == "早上头晕".encode()


@pytest.mark.parametrize("provider", ["environment", "vault", "kms", "pkcs11"])
def test_from_the_file_to_another_keyring_and_on_without_the_file(
    provider: str, request: pytest.FixtureRequest, settings: Settings
) -> None:
    request.getfixturevalue(provider)
    before, deployment = sealed(), vault.deployment()
    use(settings, f"{provider},file")
    during = sealed()
    assert opens(before)
    assert rotation.remaining() == 1
    assert "1 data keys to be moved" in command("--status")
    command()
    (leaf,) = Leaf.objects.filter(kind="key.rotated")
    assert parse(bytes(leaf.data)).ids == {"kek": rotation.current()[0], "version": "1", "keys": "1"}
    assert set(WrappedKey.objects.values_list("kek_id", flat=True)) == {rotation.current()[0]}
    settings.XINQIAO_DEPLOYMENT = str(deployment)
    use(settings, provider)
    settings.XINQIAO_KEYFILE.unlink()
    assert vault.deployment() == deployment
    assert opens(before)
    assert opens(during)
    assert opens(sealed())


def test_what_the_file_wrapped_does_not_open_when_it_was_taken_out_too_early(environment: Kept, settings: Settings) -> None:
    before = sealed()
    settings.XINQIAO_DEPLOYMENT = str(vault.deployment())
    use(settings, "environment")
    with pytest.raises(KeyringError, match=r"kek\.unknown"):
        opens(before)
    with pytest.raises(CommandError, match=r"kek\.unknown"):
        command()
    use(settings, "environment,file")
    command()
    assert opens(before)


def test_a_keyring_without_a_deployment_or_with_another_one_is_refused(environment: Kept, settings: Settings) -> None:
    sealed()
    use(settings, "environment")
    with pytest.raises(KeyringError, match="set XINQIAO_DEPLOYMENT once and for ever"):
        vault.unlock()
    for names, wrong in (("environment,file", str(uuid4())), ("file", str(uuid4())), ("environment", "hospital")):
        settings.XINQIAO_DEPLOYMENT = wrong
        use(settings, names)
        with pytest.raises(KeyringError, match=r"keyring\.unset"):
            vault.unlock()
    settings.XINQIAO_DEPLOYMENT = ""


@pytest.mark.parametrize("names", ["", "safe", "file,safe", "pkcs11", "vault", "kms"])
def test_a_keyring_that_is_unknown_or_not_set_up_is_refused(names: str, settings: Settings) -> None:
    settings.XINQIAO_DEPLOYMENT = str(vault.deployment())
    use(settings, names)
    with pytest.raises(KeyringError, match=r"keyring\.unset"):
        vault.unlock()
    settings.XINQIAO_DEPLOYMENT = ""


@pytest.mark.parametrize("provider", ["vault", "pkcs11"])
def test_a_new_deployment_begins_with_it(provider: str, request: pytest.FixtureRequest, settings: Settings) -> None:
    request.getfixturevalue(provider)
    settings.XINQIAO_DEPLOYMENT = str(uuid4())
    use(settings, provider)
    assert settings.XINQIAO_DEPLOYMENT in command("--create")
    said = sealed()
    command()
    command()
    assert rotation.versions()[3] == 1
    assert opens(said)
    settings.XINQIAO_DEPLOYMENT = ""


def test_the_operator_of_the_environment_rotates_in_two_steps(environment: Kept, settings: Settings) -> None:
    settings.XINQIAO_DEPLOYMENT = str(vault.deployment())
    use(settings, "environment")
    said = sealed()
    with pytest.raises(CommandError, match="add version 2 to XINQIAO_KEK"):
        command()
    environment.another()
    use(settings, "environment")
    command()
    assert rotation.versions() == {1: 0, 2: 1}
    assert opens(said)
    with pytest.raises(CommandError, match="take it out of XINQIAO_KEK"):
        command("--retire", "1")
    settings.XINQIAO_DEPLOYMENT = ""
