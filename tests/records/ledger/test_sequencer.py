"""Every committed leaf gets its place once, and nothing is signed that does not check out."""

import resource
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from records.ledger import checkpoints, merkle, sequencer, signing, tree
from records.ledger.memory import LogForked, Memory
from records.ledger.models import Checkpoint, Leaf, PendingLeaf, Tile, TreeEntry
from records.ledger.sequencer import Sequencer
from records.ledger.tree import TreeBroken
from tests.cast import lift_guard
from tests.records.ledger.conftest import Talk

pytestmark = pytest.mark.django_db


def heads() -> list[checkpoints.Checkpoint]:
    """Every stored checkpoint, verified like a stranger would."""
    notes = Checkpoint.objects.order_by("size").values_list("note", flat=True)
    return [checkpoints.verify(note, [signing.verifier()], signing.origin()) for note in notes]


def hashes() -> list[bytes]:
    return [bytes(value) for value in TreeEntry.objects.order_by("index").values_list("leaf__hash", flat=True)]


def tamper(table: str, column: str, value: Any, where: str, key: Any) -> None:
    lift_guard(table)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {where} = %s", [value, key])


def test_leaves_get_consecutive_places_and_a_signed_root(talk: Talk) -> None:
    one, two = talk(3), talk(2)
    talk(2, one)
    assert Sequencer().drain() == 7
    assert list(TreeEntry.objects.values_list("index", flat=True).order_by("index")) == list(range(7))
    assert heads()[-1] == (signing.origin(), 7, merkle.root(hashes()))
    assert not PendingLeaf.objects.exists()
    assert Sequencer().drain() == 0
    assert len(heads()) == 1
    assert Leaf.objects.filter(chain_id=two, place__isnull=False).count() == 2


def test_each_chain_keeps_its_order_in_the_tree(talk: Talk) -> None:
    chain = talk(5)
    Sequencer(batch=2).drain()
    seqs = TreeEntry.objects.filter(leaf__chain_id=chain).order_by("index").values_list("leaf__seq", flat=True)
    assert list(seqs) == [1, 2, 3, 4, 5]


def test_every_leaf_and_every_step_of_the_log_can_be_proven(talk: Talk) -> None:
    worker = Sequencer(batch=100)
    for count in (1, 254, 2, 300):
        talk(count)
        worker.drain()
    newest, leaves = heads()[-1], hashes()
    reader = tree.Reader(newest.size)
    assert Tile.objects.filter(level=0).count() == 557 // 256
    for index in (0, 1, 254, 255, 256, 511, 512, 555, 556):
        path = merkle.inclusion_proof(index, newest.size, reader.subtree)
        merkle.check_inclusion(leaves[index], index, newest.size, path, newest.root)
    for older, newer in zip(heads(), heads()[1:], strict=False):
        path = merkle.consistency_proof(older.size, newer.size, reader.subtree)
        merkle.check_consistency(older.size, newer.size, path, older.root, newer.root)


def test_a_new_sequencer_continues_where_the_last_one_ended(talk: Talk) -> None:
    for count in (255, 1, 1, 255, 3):
        talk(count)
        Sequencer().drain()
    assert heads()[-1].root == merkle.root(hashes())


def test_two_sequencers_never_sign_two_trees(talk: Talk) -> None:
    one, two = Sequencer(), Sequencer()
    for worker in (one, two, one, one, two):
        talk(2)
        worker.drain()
    assert [head.size for head in heads()] == [2, 4, 6, 8, 10]
    assert heads()[-1].root == merkle.root(hashes())


def test_a_sequencer_that_hashed_for_an_older_tree_writes_nothing(talk: Talk) -> None:
    talk(2)
    late = Sequencer()
    edge = late._current_edge()
    rows = late._outbox.pending(10, ())
    Sequencer().drain()
    with pytest.raises(DatabaseError, match="another sequencer"):
        late._extend(edge, rows)
    assert [head.size for head in heads()] == [2]
    talk(1)
    assert late.drain() == 1


@pytest.mark.parametrize(
    ("column", "code"), [("data", "leaf.hash"), ("hash", "leaf.hash"), ("kind", "leaf.columns"), ("at", "leaf.columns")]
)
def test_one_flipped_bit_in_a_waiting_leaf_is_never_signed(talk: Talk, column: str, code: str) -> None:
    chain, other = talk(3), talk(2)
    victim = Leaf.objects.get(chain_id=chain, seq=2)
    old = getattr(victim, column)
    bit: Any = {"kind": "session.startee", "at": victim.at ^ 1}.get(column)
    tamper("records_leaf", column, bit or bytes([bytes(old)[0] ^ 1]) + bytes(old)[1:], "id", victim.id)
    worker = Sequencer()
    assert worker.drain() == 3, "the leaf before it and the other chain go on"
    assert {finding.code for finding in worker.refused.values()} == {code}
    assert set(PendingLeaf.objects.values_list("leaf__chain_id", "leaf__seq")) == {(chain, 2), (chain, 3)}
    talk(1, other)
    assert worker.drain() == 1
    assert worker.step().refused == (), "alarmed once, not at every step"
    worker.refused.clear()
    assert worker.step().refused[0].code == code


