"""The code printed on every page of a pack's printed form, by which a page is checked against the pack. Pure.

    XINQIAO-PACK:1:<pack>:<SHA-256 of manifest-sha256.txt>:<size of the ledger>:<its root>      hex in capitals: a small QR code

The manifest fixes every file under data/, the checkpoint fixes the ledger. The short code is for eyes and keyboards: 24 letters
and digits, 120 bits of the SHA-256 of the long one. `verify_pack.py --code` takes either, and says the same in its own words.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from uuid import UUID

PREFIX: Final = "XINQIAO-PACK:1"
SHORT_BYTES: Final = 15
GROUP: Final = 4


def long_code(pack: UUID, manifest: str, size: int, root: bytes) -> str:
    """`manifest`: SHA-256 of the payload manifest, hex."""
    return f"{PREFIX}:{pack.hex}:{manifest}:{size}:{root.hex()}".upper()


def short_code(code: str) -> str:
    letters = base64.b32encode(hashlib.sha256(code.encode()).digest()[:SHORT_BYTES]).decode()
    return "-".join(letters[place : place + GROUP] for place in range(0, len(letters), GROUP))
