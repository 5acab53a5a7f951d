"""Keys for what a person's device keeps until the server has it: on that device's disk there is nothing but ciphertext.

The device asks for its key and forgets it; once the data key is shredded, nobody can make the device's key again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from records.vault.context import field

if TYPE_CHECKING:
    from uuid import UUID

    from records.vault.opened import OpenKey

DOMAIN: Final = b"xinqiao/device/v1"
DEVICE_BYTES: Final = 32  # AES-256


def device_key(key: OpenKey, kind: str, id_: UUID) -> bytes:
    """HKDF-Expand-SHA-256 (RFC 5869) of the data key: the key with which a device seals what is of `kind` and this id."""
    info = field(DOMAIN) + field(kind.encode()) + field(id_.bytes)
    return HKDFExpand(hashes.SHA256(), DEVICE_BYTES, info).derive(key.secret)
