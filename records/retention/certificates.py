"""The certificate of a destruction: a signed note that a stranger verifies with the ledger's public key alone, without a network.

    xinqiao shred certificate v1
    {one line of JSON}

It names what was destroyed by ids and hashes, never by a word of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from records.ledger import notes, signing
from records.ledger.models import Leaf
from records.retention.chain import RETENTION_CHAIN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from records.ledger.notes import Verifier
    from records.retention.models import RightsRequest, Tombstone

HEADER: Final = "xinqiao shred certificate v1"


class Destroyed(msgspec.Struct, frozen=True):
    """One data key and what it opened. `leaf`: hash (hex) of the tombstone in the ledger."""

    label: str
    key: str
    tombstone: int
    leaf: str


class Certificate(msgspec.Struct, frozen=True):
    """Times in ms since epoch; ids as text."""

    case: str
    request: str
    asked_at: int
    done_at: int
    destroyed: list[Destroyed]


def of(request: RightsRequest, stones: Sequence[Tombstone]) -> str:
    """Sign what was destroyed of the case of a request."""
    assert request.done_at is not None, "it was carried out"
    leaves = Leaf.objects.filter(chain=RETENTION_CHAIN, seq__in=[stone.seq for stone in stones])
    hashes = {leaf.seq: bytes(leaf.hash).hex() for leaf in leaves}
    body = Certificate(
        case=str(request.case_id),
        request=str(request.id),
        asked_at=int(request.asked_at.timestamp() * 1000),
        done_at=int(request.done_at.timestamp() * 1000),
        destroyed=[
            Destroyed(_label(stone, request.case_id), str(stone.key_id), stone.seq, hashes[stone.seq]) for stone in stones
        ],
    )
    return signing.signer().note(f"{HEADER}\n{msgspec.json.encode(body).decode()}\n")


def _label(stone: Tombstone, case: UUID) -> str:
    """Which of `LABELS` a tombstone of this case is of. What is of no one case are older recordings that share a key."""
    if stone.scope == case:
        return "consultation"
    return "recording" if stone.about or stone.case_id is None else "side"


def verify(note: str, trusted: Sequence[Verifier]) -> Certificate:
    """What a trusted key certified. Raises NoteError, ValueError."""
    header, body, rest = notes.verify(note, trusted).split("\n", 2)
    if header != HEADER or rest:
        raise ValueError("the note is no certificate")
    decoded: Any = msgspec.json.decode(body, type=Certificate)
    found: Certificate = decoded
    return found
