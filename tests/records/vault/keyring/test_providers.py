"""Each keyring keeps the same promises: a wrapped key opens in its own row, after a rotation, in another process; and nowhere else."""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import Settings

from records.vault.errors import KeyringError, SealBroken
from records.vault.keyring.wrapped import Wrapped
from tests.records.vault.keyring.conftest import Kept

pytestmark = pytest.mark.once
SECRET = secrets.token_bytes(32)
PROVIDERS = ["environment", "vault", "kms", "pkcs11"]
MANAGED = ["vault", "pkcs11"]  # Xinqiao makes and destroys their versions itself


@pytest.fixture(params=PROVIDERS)
def kept(request: pytest.FixtureRequest) -> Kept:
    made: Kept = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def managed(request: pytest.FixtureRequest) -> Kept:
    made: Kept = request.getfixturevalue(request.param)
    return made


each_managed = pytest.mark.parametrize("managed", MANAGED, indirect=True)


def code(run: Callable[[], object]) -> str:
    with pytest.raises(KeyringError) as caught:
        run()
    assert caught.value.kind.zh
    assert caught.value.kind.en
    return caught.value.kind.code


def test_a_wrapped_key_opens_in_its_own_row_and_in_another_process(kept: Kept) -> None:
    ring, again = kept.opened(), kept.opened()
    wrapped = ring.wrap(SECRET, b"row 1")
    assert (wrapped.kek_version, SECRET in wrapped.blob) == (1, False)
    assert 0 < len(wrapped.kek_id) <= 64
    assert again.unwrap(wrapped, b"row 1") == ring.unwrap(wrapped, b"row 1") == SECRET
    with pytest.raises(SealBroken):
        ring.unwrap(wrapped, b"row 2")


@pytest.mark.parametrize("place", [-1, 20, 40])
def test_an_altered_wrapped_key_does_not_open(kept: Kept, place: int) -> None:
    ring = kept.opened()
    wrapped = ring.wrap(SECRET, b"row")
    blob = bytearray(wrapped.blob)
    blob[place] = blob[place] ^ 1 if chr(blob[place] ^ 1).isalnum() else ord("A") if blob[place] != ord("A") else ord("B")
    with pytest.raises((SealBroken, KeyringError)):
        ring.unwrap(wrapped._replace(blob=bytes(blob)), b"row")
    assert ring.unwrap(wrapped, b"row") == SECRET


def test_an_operator_adds_a_version_and_every_process_goes_on(kept: Kept) -> None:
    old = kept.opened().wrap(SECRET, b"row")
    kept.another()
    ring = kept.opened()
    assert ring.current_version() == 2
    assert set(ring.versions()) == {1, 2}
    new = ring.rewrap(old, b"row")
    assert (new.kek_id, new.kek_version) == (old.kek_id, 2)
    assert ring.unwrap(old, b"row") == ring.unwrap(new, b"row") == SECRET
    for wrong in (new._replace(kek_version=1), old._replace(kek_version=2)):
        with pytest.raises((SealBroken, KeyringError)):
            ring.unwrap(wrong, b"row")


def test_another_keyrings_key_or_an_unknown_version_is_refused(kept: Kept) -> None:
    ring = kept.opened()
    wrapped = ring.wrap(SECRET, b"row")
    assert code(lambda: ring.unwrap(wrapped._replace(kek_id="other"), b"row")) == "kek.unknown"
    with pytest.raises((SealBroken, KeyringError)):
        ring.unwrap(wrapped._replace(kek_version=9), b"row")


@each_managed
def test_a_retired_version_is_destroyed_and_the_current_one_stays(managed: Kept) -> None:
    ring = managed.opened()
    old = ring.wrap(SECRET, b"row")
    assert ring.rotate() == 2
    new = ring.rewrap(old, b"row")
    with pytest.raises(KeyringError):
        ring.retire(2)
    ring.retire(1)
    assert set(ring.versions()) == {2}
    assert code(lambda: managed.opened().unwrap(old, b"row")) == "kek.unknown"
    assert managed.opened().unwrap(new, b"row") == SECRET
    assert ring.rotate() == 3


@pytest.mark.parametrize("name", ["environment", "kms"])
def test_what_is_managed_elsewhere_says_what_to_do_there(name: str, request: pytest.FixtureRequest) -> None:
    ring = request.getfixturevalue(name).opened()
    with pytest.raises(KeyringError) as caught:
        ring.rotate()
    assert caught.value.kind.code == "kek.elsewhere"
    assert "restart, run rotate_keys" in caught.value.detail or "restart" in caught.value.detail


