"""Long content is sealed in segments, each a blob of its own; the manifest fixes which, in what order, and how many. Pure."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

SEGMENT_BYTES: Final = 262_144  # of plaintext; the last segment is shorter, or there is only one
MANIFEST_DOMAIN: Final = b"xinqiao/manifest/v1\x00"
DIGEST_BYTES: Final = 32


def manifest(parts: Iterable[tuple[bytes, int]]) -> bytes:
    """Return SHA-256 over the ordered segments: (SHA-256 of the ciphertext, bytes of plaintext), and their count.

    Reordering, dropping, repeating or resizing a segment changes it. Raises ValueError for a hash that is not 32 bytes.
    """
    running, count = hashlib.sha256(MANIFEST_DOMAIN), 0
    for digest, size in parts:
        if len(digest) != DIGEST_BYTES:
            raise ValueError("a segment hash is 32 bytes")
        running.update(digest + size.to_bytes(8, "big"))
        count += 1
    running.update(count.to_bytes(8, "big"))
    return running.digest()
