"""What a sealed blob is bound to: the bytes that must be equal again when it is opened. Pure.

Every field is preceded by its length (2 bytes, big-endian), so that no two contexts share an encoding:

    "xinqiao/seal/v1" | suite | deployment | kind | scope | sequence (8) | sender (16, or none) | client id | content type | epoch (4)
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from uuid import UUID

DOMAIN: Final = b"xinqiao/seal/v1"


class Context(NamedTuple):
    """Where a blob belongs. `scope` is a consultation, a chart, a grant or a recording; `seq` its place in it (from 0 or 1)."""

    kind: str
    scope: UUID
    seq: int
    sender: UUID | None
    client_id: str
    content_type: str


def field(value: bytes) -> bytes:
    """Return `value` behind its length. Raises OverflowError from 65,536 bytes on."""
    return len(value).to_bytes(2, "big") + value


@lru_cache(maxsize=256)
def _word(value: str) -> bytes:
    """Kinds and content types are few: their encodings are kept."""
    return field(value.encode())


@lru_cache(maxsize=8)
def _prefix(suite: bytes, deployment: bytes) -> bytes:
    return field(DOMAIN) + field(suite) + field(deployment)


def encode(context: Context, *, suite: bytes, deployment: bytes, epoch: int) -> bytes:
    """Return the bytes bound to a blob. Raises OverflowError for a negative sequence."""
    kind, scope, seq, sender, client_id, content_type = context
    return b"".join(
        (
            _prefix(suite, deployment),
            _word(kind),
            b"\x00\x10",
            scope.bytes,
            b"\x00\x08",
            seq.to_bytes(8, "big"),
            b"\x00\x00" if sender is None else b"\x00\x10" + sender.bytes,
            field(client_id.encode()),
            _word(content_type),
            b"\x00\x04",
            epoch.to_bytes(4, "big"),
        )
    )
