"""Cipher suites: one byte names how a blob was sealed. An unknown byte is refused, never guessed.

0x01  Cobblestone-256: C2SP chunked-encryption with HKDF-Expand-SHA-512 and AES-256-GCM (24-byte salt, 32-byte key commitment,
      16 KiB chunks). 72 bytes longer than a short plaintext.

The suite byte is part of the bound context, so that a blob cannot be relabelled as another suite's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag

from records.vault.errors import SealBroken

if TYPE_CHECKING:
    from collections.abc import Mapping

COBBLESTONE_256: Final = b"\x01"


class Suite(Protocol):
    """A context-binding, key-committing, authenticated cipher with 32-byte keys."""

    def encrypt(self, secret: bytes, context: bytes, plaintext: bytes) -> bytes: ...

    def decrypt(self, secret: bytes, context: bytes, ciphertext: bytes) -> bytes:
        """Raise SealBroken unless `ciphertext` was made by `encrypt` with the same secret and context."""


class Cobblestone256:
    """Adapter to the `cryptography` package's own implementation."""

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


SUITES: Final[Mapping[bytes, Suite]] = {COBBLESTONE_256: Cobblestone256()}
CURRENT: Final = COBBLESTONE_256


def suite_of(blob: bytes) -> Suite:
    """Return the suite that the first byte of `blob` names, or raise SealBroken."""
    suite = SUITES.get(blob[:1])
    if suite is None:
        raise SealBroken(f"unknown cipher suite {blob[:1].hex() or '(empty)'}")
    return suite