def test_a_leaf_whose_predecessor_vanished_is_refused(talk: Talk) -> None:
    chain = talk(3)
    PendingLeaf.objects.filter(leaf__seq=2).delete()
    worker = Sequencer()
    assert worker.drain() == 1
    assert worker.refused[chain.hex].code == "leaf.gap"
    worker.refused.clear()
    assert worker.step().refused[0].code == "leaf.gap", "also when its batch begins with it"


def test_nothing_is_signed_on_top_of_a_tree_that_was_altered(talk: Talk) -> None:
    talk(5)
    Sequencer().drain()
    lift_guard("records_treeentry")
    TreeEntry.objects.filter(index=4).delete()
    talk(1)
    with pytest.raises(TreeBroken):
        Sequencer().drain()


def test_nothing_is_signed_after_a_checkpoint_of_another_key(talk: Talk) -> None:
    talk(2)
    Sequencer().drain()
    note = Checkpoint.objects.get().note
    tamper("records_checkpoint", "note", note[:-4] + ("AAA\n" if note[-4:] != "AAA\n" else "BBB\n"), "size", 2)
    talk(1)
    with pytest.raises(TreeBroken):
        Sequencer().drain()


def test_a_database_rolled_back_to_an_older_state_is_noticed(talk: Talk, tmp_path: Path) -> None:
    talk(3)
    Sequencer().drain()
    memory = Memory(tmp_path / "ledger.head")
    memory.remember(tree.latest())
    Memory(tmp_path / "ledger.head").check()
    lift_guard("records_checkpoint")
    lift_guard("records_treeentry")
    Checkpoint.objects.all().delete()
    TreeEntry.objects.all().delete()
    with pytest.raises(LogForked, match="3 were signed"):
        Memory(tmp_path / "ledger.head").check()


def test_another_history_of_the_same_length_is_noticed(talk: Talk, tmp_path: Path) -> None:
    talk(3)
    Sequencer().drain()
    forged = checkpoints.sign(2, bytes(32), signing.signer())
    (tmp_path / "ledger.head").touch(mode=0o600)
    (tmp_path / "ledger.head").write_text(forged)
    with pytest.raises(LogForked, match="not those that were signed"):
        Memory(tmp_path / "ledger.head").check()


def test_a_full_disk_keeps_the_sequencer_from_remembering_and_not_from_signing(talk: Talk, tmp_path: Path) -> None:
    talk(3)
    Sequencer().drain()
    memory, limits = Memory(tmp_path / "ledger.head"), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        sequencer._remember(memory)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not list(tmp_path.iterdir()), "no half-written file stays"
    sequencer._remember(memory)
    assert (tmp_path / "ledger.head").read_text() == tree.latest().note  # type: ignore[union-attr]  # the three are signed


def test_the_lock_is_held_by_one_at_a_time_and_the_outbox_is_not_trusted(talk: Talk) -> None:
    talk(1)
    worker = Sequencer()
    rows = worker._outbox.pending(10, ())
    PendingLeaf.objects.all().delete()
    with pytest.raises(RuntimeError, match="outbox changed"):
        worker._extend(tree.Edge(), rows)


def test_the_loop_ends_when_it_is_told_to() -> None:
    assert sequencer.PERIOD_S < 1, "at least once a second"


def test_a_pass_looks_up_its_leaves_by_key_however_long_the_ledger_is(talk: Talk) -> None:
    """A plan that joins may read the ledger from its beginning, in every pass: the planner is led into that temptation here."""
    chain, worker = talk(3), Sequencer()
    worker.drain()
    talk(2, chain)
    with CaptureQueriesContext(connection) as looks:
        worker.step()
    asked = [look["sql"] for look in looks if look["sql"].startswith("SELECT") and "records_leaf l" in look["sql"]]
    assert len(asked) == 2, "what waits, and what stands before it"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Whether tables as small as these are read whole is for autovacuum's figures of the moment to say.
            cursor.execute("SET LOCAL enable_nestloop = off; SET LOCAL enable_seqscan = off")
        for look in asked:
            cursor.execute(("EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN ") + look)
            plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
            by_key = ("Index Cond: (id = p.leaf_id)", "Index Cond: ((chain_id = ", "SEARCH l USING ")
            assert any(step in plan for step in by_key), plan
            assert not any(step in plan for step in ("SCAN l", "SCAN t", "Seq Scan on records_leaf", "Merge Join", "Hash")), (
                plan
            )
