"""Tree, signatures, notes and canonical JSON agree with what was published for them."""

import json
from typing import Any
from uuid import UUID

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from records.ledger import merkle, notes
from records.ledger.leaves import EMPTY_HEAD, Tail, is_canonical, leaf_hash, parse
from tests import vectors

TREE = vectors.load("rfc6962-tree")
LEAVES = [leaf_hash(bytes.fromhex(data)) for data in TREE["leaves"]]
ROOTS = [bytes.fromhex(root) for root in TREE["roots"]]


def unhex(values: list[str]) -> list[bytes]:
    return [bytes.fromhex(value) for value in values]


def subtree(start: int, end: int) -> bytes:
    return merkle.root(LEAVES[start:end])


@pytest.mark.parametrize("size", range(9))
def test_roots_of_the_reference_tree(size: int) -> None:
    frontier = merkle.Frontier()
    for leaf in LEAVES[:size]:
        frontier.append(leaf)
    assert merkle.root(LEAVES[:size]) == frontier.root() == ROOTS[size]


@pytest.mark.parametrize("case", TREE["inclusion"], ids=lambda case: f"{case['index']} of {case['size']}")
def test_inclusion_proofs_of_the_reference_tree(case: Any) -> None:
    index, size, path = case["index"], case["size"], unhex(case["path"])
    assert merkle.inclusion_proof(index, size, subtree) == path
    merkle.check_inclusion(LEAVES[index], index, size, path, ROOTS[size])


@pytest.mark.parametrize("case", TREE["consistency"], ids=lambda case: f"{case['old']} to {case['new']}")
def test_consistency_proofs_of_the_reference_tree(case: Any) -> None:
    old, new, path = case["old"], case["new"], unhex(case["path"])
    assert merkle.consistency_proof(old, new, subtree) == path
    merkle.check_consistency(old, new, path, ROOTS[old], ROOTS[new])


@pytest.mark.parametrize("case", vectors.load("rfc8032-ed25519")["tests"])
def test_ed25519(case: Any) -> None:
    seed, public, message, signature = unhex([case[name] for name in ("seed", "public", "message", "signature")])
    key = Ed25519PrivateKey.from_private_bytes(seed)
    assert key.public_key().public_bytes_raw() == public
    assert key.sign(message) == signature
    assert notes.Verifier("anyone", public).accepts(signature, message)
    assert not notes.Verifier("anyone", public).accepts(signature, message + b".")


def test_a_note_that_go_signed_verifies() -> None:
    case = vectors.load("signed-note")
    name, key_id, encoded = case["key"].split("+", 2)
    key = notes.Verifier(name, notes.canonical_base64(encoded)[1:])
    assert (key.key_id.hex(), str(key)) == (key_id, case["key"])
    assert notes.verify(case["note"], [key]).startswith("If you think cryptography")


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(
    kind=words,
    at=st.integers(0, 2**53 - 1),
    actor=st.none() | st.uuids(),
    content=st.none() | st.binary(max_size=40),
    ids=st.dictionaries(st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=8), words, max_size=4),
)
def test_a_leaf_is_what_rfc_8785_makes_of_it(kind: str, at: int, actor: Any, content: Any, ids: dict[str, str]) -> None:
    leaf = Tail(UUID(int=7), 0, EMPTY_HEAD).add(kind, at=at, actor=actor, content=content, ids=ids)
    assert rfc8785.dumps(json.loads(leaf.data)) == leaf.data
    assert is_canonical(leaf.data, parse(leaf.data))
    assert leaf.hash == leaf_hash(leaf.data)
