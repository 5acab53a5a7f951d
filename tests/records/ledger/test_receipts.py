"""The receipt that Wang's phone keeps convicts a server that later denies her message."""

import copy
import hashlib
import json
import secrets
from typing import Any
from uuid import UUID

import pytest

from records.ledger import checkpoints, merkle, published, receipts, signing
from records.ledger.leaves import Tail, leaf_hash
from records.ledger.notes import COSIGNATURE, Signer, Verifier, encode_base64
from tests.deployment import ROOT

HASHES = [secrets.token_bytes(32) for _ in range(21)]


@pytest.fixture
def key() -> Verifier:
    return signing.verifier()


def refused(receipt: Any, key: Verifier) -> None:
    with pytest.raises(receipts.ReceiptError):
        receipts.verify(receipt, key)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 21])
def test_each_receipt_of_a_commit_proves_its_own_leaf(size: int, key: Verifier) -> None:
    made = receipts.sign_batch(HASHES[:size], 1_700_000_000_000)
    assert [receipts.verify(json.loads(json.dumps(receipt)), key) for receipt in made] == HASHES[:size]
    assert len({receipt["sig"] for receipt in made}) == 1, "one signature a commit"


def test_an_empty_commit_has_no_receipts() -> None:
    assert receipts.sign_batch([], 1) == []


def test_every_altered_member_is_noticed(key: Verifier) -> None:
    good = receipts.sign_batch(HASHES, 1_700_000_000_000)[5]
    other = receipts.sign_batch(HASHES[1:], 1_700_000_000_001)[5]
    for name in receipts.MEMBERS - {"key"}:
        if good[name] != other[name]:
            refused({**good, name: other[name]}, key)
    for name, value in [
        ("index", 4),
        ("index", "5"),
        ("index", True),
        ("size", 20),
        ("size", 2**40),
        ("at", 1.0),
        ("key", "00000000"),
    ]:
        refused({**good, name: value}, key)
    for path in (good["path"][:-1], [*good["path"], good["leaf"]], None, ["AA=="] * len(good["path"])):
        refused({**good, "path": path}, key)
    refused({**good, "more": 1}, key)
    refused({name: value for name, value in good.items() if name != "at"}, key)
    assert receipts.verify(copy.deepcopy(good), key) == HASHES[5]


def test_another_servers_key_does_not_confirm_it(key: Verifier) -> None:
    refused(receipts.sign_batch(HASHES, 1)[0], Signer(key.name, secrets.token_bytes(32)).verifier)


def test_a_receipt_is_no_checkpoint_and_a_checkpoint_no_receipt() -> None:
    assert not receipts._message(signing.origin(), bytes(32), 1, 1).decode().startswith(signing.origin())


VECTORS = ROOT / "frontend" / "src" / "core" / "receipts.vectors.json"


def test_the_web_client_is_tested_with_what_this_server_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fixed key and hashes; Ed25519 is deterministic. After a change of the format write the file anew, and see the client's tests."""
    signer = Signer("xinqiao.vectors/ledger", bytes(range(32)))
    monkeypatch.setattr(signing, "_opened", [signer])
    leaves = [hashlib.sha256(bytes([number])).digest() for number in range(13)]
    made = {
        "key": str(signer.verifier),
        "commits": [receipts.sign_batch(leaves[:size], 1_700_000_000_000 + size) for size in (1, 2, 3, 4, 7, 13)],
    }
    assert json.loads(VECTORS.read_text()) == made


PROOF = VECTORS.with_name("ledgerProof.vectors.json")


def proof_vector() -> dict[str, Any]:
    """Of Wang's message, and of another act under its id."""
    kept = {"client_id": "vector-000001", "consultation": str(UUID(int=7)), "owner": str(UUID(int=8)), "seq": 4}
    return {**placed_vector("message.posted"), "kept": kept, "another": placed_vector("message.corrected")}


def placed_vector(kind: str) -> dict[str, str]:
    log = Signer("xinqiao.vectors/ledger", bytes(range(32)))
    entries = [b'{"n":%d}' % number for number in range(11)]
    tail, ids = Tail(UUID(int=7), 3, bytes(32)), {"client": "vector-000001"}
    entries[5] = tail.add(kind, at=1_700_000_000_000, actor=UUID(int=8), content=b"sealed", ids=ids).data
    hashes = [leaf_hash(entry) for entry in entries]

    def subtree(start: int, end: int) -> bytes:
        return merkle.root(hashes[start:end])

    note = checkpoints.sign(11, subtree(0, 11), log)
    text = note.rpartition("\n\n")[0] + "\n"
    note += Signer("witness.vectors/w1", bytes(32), COSIGNATURE).cosign(text, 1_700_000_000)
    path = merkle.inclusion_proof(5, 11, subtree)
    lines = [published.PROOF, f"extra {encode_base64(entries[5])}", "index 5", *map(encode_base64, path)]
    proof = "\n".join(lines) + "\n\n" + note
    published.check_proof(proof, hashes[5], log.verifier)
    return {"key": str(log.verifier), "leaf": encode_base64(hashes[5]), "proof": proof}


def test_the_web_client_is_tested_with_a_proof_of_this_servers_form() -> None:
    assert json.loads(PROOF.read_text()) == proof_vector()
