"""Cipher suites: one byte names how a blob was sealed. An unknown byte is refused, never guessed.

0x01  Cobblestone-256: C2SP chunked-encryption with HKDF-Expand-SHA-512 and AES-256-GCM (24-byte salt, 32-byte key commitment,
      16 KiB chunks). 72 bytes longer than a short plaintext.
0x02  SM: the same construction with HKDF-Expand over HMAC-SM3 and SM4-GCM (GB/T 32905, GB/T 32907; AEAD_SM4_GCM of RFC 8998), for hospitals
      under the Chinese rules on commercial cryptography. As long. It differs from the specification in one thing: the data key is 32 bytes
      as everywhere here, of which HKDF-Expand makes SM4's 16. Vectors: tests/vectors/sm-suite.json.
0x11  Cobblestone-256 under a key of the blob's own: keyed BLAKE2b (RFC 7693) of the bound context under the data key.
0x12  SM under a key of the blob's own: HKDF-Expand over HMAC-SM3 of the same.

Content is sealed with the last two, so that whoever shall open one blob is given its key and not the data key (decision 0038). The first
two wrap data keys; content that they sealed before still opens.

The suite byte is part of the bound context, so that a blob cannot be relabelled as another suite's.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final, Protocol

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from records.vault import chunked
from records.vault.errors import SealBroken

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from records.vault.chunked import Construction

COBBLESTONE_256: Final = b"\x01"
SM: Final = b"\x02"
COBBLESTONE_256_OWN: Final = b"\x11"
SM_OWN: Final = b"\x12"
NAMES: Final = {"cobblestone": COBBLESTONE_256, "sm": SM}  # as XINQIAO_SUITE says them
OWN: Final = {COBBLESTONE_256: COBBLESTONE_256_OWN, SM: SM_OWN}
OWN_BYTES: Final = 32
OWN_DOMAIN: Final = b"xinqiao/blob/v1"


class Suite(Protocol):
    """A context-binding, key-committing, authenticated cipher with 32-byte keys; `construction` opens single chunks of it."""

    @property
    def construction(self) -> Construction: ...

    def key(self, secret: bytes, context: bytes) -> bytes:
        """What opens the blob of this context: the secret itself, or a key of the blob's own."""

    def encrypt(self, secret: bytes, context: bytes, plaintext: bytes) -> bytes: ...

    def decrypt(self, secret: bytes, context: bytes, ciphertext: bytes) -> bytes:
        """Raise SealBroken unless `ciphertext` was made by `encrypt` with the same secret and context."""


class Cobblestone256:
    """Adapter to the `cryptography` package's own implementation."""

    construction = chunked.AES_256

    def key(self, secret: bytes, _: bytes) -> bytes:
        return secret

    def encrypt(self, secret: bytes, context: bytes, plaintext: bytes) -> bytes:
        writer = Cobblestone256Encryptor(secret, context)
        return writer.update(plaintext) + writer.finalize()

    def decrypt(self, secret: bytes, context: bytes, ciphertext: bytes) -> bytes:
        reader = Cobblestone256Decryptor(secret, context)
        try:
            # Nothing is returned before finalize: a truncated blob must not yield its beginning.
            return reader.update(ciphertext) + reader.finalize()
        except InvalidTag:
            raise SealBroken from None


class Sm:
    construction = chunked.SM4

    def key(self, secret: bytes, _: bytes) -> bytes:
        return secret

    def encrypt(self, secret: bytes, context: bytes, plaintext: bytes) -> bytes:
        return chunked.encrypt(chunked.SM4, secret, context, plaintext)

    def decrypt(self, secret: bytes, context: bytes, ciphertext: bytes) -> bytes:
        return chunked.decrypt(chunked.SM4, secret, context, ciphertext)


class OwnKeys:
    """A suite in which every context has a key of its own, made of the secret by a pseudorandom function: `key(secret, context)`."""

    def __init__(self, suite: Suite, key: Callable[[bytes, bytes], bytes]) -> None:
        self._suite, self.key, self.construction = suite, key, suite.construction

    def encrypt(self, secret: bytes, context: bytes, plaintext: bytes) -> bytes:
        return self._suite.encrypt(self.key(secret, context), context, plaintext)

    def decrypt(self, secret: bytes, context: bytes, ciphertext: bytes) -> bytes:
        return self._suite.decrypt(self.key(secret, context), context, ciphertext)


def _blake2b(secret: bytes, context: bytes) -> bytes:
    """A third of the time of HKDF, once for every message."""
    return hashlib.blake2b(context, digest_size=OWN_BYTES, key=secret, person=OWN_DOMAIN).digest()


def _hkdf_sm3(secret: bytes, context: bytes) -> bytes:
    return HKDFExpand(hashes.SM3(), OWN_BYTES, OWN_DOMAIN + context).derive(secret)


SUITES: Final[Mapping[bytes, Suite]] = {
    COBBLESTONE_256: Cobblestone256(),
    SM: Sm(),
    COBBLESTONE_256_OWN: OwnKeys(Cobblestone256(), _blake2b),
    SM_OWN: OwnKeys(Sm(), _hkdf_sm3),
}


def suite_of(blob: bytes) -> Suite:
    """Return the suite that the first byte of `blob` names, or raise SealBroken."""
    suite = SUITES.get(blob[:1])
    if suite is None:
        raise SealBroken(f"unknown cipher suite {blob[:1].hex() or '(empty)'}")
    return suite
