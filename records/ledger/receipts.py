"""Receipts: the server's signed word, given with the acknowledgement, that an act was committed.

One Ed25519 signature serves a whole commit: it signs the Merkle root over the commit's leaf hashes, and each receipt carries the
path from its leaf to that root. A receipt outlives the server's goodwill: a leaf that later is missing from the tree convicts it.

    {"leaf": b64, "index": i, "size": n, "path": [b64...], "at": ms, "sig": b64, "key": key id (hex)}
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from records.ledger import merkle, signing
from records.ledger.notes import NoteError, Verifier, canonical_base64

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DOMAIN: Final = "xinqiao/receipt/v1"
MEMBERS: Final = frozenset({"leaf", "index", "size", "path", "at", "sig", "key"})
MAX_SIZE: Final = 1 << 20  # leaves of one commit


class ReceiptError(ValueError):
    """The receipt is malformed or was not signed by this key; the message says why."""


class Receipts:
    """Those of one commit, by the index of the leaf in `hashes`. Signed when the first is asked for: after the commit, and not by the
    thread that is to begin the next one. Safe from any thread; two that ask at once sign the same twice."""

    def __init__(self, at_ms: int) -> None:
        self.hashes: list[bytes] = []
        self._at = at_ms
        self._made: list[dict[str, Any]] = []

    def __getitem__(self, index: int) -> dict[str, Any]:
        if not self._made:
            self._made = sign_batch(self.hashes, self._at)
        return self._made[index]


def sign_batch(hashes: Sequence[bytes], at_ms: int) -> list[dict[str, Any]]:
    """Return one receipt for each leaf hash of a commit, in order. One signature; a few microseconds a leaf."""
    if not hashes:
        return []
    signer = signing.signer()
    tree = merkle.levels(hashes)
    key_id = signer.verifier.key_id.hex()
    value = _b64(signer.sign(_message(signer.verifier.name, tree[-1][0], len(hashes), at_ms)))
    encoded = [[_b64(node) for node in level] for level in tree[:-1]] or [[_b64(hashes[0])]]
    size = len(hashes)
    return [
        {
            "leaf": encoded[0][index],
            "index": index,
            "size": size,
            "path": _path(encoded, index),
            "at": at_ms,
            "sig": value,
            "key": key_id,
        }
        for index in range(size)
    ]


def verify(receipt: Mapping[str, Any], public_key: Verifier) -> bytes:
    """Return the leaf hash that the receipt proves was committed. Raises ReceiptError."""
    try:
        leaf, path = canonical_base64(receipt["leaf"]), [canonical_base64(node) for node in receipt["path"]]
        signature, at, index, size = canonical_base64(receipt["sig"]), receipt["at"], receipt["index"], receipt["size"]
        if set(receipt) != MEMBERS or any(type(number) is not int for number in (at, index, size)):
            raise ReceiptError("a receipt has exactly its seven members")
        root = merkle.root_from_path(leaf, index, size, path)
    except (NoteError, merkle.ProofError, KeyError, TypeError) as error:
        raise ReceiptError(str(error)) from None
    if size > MAX_SIZE or receipt["key"] != public_key.key_id.hex():
        raise ReceiptError("another key signed the receipt")
    if not public_key.accepts(signature, _message(public_key.name, root, size, at)):
        raise ReceiptError("the signature is wrong")
    return leaf


def _path(levels: list[list[str]], index: int) -> list[str]:
    """The siblings of a leaf, nearest first; a node without a sibling moves up."""
    path = []
    for level in levels:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        index >>= 1
    return path


def _message(origin: str, root: bytes, size: int, at_ms: int) -> bytes:
    return f"{DOMAIN}\n{origin}\n{size}\n{_b64(root)}\n{at_ms}\n".encode()


def _b64(value: bytes) -> str:
    return base64.b64encode(value).decode()
