"""What Wang writes opens where it belongs, under its own key, whole and unaltered; nowhere else, and not otherwise."""

import io
import secrets
from itertools import permutations
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import assume, given
from hypothesis import strategies as st

from records import vault
from records.pack import verify_pack
from records.vault.context import Context, encode
from records.vault.suites import COBBLESTONE_256, COBBLESTONE_256_OWN, SM_OWN, SUITES
from tests import suites
from tests.records.vault import gcm

WORDS = "早上头晕，血压 152/95。".encode()
WANG, CONSULTATION, OTHER = uuid4(), uuid4(), uuid4()
HERE = Context("message.posted", CONSULTATION, 7, WANG, "client-id-000001", "application/json")


def new_key(scope: UUID = CONSULTATION, epoch: int = 1) -> vault.OpenKey:
    return vault.OpenKey(uuid4(), scope, "dialogue", epoch, secrets.token_bytes(32))


KEY = new_key()


@given(st.binary(max_size=40_000))
def test_whatever_is_sealed_opens_again(plain: bytes) -> None:
    assert vault.unseal(KEY, HERE, vault.seal(KEY, HERE, plain)) == plain


@pytest.mark.parametrize("size", [0, 1, 16_383, 16_384, 16_385, 32_768, vault.SEGMENT_BYTES])
def test_every_chunk_boundary_opens_again(size: int) -> None:
    plain = secrets.token_bytes(size)
    blob = vault.seal(KEY, HERE, plain)
    assert len(blob) == size + 73 + 16 * (size // 16_384)
    assert vault.unseal(KEY, HERE, blob) == plain


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"scope": OTHER},
        {"seq": 8},
        {"sender": OTHER},
        {"sender": None},
        {"kind": "message.edited"},
        {"client_id": "client-id-000002"},
        {"content_type": "text/plain"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_message_moved_elsewhere_does_not_open(elsewhere: dict[str, Any]) -> None:
    blob = vault.seal(KEY, HERE, WORDS)
    with pytest.raises(vault.SealBroken):
        vault.unseal(KEY, HERE._replace(**elsewhere), blob)


def test_two_messages_exchanged_do_not_open() -> None:
    there = HERE._replace(seq=8, client_id="client-id-000002")
    first, second = vault.seal(KEY, HERE, b"take one"), vault.seal(KEY, there, b"take two")
    for context, blob in ((HERE, second), (there, first)):
        with pytest.raises(vault.SealBroken):
            vault.unseal(KEY, context, blob)


def test_another_key_or_epoch_does_not_open() -> None:
    blob = vault.seal(KEY, HERE, WORDS)
    for other in (new_key(), vault.OpenKey(KEY.id, KEY.scope, KEY.retention, 2, KEY.secret)):
        with pytest.raises(vault.SealBroken):
            vault.unseal(other, HERE, blob)


def test_another_deployment_does_not_share_a_context() -> None:
    here = encode(HERE, suite=b"\x01", deployment=WANG.bytes, epoch=1)
    assert here != encode(HERE, suite=b"\x01", deployment=OTHER.bytes, epoch=1)


@given(st.data())
def test_one_changed_byte_anywhere_does_not_open(data: st.DataObject) -> None:
    blob = bytearray(vault.seal(KEY, HERE, WORDS))
    place = data.draw(st.integers(0, len(blob) - 1))
    blob[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(vault.SealBroken):
        vault.unseal(KEY, HERE, bytes(blob))


@given(st.integers(0, 40_000))
def test_no_beginning_of_a_blob_opens(length: int) -> None:
    blob = vault.seal(KEY, HERE, bytes(40_000))
    with pytest.raises(vault.SealBroken):
        vault.unseal(KEY, HERE, blob[:length])


def test_a_cut_exactly_between_two_chunks_does_not_open() -> None:
    blob = vault.seal(KEY, HERE, bytes(40_000))
    with pytest.raises(vault.SealBroken):
        vault.unseal(KEY, HERE, blob[: 1 + 56 + 16_384 + 16])


@pytest.fixture
def sm(monkeypatch: pytest.MonkeyPatch) -> None:
    suites.use(monkeypatch, "sm")


@pytest.mark.parametrize("size", [0, 1, 16_383, 16_384, 16_385, vault.SEGMENT_BYTES])
def test_what_the_sm_suite_sealed_opens_again_beside_what_was_sealed_before(sm: None, size: int) -> None:
    plain, before = (
        secrets.token_bytes(size),
        COBBLESTONE_256_OWN + SUITES[COBBLESTONE_256_OWN].encrypt(KEY.secret, bound(COBBLESTONE_256_OWN), WORDS),
    )
    blob = vault.seal(KEY, HERE, plain)
    assert (blob[:1], len(blob)) == (SM_OWN, size + 73 + 16 * (size // 16_384))
    assert vault.unseal(KEY, HERE, blob) == plain
    assert vault.unseal_part(KEY, HERE, io.BytesIO(blob), 0, size + 1) == (plain, size)
    assert vault.unseal(KEY, HERE, before) == WORDS


def test_what_the_sm_suite_sealed_opens_nowhere_else(sm: None) -> None:
    blob = vault.seal(KEY, HERE, WORDS)
    for key, context in ((new_key(), HERE), (KEY, HERE._replace(seq=8)), (KEY, HERE._replace(scope=OTHER))):
        with pytest.raises(vault.SealBroken):
            vault.unseal(key, context, blob)


@pytest.mark.parametrize(("made", "claimed"), list(permutations(SUITES, 2)))
@pytest.mark.parametrize("size", [5, 40_000])
def test_a_blob_relabelled_as_the_other_suite_is_refused(made: bytes, claimed: bytes, size: int) -> None:
    """Also by a downgrade in which everything else was prepared for it: the suite is part of the bound context and of the derivation."""
    for label in (made, claimed):
        blob = claimed + SUITES[made].encrypt(KEY.secret, bound(label), bytes(size))
        with pytest.raises(vault.SealBroken):
            vault.unseal(KEY, HERE, blob)
        with pytest.raises(vault.SealBroken):
            vault.unseal_part(KEY, HERE, io.BytesIO(blob), 0, 5)
    assert vault.unseal(KEY, HERE, made + SUITES[made].encrypt(KEY.secret, bound(made), bytes(size))) == bytes(size)


def test_a_part_is_read_alone() -> None:
    blob = vault.seal(KEY, HERE, bytes(range(256)) * 200)
    assert vault.unseal_part(KEY, HERE, io.BytesIO(blob), 20_000, 20_003) == (bytes([32, 33, 34]), 51_200)
    with pytest.raises(vault.SealBroken):
        vault.unseal_part(KEY, HERE._replace(seq=8), io.BytesIO(blob), 0, 1)


@pytest.mark.parametrize("suite", [0, 1, 2, 3, 18, 127, 255])
def test_an_unknown_or_other_suite_is_refused(suite: int) -> None:
    blob = vault.seal(KEY, HERE, WORDS)
    with pytest.raises(vault.SealBroken):
        vault.unseal(KEY, HERE, bytes([suite]) + blob[1:])
    with pytest.raises(vault.SealBroken):
        vault.unseal(KEY, HERE, b"")


def test_a_gcm_ciphertext_that_opens_under_two_keys_is_refused_under_the_second() -> None:
    """Raw AES-GCM accepts it under both; the key commitment in front of it names one."""
    salt, keys = secrets.token_bytes(24), (new_key(), new_key())
    own = [SUITES[COBBLESTONE_256_OWN].key(key.secret, bound(COBBLESTONE_256_OWN)) for key in keys]
    derived = [_derive(secret, salt) for secret in own]
    body = gcm.opens_under_both(*((okm[:32], okm[32:44]) for okm in derived))
    plain = [AESGCM(okm[:32]).decrypt(okm[32:44], body, None) for okm in derived]
    assert plain[0] != plain[1]
    blob = COBBLESTONE_256_OWN + salt + derived[0][44:] + body
    assert vault.unseal(keys[0], HERE, blob) == plain[0]
    with pytest.raises(vault.SealBroken):
        vault.unseal(keys[1], HERE, blob)
    assert verify_pack.open_blob(blob, own[0], bound(COBBLESTONE_256_OWN)) == plain[0]
    with pytest.raises(verify_pack.Bad, match=r"content\.broken"):
        verify_pack.open_blob(blob, own[1], bound(COBBLESTONE_256_OWN))


@pytest.mark.parametrize("suite", ["cobblestone", "sm"])
def test_the_key_of_one_message_opens_it_and_no_other_of_its_consultation(suite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    suites.use(monkeypatch, suite)
    there = HERE._replace(seq=8, client_id="client-id-000002")
    mine, other = vault.seal(KEY, HERE, WORDS), vault.seal(KEY, there, WORDS)
    key = vault.blob_key(KEY, HERE, mine)
    assert key is not None
    assert verify_pack.open_blob(mine, key.secret, encoded(HERE, mine[:1])) == WORDS
    for secret in (key.secret, SUITES[mine[:1]].key(key.secret, encoded(there, mine[:1]))):
        with pytest.raises(verify_pack.Bad, match=r"content\.broken"):
            verify_pack.open_blob(other, secret, encoded(there, other[:1]))
    assert key.secret != KEY.secret
    assert repr(key.secret) not in repr(key)


def test_of_what_was_sealed_under_the_data_key_itself_no_key_is_handed_out() -> None:
    before = COBBLESTONE_256 + SUITES[COBBLESTONE_256].encrypt(KEY.secret, bound(COBBLESTONE_256), WORDS)
    assert vault.unseal(KEY, HERE, before) == WORDS
    assert vault.blob_key(KEY, HERE, before) is None


contexts = st.builds(
    Context,
    st.text(max_size=5),
    st.uuids(),
    st.integers(0, 300),
    st.none() | st.uuids(),
    st.text(max_size=5),
    st.text(max_size=5),
)


@given(contexts, contexts, st.integers(0, 3), st.integers(0, 3))
def test_no_two_contexts_share_an_encoding(one: Context, two: Context, epoch: int, other: int) -> None:
    assume((one, epoch) != (two, other))
    encoded = [encode(c, suite=b"\x01", deployment=WANG.bytes, epoch=e) for c, e in ((one, epoch), (two, other))]
    assert encoded[0] != encoded[1]


def test_fields_that_join_to_the_same_text_are_told_apart() -> None:
    assert encode(HERE._replace(kind="ab", client_id="c"), suite=b"\x01", deployment=WANG.bytes, epoch=1) != encode(
        HERE._replace(kind="a", client_id="bc"), suite=b"\x01", deployment=WANG.bytes, epoch=1
    )


def test_a_key_never_shows_its_secret() -> None:
    assert KEY.secret.hex() not in repr(KEY)
    assert repr(KEY.secret) not in f"{KEY} {KEY!r}"


def encoded(context: Context, suite: bytes) -> bytes:
    return encode(context, suite=suite, deployment=vault.deployment().bytes, epoch=1)


def bound(suite: bytes) -> bytes:
    return encoded(HERE, suite)


def _derive(secret: bytes, salt: bytes) -> bytes:
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00" + salt + bound(COBBLESTONE_256_OWN)
    return HKDFExpand(hashes.SHA512(), 76, info).derive(secret)
