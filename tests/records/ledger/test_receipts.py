"""The receipt that Wang's phone keeps convicts a server that later denies her message."""

import copy
import json
import secrets
from typing import Any

import pytest

from records.ledger import receipts, signing
from records.ledger.notes import Signer, Verifier

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
