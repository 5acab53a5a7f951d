"""What the log shows to anybody: checkpoints and hash tiles (c2sp.org/tlog-tiles), and proofs that stand alone (c2sp.org/tlog-proof).

The entries themselves are not served: they name people and cases. A hash says nothing to who does not hold the entry, whose
random ids cannot be guessed; how many acts there were, and when, is all that a stranger learns.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from records.ledger import checkpoints, cosignatures, merkle, notes, tree
from records.ledger.merkle import HASH_BYTES
from records.ledger.models import Checkpoint, Leaf, Tile, TreeEntry
from records.ledger.notes import NoteError
from records.ledger.tree import BITS, WIDTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from records.ledger.notes import Verifier

PROOF: Final = "c2sp.org/tlog-proof@v1"
MAX_LEVEL: Final = 63
TILE: Final = re.compile(r"(0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)
NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)


class Place(NamedTuple):
    """Which tile: `width` hashes of it, WIDTH for a complete one."""

    level: int
    number: int
    width: int


class Proof(NamedTuple):
    """A parsed proof, nothing verified yet. `extra` is the entry, as far as the file says so."""

    extra: bytes
    place: int
    path: list[bytes]
    note: str


def place_of(path: str) -> Place | None:
    """Read `<L>/<N>[.p/<W>]`; None for what is not the one way to name a tile."""
    found = TILE.fullmatch(path)
    if found is None:
        return None
    level, number = int(found[1]), int(found[2].replace("x", "").replace("/", ""))
    width = int(found[3]) if found[3] else WIDTH
    canonical = path_of(Place(level, number, width)) == path
    return Place(level, number, width) if canonical and level <= MAX_LEVEL and width <= WIDTH else None


def path_of(place: Place) -> str:
    groups, rest = [f"{place.number % 1000:03}"], place.number // 1000
    while rest:
        groups.append(f"x{rest % 1000:03}")
        rest //= 1000
    partial = "" if place.width == WIDTH else f".p/{place.width}"
    return f"{place.level}/{'/'.join(reversed(groups))}{partial}"


def tile(place: Place) -> bytes | None:
    """The hashes of a tile of the signed tree; None when the tree is not that large."""
    newest = tree.latest()
    first = place.number * WIDTH
    if newest is None or first + place.width > newest.size >> BITS * place.level:
        return None
    stored = Tile.objects.filter(level=place.level, index=place.number).values_list("hashes", flat=True).first()
    if stored is not None:
        return bytes(stored)[: place.width * HASH_BYTES]
    return b"".join(tree.hashes_at(place.level, first, first + place.width))


def newest_note() -> str | None:
    """The newest checkpoint, with the cosignatures that there are."""
    newest = tree.latest()
    return cosignatures.cosigned_note(newest) if newest else None


def newest_cosigned_note() -> str | None:
    """The newest checkpoint that a witness cosigned."""
    newest = _newest_cosigned()
    return cosignatures.cosigned_note(newest) if newest else None


def proof_of(leaf: Leaf) -> str | None:
    """The proof that a leaf is in the signed tree, under a cosigned checkpoint where one covers it; None while it waits for its place."""
    index = TreeEntry.objects.filter(leaf_id=leaf.id).values_list("index", flat=True).first()
    checkpoint = None if index is None else _covering(index)
    if index is None or checkpoint is None:
        return None
    path = merkle.inclusion_proof(index, checkpoint.size, tree.Reader(checkpoint.size).subtree)
    lines = [PROOF, f"extra {notes.encode_base64(bytes(leaf.data))}", f"index {index}", *map(notes.encode_base64, path)]
    return "\n".join(lines) + "\n\n" + cosignatures.cosigned_note(checkpoint)


def parse_proof(text: str) -> Proof:
    """Raises NoteError for every other form than the specification's."""
    head, separator, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = notes.canonical_base64(lines.pop(0).removeprefix("extra "))
    word, _, number = lines.pop(0).partition(" ") if lines else ("", "", "")
    if not separator or first != PROOF or word != "index" or not NUMBER.fullmatch(number):
        raise NoteError("not a proof")
    return Proof(extra, int(number), [notes.canonical_base64(line) for line in lines], note)


def check_proof(text: str, leaf_hash: bytes, log: Verifier, witnesses: Sequence[Verifier] = ()) -> dict[str, int]:
    """Check that the leaf is in the log's tree; return which witnesses cosigned that tree, and when (seconds since epoch).

    Raises NoteError, ProofError. Pure.
    """
    proof = parse_proof(text)
    signed = checkpoints.verify(proof.note, [log], log.name)
    merkle.check_inclusion(leaf_hash, proof.place, signed.size, proof.path, signed.root)
    return cosignatures.times(proof.note, witnesses)


def _covering(index: int) -> Checkpoint | None:
    cosigned = _newest_cosigned()
    chosen = cosigned if cosigned is not None and cosigned.size > index else tree.latest()
    return chosen if chosen is not None and chosen.size > index else None


def _newest_cosigned() -> Checkpoint | None:
    return Checkpoint.objects.filter(cosignatures__isnull=False).order_by("-size").first()
