"""The primitives under the vault give the results that were published for them."""

import hashlib
import io
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from records.pack import verify_pack
from records.vault import chunked
from records.vault.errors import SealBroken
from records.vault.reader import ChunkedReader
from records.vault.suites import COBBLESTONE_256, SM, SUITES
from tests import vectors
from tests.cast import flipped
from tests.vectors import sm_suite


def of(name: str) -> list[Any]:
    return list(vectors.load(name)["tests"])


@pytest.mark.parametrize("case", of("fips180-sha256"), ids=lambda case: case["message"][:8] or "empty")
def test_sha256_gives_the_published_digests(case: Any) -> None:
    assert hashlib.sha256(bytes.fromhex(case["message"])).hexdigest() == case["digest"]


@pytest.mark.parametrize("case", of("aes-256-gcm"))
def test_aes_256_gcm_seals_as_published(case: Any) -> None:
    key, iv, plain, aad = (bytes.fromhex(case[name]) for name in ("key", "iv", "plaintext", "aad"))
    assert AESGCM(key).encrypt(iv, plain, aad).hex() == case["ciphertext"] + case["tag"]


@pytest.mark.parametrize("case", of("rfc5869-hkdf-sha256"))
def test_hkdf_expands_as_published(case: Any) -> None:
    okm = bytes.fromhex(case["okm"])
    derived = HKDFExpand(hashes.SHA256(), len(okm), bytes.fromhex(case["info"])).derive(bytes.fromhex(case["prk"]))
    assert derived == okm


def read_backwards(blob: bytes, construction: chunked.Construction, key: bytes, context: bytes) -> bytes:
    """By random access, the last piece first, in pieces that fit no chunk."""
    reader = ChunkedReader(io.BytesIO(blob), construction, key, context)
    pieces = [reader.read(start, 5000) for start in reversed(range(0, reader.size, 5000))]
    return b"".join(reversed(pieces))


@pytest.mark.parametrize("case", of("cobblestone-256"), ids=lambda case: case["comment"])
def test_cobblestone_256(case: Any) -> None:
    """Every implementation: the one that seals, ours, random access, and the independent one in the evidence pack's verifier."""
    blob, key, context = zlib.decompress(bytes.fromhex(case["ciphertext_zlib"])), bytes.fromhex(case["key"]), case["context"]
    bound = bytes.fromhex(context)
    ways: list[Callable[[], bytes]] = [
        lambda: SUITES[COBBLESTONE_256].decrypt(key, bound, blob),
        lambda: chunked.decrypt(chunked.AES_256, key, bound, blob),
        lambda: read_backwards(blob, chunked.AES_256, key, bound),
        lambda: verify_pack.open_blob(COBBLESTONE_256 + blob, key, bound),
    ]
    for way in ways:
        if not case["valid"]:
            with pytest.raises((SealBroken, verify_pack.Bad)):
                way()
            continue
        plain = way()
        assert (len(plain), hashlib.sha512(plain).hexdigest()) == (case["length"], case["sha512"])


def test_sm4_and_sm3_are_the_standards() -> None:
    """GB/T 32907 annex A.1, GB/T 32905 annex A.1, RFC 8998 appendix A.1."""
    key = bytes.fromhex("0123456789abcdeffedcba9876543210")
    assert sm_suite.sm4(sm_suite.sm4_keys(key), key).hex() == "681edf34d206965e86b3e94f536e4246"
    assert hashlib.new("sm3", b"abc").hexdigest() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    nonce, plain = (
        bytes.fromhex("00001234567800000000abcd"),
        b"".join(bytes([byte]) * 8 for byte in b"\xaa\xbb\xcc\xdd\xee\xff\xee\xaa"),
    )
    extra = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    sealed = chunked.SM4GCM(key).encrypt(nonce, plain, extra)
    assert sealed.hex()[:32] == "17f399f08c67d5ee19d0dc9969c4bb7d"
    assert sealed.hex()[-32:] == "83de3541e4c2b58177e065a9bf7b62ec"
    assert sealed == sm_suite.sm4_gcm(key, nonce, plain, extra)
    assert chunked.SM4GCM(key).decrypt(nonce, sealed, extra) == plain


def test_the_vectors_of_the_sm_suite_are_what_the_independent_script_makes() -> None:
    assert vectors.load("sm-suite") == sm_suite.body()


@pytest.mark.parametrize("case", of("sm-suite"), ids=lambda case: str(case["length"]))
def test_the_sm_suite_seals_as_its_vectors_and_opens_them(case: Any) -> None:
    key, salt, bound = (bytes.fromhex(case[name]) for name in ("key", "salt", "context"))
    plain = sm_suite.plaintext(case["length"])
    blob = chunked.encrypt(chunked.SM4, key, bound, plain, salt)
    assert case.get("ciphertext", blob.hex()) == blob.hex()
    assert case.get("ciphertext_sm3", hashlib.new("sm3", blob).hexdigest()) == hashlib.new("sm3", blob).hexdigest()
    assert SUITES[SM].decrypt(key, bound, blob) == plain
    assert read_backwards(blob, chunked.SM4, key, bound) == plain
    assert verify_pack.open_blob(SM + blob, key, bound) == plain


def broken(blob: bytes) -> dict[str, bytes]:
    whole = chunked.CHUNK + chunked.TAG
    head, first, second, last = (
        blob[: chunked.HEADER],
        *(blob[chunked.HEADER :][start : start + whole] for start in (0, whole, 2 * whole)),
    )
    return {
        "commitment": flipped(blob, 30),
        "exchanged": head + second + first + last,
        "repeated": head + first + first + last,
        "dropped": head + second + last,
        "cut between chunks": head + first + second,
        "cut within a tag": head + first + second + last[:15],
        "without chunks": head,
        "last flipped": flipped(blob),
        "longer": blob + b"\x00",
    }


@pytest.mark.parametrize("what", broken(bytes(3 * chunked.CHUNK)))
def test_an_altered_blob_of_the_sm_suite_opens_nowhere(what: str) -> None:
    key, bound = bytes(32), b"context"
    blob = broken(chunked.encrypt(chunked.SM4, key, bound, sm_suite.plaintext(2 * chunked.CHUNK + 50)))[what]
    ways: list[Callable[[], bytes]] = [
        lambda: SUITES[SM].decrypt(key, bound, blob),
        lambda: read_backwards(blob, chunked.SM4, key, bound),
        lambda: verify_pack.open_blob(SM + blob, key, bound),
    ]
    for way in ways:
        with pytest.raises((SealBroken, verify_pack.Bad)):
            way()
