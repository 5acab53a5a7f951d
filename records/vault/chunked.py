"""C2SP chunked-encryption (c2sp.org/chunked-encryption), for the instantiations and the reading that no package ships. Pure.

    key || base nonce (12) || commitment (32) = HKDF-Expand(data key, "c2sp.org/chunked-encryption@v1+" aead 0x00 salt context)
    ciphertext = salt (24) || commitment || chunks

Chunks hold 16 KiB of plaintext, the last one less (none, when the length is a multiple); chunk n is sealed with the key under base
nonce XOR n, no additional data. A data key is 32 bytes, whatever the cipher's own key takes.
"""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from records.vault.errors import SealBroken

if TYPE_CHECKING:
    from collections.abc import Callable

DOMAIN: Final = b"c2sp.org/chunked-encryption@v1+"
CHUNK: Final = 16_384
TAG: Final = 16
SALT: Final = 24
NONCE: Final = 12
COMMITMENT: Final = 32
HEADER: Final = SALT + COMMITMENT


class Aead(Protocol):
    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """Raise InvalidTag."""


class SM4GCM:
    """GCM over SM4 (GB/T 32907; AEAD_SM4_GCM of RFC 8998), a 16-byte key."""

    def __init__(self, key: bytes) -> None:
        self._cipher = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        encryptor = Cipher(self._cipher, modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data or b"")
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        if len(data) < TAG:
            raise InvalidTag
        decryptor = Cipher(self._cipher, modes.GCM(nonce, data[-TAG:])).decryptor()
        decryptor.authenticate_additional_data(associated_data or b"")
        return decryptor.update(data[:-TAG]) + decryptor.finalize()


class Construction(NamedTuple):
    """What the specification leaves open: the AEAD by its IANA name, and the hash of HKDF-Expand."""

    name: bytes
    key_bytes: int
    aead: Callable[[bytes], Aead]
    hash: Callable[[], hashes.HashAlgorithm]


AES_256: Final = Construction(b"AEAD_AES_256_GCM", 32, AESGCM, hashes.SHA512)
SM4: Final = Construction(b"AEAD_SM4_GCM", 16, SM4GCM, hashes.SM3)


class Keyed(NamedTuple):
    """The key of one ciphertext, ready to be used on any of its chunks."""

    aead: Aead
    base: int
    commitment: bytes

    def nonce(self, number: int) -> bytes:
        return (self.base ^ number).to_bytes(NONCE, "big")

    def open(self, number: int, chunk: bytes) -> bytes:
        """Raise SealBroken unless `chunk` was sealed as this one."""
        try:
            return self.aead.decrypt(self.nonce(number), chunk, None)
        except (InvalidTag, ValueError):
            raise SealBroken from None


def derive(construction: Construction, secret: bytes, salt: bytes, context: bytes) -> Keyed:
    name, size, aead, hash_ = construction
    info = b"".join((DOMAIN, name, b"\x00", salt, context))
    derived = HKDFExpand(hash_(), size + NONCE + COMMITMENT, info).derive(secret)
    return Keyed(aead(derived[:size]), int.from_bytes(derived[size : size + NONCE], "big"), derived[size + NONCE :])


def keyed(construction: Construction, secret: bytes, context: bytes, header: bytes) -> Keyed:
    """The key that a ciphertext's header commits to. Raises SealBroken for another secret or context, before any chunk is opened."""
    derived = derive(construction, secret, header[:SALT], context)
    if len(header) != HEADER or not hmac.compare_digest(derived.commitment, header[SALT:]):
        raise SealBroken
    return derived


def encrypt(construction: Construction, secret: bytes, context: bytes, plaintext: bytes, salt: bytes | None = None) -> bytes:
    """Return the ciphertext. `salt` must be random and never repeat under a secret: only a test vector gives one."""
    salt = secrets.token_bytes(SALT) if salt is None else salt
    key = derive(construction, secret, salt, context)
    chunks = (plaintext[start : start + CHUNK] for start in range(0, len(plaintext) - len(plaintext) % CHUNK + 1, CHUNK))
    sealed = (key.aead.encrypt(key.nonce(number), chunk, None) for number, chunk in enumerate(chunks))
    return b"".join((salt, key.commitment, *sealed))


def decrypt(construction: Construction, secret: bytes, context: bytes, ciphertext: bytes) -> bytes:
    """Return the plaintext. Raises SealBroken for anything that `encrypt` did not make with this secret and context."""
    key = keyed(construction, secret, context, ciphertext[:HEADER])
    whole, last = divmod(len(ciphertext) - HEADER, CHUNK + TAG)
    if last < TAG:  # cut exactly behind a chunk, or within a tag
        raise SealBroken
    starts = (HEADER + number * (CHUNK + TAG) for number in range(whole + 1))
    return b"".join(key.open(number, ciphertext[start : start + CHUNK + TAG]) for number, start in enumerate(starts))
