"""The primitives under the vault give the results that were published for them."""

import hashlib
import zlib
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from records.pack import verify_pack
from records.vault.errors import SealBroken
from records.vault.suites import COBBLESTONE_256, SUITES
from tests import vectors


def of(name: str) -> list[Any]:
    return list(vectors.load(name)["tests"])


@pytest.mark.parametrize("case", of("fips180-sha256"), ids=lambda case: case["message"][:8] or "empty")
def test_sha256(case: Any) -> None:
    assert hashlib.sha256(bytes.fromhex(case["message"])).hexdigest() == case["digest"]


@pytest.mark.parametrize("case", of("aes-256-gcm"))
def test_aes_256_gcm(case: Any) -> None:
    key, iv, plain, aad = (bytes.fromhex(case[name]) for name in ("key", "iv", "plaintext", "aad"))
    assert AESGCM(key).encrypt(iv, plain, aad).hex() == case["ciphertext"] + case["tag"]


@pytest.mark.parametrize("case", of("rfc5869-hkdf-sha256"))
def test_hkdf_expand(case: Any) -> None:
    okm = bytes.fromhex(case["okm"])
    derived = HKDFExpand(hashes.SHA256(), len(okm), bytes.fromhex(case["info"])).derive(bytes.fromhex(case["prk"]))
    assert derived == okm


@pytest.mark.parametrize("case", of("cobblestone-256"), ids=lambda case: case["comment"])
def test_cobblestone_256(case: Any) -> None:
    """Both implementations: the one that seals, and the independent one in the evidence pack's verifier."""
    blob, key, context = zlib.decompress(bytes.fromhex(case["ciphertext_zlib"])), bytes.fromhex(case["key"]), case["context"]
    bound = bytes.fromhex(context)
    if not case["valid"]:
        with pytest.raises(SealBroken):
            SUITES[COBBLESTONE_256].decrypt(key, bound, blob)
        with pytest.raises(verify_pack.Bad):
            verify_pack.open_blob(COBBLESTONE_256 + blob, key, bound)
        return
    for plain in (
        SUITES[COBBLESTONE_256].decrypt(key, bound, blob),
        verify_pack.open_blob(COBBLESTONE_256 + blob, key, bound),
    ):
        assert (len(plain), hashlib.sha512(plain).hexdigest()) == (case["length"], case["sha512"])
