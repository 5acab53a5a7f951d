"""What a full check found is in the ledger, and the integrity centre says it with its places."""

from collections.abc import Callable

import pytest

from records import integrity
from records.ledger import checks
from records.ledger.models import Leaf, TreeEntry
from records.ledger.sequencer import Sequencer
from tests.cast import Browser, lift_guard
from tests.records.ledger.conftest import Talk

pytestmark = pytest.mark.django_db


def test_a_check_without_findings_is_the_last_good_one(talk: Talk) -> None:
    assert checks.last() is None
    assert checks.last_good_at() is None
    talk(3)
    Sequencer().drain()
    assert integrity.check() == 0
    found = checks.last()
    assert found is not None
    assert (found.entries, found.problems, found.found) == (3, 0, ())
    assert checks.last_good_at() == found.at


def test_a_mismatch_is_named_in_the_ledger_and_on_the_page(
    talk: Talk, browser_of: Callable[[str], Browser], cast: None
) -> None:
    chain = talk(5)
    Sequencer().drain()
    assert integrity.check() == 0
    lift_guard("records_leaf")
    leaf = Leaf.objects.get(chain_id=chain, seq=3)
    Leaf.objects.filter(id=leaf.id).update(data=bytes(leaf.data).replace(b"password", b"passw0rd"))
    Sequencer().drain()
    assert integrity.check() > 0
    body = browser_of("zhou").get("/api/integrity").json()
    assert not body["ok"]
    assert body["problems"] >= 1
    first = body["alerts"][0]
    assert (first["code"], first["chain"], first["seq"]) == ("leaf.hash", chain.hex, 3)
    assert first["message"]["zh"]
    assert first["message"]["en"]
    assert body["last_good_check"] < body["last_full_check"]
    assert 0 < body["checked_share"] <= 1


def test_what_is_not_well_now_is_an_alert_too(talk: Talk, browser_of: Callable[[str], Browser], cast: None) -> None:
    talk(1)
    body = browser_of("zhou").get("/api/integrity").json()
    assert body["alerts"] == []
    assert body["checked_share"] is None


def test_a_great_many_mismatches_are_counted_and_the_first_are_named(talk: Talk) -> None:
    chain = talk(40)
    Sequencer().drain()
    lift_guard("records_treeentry")
    TreeEntry.objects.filter(leaf__chain_id=chain).delete()
    assert integrity.check() > checks.NAMED
    found = checks.last()
    assert found is not None
    assert len(found.found) == checks.NAMED
