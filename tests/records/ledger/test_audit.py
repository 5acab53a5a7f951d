"""Whatever an attacker with the database changes, the audit names the entry; a case's badge says what was checked."""

import io
import json
from collections.abc import Callable
from contextlib import redirect_stdout
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from consult.models import Event
from records import charts
from records.ledger import audit, chains, full_audit, tree
from records.ledger.findings import TEXTS
from records.ledger.models import Chain, Checkpoint, Leaf, PendingLeaf, Tile, TreeEntry
from records.ledger.sequencer import Sequencer
from tests.cast import client_id, consultation, flipped, lift_guard, who
from tests.records.ledger.conftest import Talk

pytestmark = pytest.mark.django_db
SAID = (("wang", "早上头晕"), ("zhao", "血压多少？"), ("wang", "152/95"))


@pytest.fixture
def case(cast: None, talk: Talk) -> UUID:
    """Wang's closed consultation, sequenced among other acts."""
    talk(300)
    made = consultation(said=SAID, summary="高血压随访")
    Sequencer().drain()
    return made.id


def change(table: str, column: str, value: Any, **where: Any) -> None:
    if table != "records_chain":  # the end of a chain moves with every act, so that table has no guard
        lift_guard(table)
    wheres = " AND ".join(f"{name} = %s" for name in where)
    values = [value, *where.values()]
    values = [item.hex if isinstance(item, UUID) and connection.vendor == "sqlite" else item for item in values]
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {wheres}", values)
        assert cursor.rowcount == 1


def codes() -> list[str]:
    return [found.code for found in full_audit.check_all().findings]


def test_an_untouched_ledger_is_intact_and_counted(case: UUID) -> None:
    totals = full_audit.check_all()
    assert totals.findings == []
    assert (totals.leaves, totals.places, totals.pending) == (Leaf.objects.count(), Leaf.objects.count(), 0)
    assert (totals.tiles, totals.chains) == (1, Chain.objects.count())
    assert (totals.contents >= len(SAID) + 2, totals.unchecked) == (True, 0)


def test_a_badge_says_in_both_languages_what_was_checked(case: UUID) -> None:
    report = audit.check_chain(case)
    newest = tree.latest()
    assert newest is not None
    assert report.state == "verified"
    assert {check.name: check.ok for check in report.checks} == {
        "chain": True,
        "content": True,
        "tree": True,
        "signature": True,
    }
    body = report.payload()
    assert json.loads(json.dumps(body)) == body
    assert f"{report.entries} 条" in body["sentence"]["zh"]
    assert f"all {report.entries} entries" in body["sentence"]["en"]
    assert body["checkpoint"]["size"] == newest.size
    assert body["from"] <= body["to"]


def test_what_waits_for_its_place_is_pending_and_not_verified(case: UUID) -> None:
    with transaction.atomic(), chains.extend(case) as tail:
        tail.add("consultation.read", actor=None)
    report = audit.check_chain(case)
    assert (report.state, report.findings) == ("pending", [])
    assert "正在" in report.sentence["zh"]
    assert full_audit.check_all().pending == 1


def test_a_chain_without_entries_is_unknown(db: None) -> None:
    assert audit.check_chain(Chain.objects.create(kind=Chain.Kind.GRANT).id).state == "unknown"
    assert audit.check_chain(UUID(int=7)).state == "unknown"


Attack = Callable[[UUID], None]


def swap_two_messages(case: UUID) -> None:
    one, two = Event.objects.filter(thread=case, kind="message.posted").order_by("seq")[:2]
    change("consult_event", "body", bytes(two.body), id=one.id)


def move_from_another_case(case: UUID) -> None:
    other = consultation("li", None, said=(("li", "宝宝发烧"),))
    Sequencer().drain()
    body = bytes(Event.objects.get(thread=other.id, seq=2).body)
    change("consult_event", "body", body, thread_id=case, seq=3)


def leaf(case: UUID, seq: int = 3) -> Leaf:
    return Leaf.objects.get(chain_id=case, seq=seq)


