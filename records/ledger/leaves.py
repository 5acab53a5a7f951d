"""What a leaf is: the canonical bytes of one act and their hash. Pure.

A leaf's `data` is canonical JSON (RFC 8785, JCS) with these members, sorted by name:

    actor    person id, or null for the system
    at       ms since epoch
    chain    chain id
    content  SHA-256 of the act's ciphertext, hex; null when the act has none
    ids      other identifiers, string to string
    kind     "message.posted", ...
    prev     hash of the previous leaf of the chain, hex; 64 zeros for the first
    seq      1, 2, 3, ... without gaps
    v        1

Its hash is the RFC 9162 leaf hash, SHA-256(0x00 || data): one hash serves the chain and the tree.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

EMPTY_HEAD: Final = bytes(32)
VERSION: Final = 1


class LeafBody(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The members of a leaf's canonical JSON, in their canonical order."""

    actor: UUID | None
    at: int
    chain: UUID
    content: str | None
    ids: dict[str, str]
    kind: str
    prev: str
    seq: int
    v: int


class RawLeaf(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The same members with ids as text: for checking many leaves, where making UUIDs would be a quarter of the cost."""

    actor: str | None
    at: int
    chain: str
    content: str | None
    ids: dict[str, str]
    kind: str
    prev: str
    seq: int
    v: int


class Linked(NamedTuple):
    """A leaf ready to be stored."""

    seq: int
    kind: str
    at: int
    data: bytes
    hash: bytes


# Equal to JCS for what a leaf holds: members already in order, strings, and integers below 2**53 (tested against rfc8785).
_encode = msgspec.json.Encoder(uuid_format="canonical").encode
_decode = msgspec.json.Decoder(LeafBody).decode
_decode_raw = msgspec.json.Decoder(RawLeaf).decode


def leaf_hash(data: bytes) -> bytes:
    """RFC 9162 section 2.1.1: SHA-256(0x00 || data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def parse(data: bytes) -> LeafBody:
    """Raises ValueError unless `data` is a leaf of a version known here."""
    body = _decode(data)
    if body.v != VERSION:
        raise ValueError("unknown version")
    return body


def parse_raw(data: bytes) -> RawLeaf:
    """`parse` with ids as text."""
    body = _decode_raw(data)
    if body.v != VERSION:
        raise ValueError("unknown version")
    return body


def is_canonical(data: bytes, body: LeafBody | RawLeaf) -> bool:
    """Whether `data`, which was parsed to `body`, is the one canonical encoding of it."""
    if len(body.ids) > 1:
        body.ids = dict(sorted(body.ids.items()))
    return bool(_encode(body) == data)


@dataclass(slots=True)
class Tail:
    """The growing end of one chain. `add` moves it; the caller stores what `add` returns, in order."""

    chain: UUID
    last_seq: int
    head: bytes

    @property
    def next_seq(self) -> int:
        return self.last_seq + 1

    def add(
        self,
        kind: str,
        *,
        at: int,
        actor: UUID | None,
        content: bytes | None = None,
        ids: Mapping[str, str] | None = None,
    ) -> Linked:
        """Link one more act to the chain. `content` is the ciphertext, of which only the hash is kept here."""
        seq = self.last_seq + 1
        digest_of_content = None if content is None else hashlib.sha256(content).hexdigest()
        ordered = dict(sorted(ids.items())) if ids and len(ids) > 1 else dict(ids or ())
        data = _encode(LeafBody(actor, at, self.chain, digest_of_content, ordered, kind, self.head.hex(), seq, VERSION))
        digest = leaf_hash(data)
        self.last_seq, self.head = seq, digest
        return Linked(seq, kind, at, data, digest)