def test_a_retired_kms_key_is_on_its_way_out(kms: Kept, aws: Any, settings: Settings) -> None:
    """KMS itself refuses to use it from then on; the emulator does not."""
    kms.another()
    ring = kms.opened()
    assert code(lambda: ring.retire(2)) == "kek.unknown"
    ring.retire(1)
    assert set(ring.versions()) == {2}
    states = [aws.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] for key in settings.XINQIAO_KMS_KEYS]
    assert states == ["PendingDeletion", "Enabled"]


@pytest.mark.parametrize("text", ["", "1", "1:abc", "1:AAAA", "0:" + "A" * 43 + "=", ",".join(["1:" + "A" * 43 + "="] * 2)])
def test_a_wrong_variable_is_refused_without_being_quoted(
    environment: Kept, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XINQIAO_KEK", text)
    with pytest.raises(KeyringError) as caught:
        environment.opened()
    assert caught.value.kind.code == "keyring.unset"
    assert len(text) < 3 or text not in f"{caught.value} {caught.value!r}"


def test_vault_gets_a_renewed_token_from_its_file_and_a_wrong_one_nothing(vault: Kept, settings: Settings) -> None:
    assert vault.engine is not None
    ring = vault.opened()
    wrapped = ring.wrap(SECRET, b"row")
    vault.engine.token = "second-token"
    assert code(lambda: ring.unwrap(wrapped, b"row")) == "keyring.away"
    Path(settings.XINQIAO_VAULT_TOKEN_FILE).write_text("second-token")
    assert ring.unwrap(wrapped, b"row") == SECRET
    Path(settings.XINQIAO_VAULT_TOKEN_FILE).chmod(0o644)
    assert code(lambda: vault.opened().unwrap(wrapped, b"row")) == "key_file.unsafe"


def test_a_vault_that_is_away_is_no_broken_seal(vault: Kept, settings: Settings) -> None:
    wrapped = vault.opened().wrap(SECRET, b"row")
    settings.XINQIAO_VAULT_ADDRESS = "http://127.0.0.1:1"
    assert code(lambda: vault.opened().unwrap(wrapped, b"row")) == "keyring.away"
    settings.XINQIAO_VAULT_KEY = "another"
    assert code(lambda: vault.opened().unwrap(wrapped, b"row")) == "kek.unknown"


def test_a_wrapped_key_whose_version_was_altered_never_reaches_vault(vault: Kept) -> None:
    assert vault.engine is not None
    ring = vault.opened()
    wrapped = ring.wrap(SECRET, b"row")
    asked = len(vault.engine.asked)
    for wrong in (wrapped._replace(kek_version=2), Wrapped(b"\xff" * 60, *wrapped[1:])):
        with pytest.raises(SealBroken):
            ring.unwrap(wrong, b"row")
    assert len(vault.engine.asked) == asked


def test_a_key_in_the_module_cannot_be_taken_out(pkcs11: Kept, settings: Settings) -> None:
    import pkcs11 as package

    pkcs11.opened().wrap(SECRET, b"row")
    token = package.lib(settings.XINQIAO_PKCS11_MODULE).get_token(token_label=settings.XINQIAO_PKCS11_TOKEN)
    (key,) = token.open().get_objects({package.Attribute.LABEL: "xinqiao-kek"})
    assert (key[package.Attribute.SENSITIVE], key[package.Attribute.EXTRACTABLE]) == (True, False)
    with pytest.raises(package.exceptions.AttributeSensitive):
        key[package.Attribute.VALUE]


@pytest.mark.filterwarnings("ignore:Exception ignored in.*OperationContext")  # what python-pkcs11 says of its own clearing up
def test_a_session_that_the_module_closed_is_opened_again(pkcs11: Kept) -> None:
    ring = pkcs11.opened()
    wrapped = ring.wrap(SECRET, b"row")
    ring._session.close()  # type: ignore[attr-defined]
    assert ring.unwrap(wrapped, b"row") == SECRET


def test_two_first_keys_made_at_once_both_open(pkcs11: Kept) -> None:
    """Two operators rotate in the same moment: whatever either wrapped stays readable."""
    from records.vault.keyring import hsm

    ring = pkcs11.opened()
    first = ring.wrap(SECRET, b"row")
    ring._run(lambda session: hsm._generate(session, 1))  # type: ignore[attr-defined]
    assert ring.unwrap(first, b"row") == SECRET
    assert ring.unwrap(ring.wrap(SECRET, b"other"), b"other") == SECRET
    with pytest.raises(SealBroken):
        ring.unwrap(first, uuid4().bytes)


def test_a_pin_file_that_others_may_read_is_refused(pkcs11: Kept, settings: Settings) -> None:
    Path(settings.XINQIAO_PKCS11_PIN_FILE).chmod(0o640)
    assert code(lambda: pkcs11.opened().versions()) == "key_file.unsafe"