ATTACKS: dict[str, tuple[Attack, str, int | None]] = {
    "flip a bit of an entry": (
        lambda c: change("records_leaf", "data", flipped(bytes(leaf(c).data)), id=leaf(c).id),
        "leaf.hash",
        3,
    ),
    "flip a bit of its hash": (
        lambda c: change("records_leaf", "hash", flipped(bytes(leaf(c).hash)), id=leaf(c).id),
        "leaf.hash",
        3,
    ),
    "change its time": (lambda c: change("records_leaf", "at", 1, id=leaf(c).id), "leaf.columns", 3),
    "flip a bit of a message": (
        lambda c: change("consult_event", "body", flipped(bytes(Event.objects.get(thread=c, seq=3).body)), thread_id=c, seq=3),
        "content.changed",
        3,
    ),
    "put in a message of another consultation": (move_from_another_case, "content.changed", 3),
    "exchange two messages": (swap_two_messages, "content.changed", 3),
    "cut off the end of the chain": (lambda c: change("records_chain", "last_seq", 3, id=c), "chain.head", None),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_the_audit_names_the_entry(case: UUID, name: str) -> None:
    attack, code, seq = ATTACKS[name]
    attack(case)
    found = full_audit.check_all().findings[0]
    assert (found.code, found.chain) == (code, case.hex)
    if seq is not None:
        assert found.seq == seq
    report = audit.check_chain(case)
    assert report.state == "mismatch"
    assert report.findings[0].zh in report.sentence["zh"]


ROWS: dict[str, Callable[[UUID], Any]] = {
    "at": lambda case: leaf(case).at - 30 * 86_400_000,
    "sender_id": lambda case: Event.objects.values_list("sender", flat=True).get(thread=case, seq=4),
    "kind": lambda _: "message.corrected",
    "client_id": lambda _: None,
}


@pytest.mark.parametrize("column", ROWS)
def test_a_row_that_says_something_else_than_its_entry_is_named(case: UUID, column: str) -> None:
    """Its ciphertext is untouched, and it is the row that Wang is shown."""
    change("consult_event", column, ROWS[column](case), thread_id=case, seq=3)
    found = full_audit.check_all().findings
    assert [(each.code, each.chain, each.seq) for each in found] == [("content.columns", case.hex, 3)]
    assert audit.check_chain(case).findings == found


def test_an_entry_of_the_chart_that_was_given_to_another_author_is_named(cast: None) -> None:
    entry = charts.add_entry(
        who("zhao"), who("wang").id, client_id=client_id(), kind="allergy", content=charts.Content("青霉素")
    )
    assert codes() == []
    change("records_chartentry", "author_id", who("sun").id, seq=entry.row.seq)
    assert codes() == ["content.columns"]


@pytest.mark.parametrize("seq", [0, 99])
def test_a_message_that_nobody_wrote_through_the_product_is_named(case: UUID, seq: int) -> None:
    """Whoever has the database may add a row: no guard forbids that, and no entry stands behind it."""
    forged = Event.objects.get(thread=case, seq=3)
    forged.pk, forged.seq, forged.client_id = None, seq, "nobody-wrote-it"
    forged.save(force_insert=True)
    assert [(found.code, found.chain, found.seq) for found in full_audit.check_all().findings] == [
        ("content.extra", case.hex, seq)
    ]


def test_a_message_that_vanished_is_named(case: UUID) -> None:
    lift_guard("consult_event")
    Event.objects.filter(thread=case, seq=4).delete()
    found = full_audit.check_all().findings[0]
    assert (found.code, found.chain, found.seq) == ("content.missing", case.hex, 4)


def test_an_entry_that_vanished_with_everything_about_it_is_named(case: UUID) -> None:
    last = Leaf.objects.filter(chain_id=case).order_by("-seq")[0]
    for table in ("records_treeentry", "records_leaf"):
        lift_guard(table)
    TreeEntry.objects.filter(leaf=last).delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM records_leaf WHERE id = %s", [last.id])
    assert "chain.head" in codes()
    assert audit.check_chain(case).state == "mismatch"


def test_an_entry_taken_out_of_the_tree_is_named(case: UUID) -> None:
    lift_guard("records_treeentry")
    TreeEntry.objects.filter(leaf=leaf(case)).delete()
    assert {"tree.gap", "tree.lost"} <= set(codes())


def test_an_entry_that_would_be_placed_twice_is_named(case: UUID) -> None:
    PendingLeaf.objects.create(leaf=leaf(case))
    assert codes() == ["tree.twice"]


def test_an_altered_tile_is_named(case: UUID) -> None:
    change("records_tile", "hashes", flipped(bytes(Tile.objects.get().hashes)), level=0)
    assert codes() == ["tree.tile"]


def test_an_altered_checkpoint_is_named(case: UUID) -> None:
    newest = Checkpoint.objects.order_by("-size")[0]
    change("records_checkpoint", "note", newest.note.replace(f"\n{newest.size}\n", f"\n{newest.size + 1}\n"), size=newest.size)
    assert codes() == ["checkpoint.signature"]
    assert audit.check_chain(case).state == "mismatch"


def test_a_checkpoint_root_that_was_replaced_is_named(case: UUID) -> None:
    newest = Checkpoint.objects.order_by("-size")[0]
    change("records_checkpoint", "root", bytes(32), size=newest.size)
    assert set(codes()) == {"checkpoint.root", "checkpoint.signature"}


def test_closed_twice_is_an_alarm_unless_it_was_reopened_in_between(db: None) -> None:
    honest, lying = (Chain.objects.create(kind=Chain.Kind.CONSULTATION).id for _ in range(2))
    for chain, kinds in ((honest, ("closed", "reopened", "closed")), (lying, ("closed", "closed"))):
        with transaction.atomic(), chains.extend(chain) as tail:
            for kind in kinds:
                tail.add(f"consultation.{kind}", actor=None)
    found = full_audit.check_all().findings
    assert [(each.code, each.chain, each.seq) for each in found if each.code == "chain.closed_twice"] == [
        ("chain.closed_twice", lying.hex, 2)
    ]


def run(*words: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        with redirect_stdout(out):
            call_command("verify_ledger", *words, stdout=out)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_the_command_ends_with_1_and_names_the_first_bad_entry(case: UUID) -> None:
    assert run("--language", "en")[0] == 0
    assert "The ledger is intact." in run("--language", "en")[1]
    bad = leaf(case)
    change("records_leaf", "data", flipped(bytes(bad.data)), id=bad.id)
    code, text = run("--language", "en")
    assert (code, f"The first: chain {case.hex}, seq 3, leaf {bad.id}: the entry's bytes do not have its hash" in text) == (
        1,
        True,
    )
    code, text = run()
    assert (code, f"第一处：链 {case.hex}, 序号 3" in text) == (1, True)
    code, text = run("--json")
    body = json.loads(text)
    assert (code, body["ok"], body["findings"][0]["seq"], body["findings"][0]["code"]) == (1, False, 3, "leaf.hash")


def test_a_check_can_be_written_into_the_ledger(case: UUID) -> None:
    run("--record")
    assert Leaf.objects.filter(kind="ledger.checked").count() == 1


def test_every_finding_is_said_in_both_languages() -> None:
    assert all(zh and en and not en.isupper() for zh, en in TEXTS.values())
