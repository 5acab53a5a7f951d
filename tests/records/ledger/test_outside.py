"""Whoever holds database and key leaves no trace in either; what they could not reach tells. Each manipulation, and who finds it."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.core.management import call_command
from django.db import connection

from records import integrity
from records.ledger import outside, signing, timestamps, tree, witnessing
from records.ledger.memory import Memory
from records.ledger.models import Cosignature, Leaf, Timestamp
from records.ledger.sequencer import Sequencer
from tests.append_only import guards_lifted
from tests.records.ledger.attacker import constraints_now, cut_back
from tests.records.ledger.authority import listening, stamper
from tests.records.ledger.conftest import Talk
from tests.records.ledger.witnesses import NAME, running

pytestmark = pytest.mark.django_db


@pytest.fixture
def head() -> Iterator[Path]:
    """Where this machine remembers what it signed; the tests of one process share the key's directory."""
    file = signing.path().with_name("ledger.head")
    file.unlink(missing_ok=True)
    yield file
    file.unlink(missing_ok=True)


@pytest.fixture
def watched(tmp_path: Path, settings: Any, head: Path) -> Iterator[witnessing.Address]:
    with running(tmp_path / "witness", signing.verifier()) as (server, made):
        settings.XINQIAO_WITNESSES = [f"{server.url} {made.signer.verifier}"]
        yield witnessing.configured()[0]


def grown(talk: Talk, count: int) -> None:
    talk(count)
    Sequencer().drain()


def shown(watched: witnessing.Address) -> None:
    newest = tree.latest()
    assert newest is not None
    witnessing.submit(watched, newest)


def verify(*words: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        with redirect_stdout(out):
            call_command("verify_ledger", "--language", "en", *words, stdout=out)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    return 0, out.getvalue()


def codes(*words: str) -> list[str]:
    return [found["code"] for found in json.loads(verify("--json", *words)[1])["findings"]]


class Manipulation(NamedTuple):
    """What is done to the tree of ten entries, and by what it is found: with the database alone, and when the witness is asked."""

    do: Callable[[Talk], None]
    alone: set[str]
    asked: set[str]


def rewritten(talk: Talk) -> None:
    """Cut back and grown again, longer than before."""
    cut_back(4)
    grown(talk, 9)


def edited(talk: Talk) -> None:
    row = Leaf.objects.get(place__index=6)
    _sql(
        "UPDATE records_leaf SET data = %s WHERE id = %s",
        [bytes(row.data).replace(b"password", b"passw0rd"), row.id],
    )


def deleted(talk: Talk) -> None:
    row = Leaf.objects.get(place__index=6)
    _sql('DELETE FROM records_treeentry WHERE "index" = 6', [])
    _sql("DELETE FROM records_leaf WHERE id = %s", [row.id])


def swapped(talk: Talk) -> None:
    """Two entries exchange what they say, hashes included."""
    one, two = Leaf.objects.get(place__index=6), Leaf.objects.get(place__index=7)
    for row, other in ((one, two), (two, one)):
        values = [bytes(other.data), bytes(other.hash), row.id]
        _sql("UPDATE records_leaf SET data = %s, hash = %s WHERE id = %s", values)


def truncated(talk: Talk) -> None:
    """The last row alone: whoever does not know what depends on it."""
    row = Leaf.objects.get(place__index=9)
    _sql('DELETE FROM records_treeentry WHERE "index" = 9', [])
    _sql("DELETE FROM records_leaf WHERE id = %s", [row.id])


MANIPULATIONS = {
    "edited": Manipulation(edited, {"leaf.hash"}, {"leaf.hash"}),
    "deleted": Manipulation(deleted, {"leaf.gap", "tree.gap"}, {"leaf.gap", "tree.gap", "witness.forked"}),
    "swapped": Manipulation(
        swapped, {"leaf.columns", "checkpoint.root"}, {"leaf.columns", "checkpoint.root", "witness.forked"}
    ),
    "truncated": Manipulation(
        truncated, {"chain.head", "checkpoint.size"}, {"chain.head", "checkpoint.size", "witness.forked"}
    ),
    "cut back with all that depends on it": Manipulation(lambda _: cut_back(4), set(), {"witness.behind"}),
    "rewritten with all that depends on it": Manipulation(rewritten, set(), {"witness.forked"}),
}


def _sql(statement: str, values: list[Any]) -> None:
    constraints_now()
    with guards_lifted(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount == 1


@pytest.mark.parametrize("name", MANIPULATIONS)
def test_each_manipulation_is_found_by_whom_we_say(talk: Talk, watched: witnessing.Address, name: str) -> None:
    done = MANIPULATIONS[name]
    for _ in range(2):
        grown(talk, 2)
    grown(talk, 6)
    shown(watched)
    assert codes("--witnesses") == []
    done.do(talk)
    assert set(codes()) == done.alone
    assert set(codes("--witnesses")) == done.asked


@pytest.mark.parametrize(("name", "seq"), [("edited", 3), ("deleted", 4), ("swapped", 3), ("truncated", 6)])
def test_a_manipulation_that_the_database_shows_is_named_with_its_place(talk: Talk, head: Path, name: str, seq: int) -> None:
    for count in (2, 2, 6):
        grown(talk, count)
    chain = Leaf.objects.get(place__index=6).chain_id
    MANIPULATIONS[name].do(talk)
    code, text = verify()
    assert (code, f"The first: chain {chain.hex}, seq {seq}" in text) == (1, True), text


def test_this_machine_remembers_too(talk: Talk, head: Path) -> None:
    grown(talk, 5)
    Memory(head).remember(tree.latest())
    assert codes() == []
    cut_back(3)
    assert codes() == ["head.behind"]
    grown(talk, 7)
    assert codes() == ["head.forked"]
    head.write_text("no checkpoint\n")
    assert codes() == ["head.bad"]


def test_the_command_says_what_it_cannot_see(talk: Talk, head: Path, settings: Any) -> None:
    grown(talk, 5)
    cut_back(3)
    code, text = verify()
    assert (code, "The ledger is intact." in text) == (0, True), "and that is why it must say so"
    assert "whoever also holds the ledger's key can cut off the end" in text
    assert "Nothing outside the database was held against it" in text
    out = io.StringIO()
    call_command("verify_ledger", stdout=out)
    assert "可以截去末尾或重写历史" in out.getvalue()


def test_the_command_says_what_it_was_held_against(talk: Talk, watched: witnessing.Address, head: Path) -> None:
    grown(talk, 5)
    Memory(head).remember(tree.latest())
    shown(watched)
    text = verify("--witnesses")[1]
    assert f"Held against it for that: ledger.head (5 entries, all here); {NAME} (5 entries, all here)." in text
    cut_back(3)
    code, text = verify("--witnesses")
    assert code == 1
    assert f"{NAME} (5 entries, which do not match)" in text
    assert "tree place 5: the ledger ends before what a witness cosigned: its end was cut off" in text


def test_a_witness_that_is_silent_is_no_mismatch_and_no_proof(
    talk: Talk, head: Path, settings: Any, watched: witnessing.Address
) -> None:
    grown(talk, 2)
    assert outside.check_outside(ask=True).compared[-1] == outside.Compared(NAME, None, "absent"), "it has seen nothing yet"
    settings.XINQIAO_WITNESSES = [f"http://127.0.0.1:1 {watched.verifier}"]
    code, text = verify("--witnesses")
    assert (code, "Nothing outside the database" in text) == (0, True)


def test_a_cosignature_that_was_altered_is_named(talk: Talk, watched: witnessing.Address) -> None:
    grown(talk, 2)
    shown(watched)
    assert outside.check_outside(ask=False).cosignatures == 1
    _sql("UPDATE records_cosignature SET at = at + %s", [1000])
    assert codes() == ["cosignature.wrong"]
    kept = Cosignature.objects.get()
    assert kept.checkpoint_id == 2


def test_a_stamp_that_was_altered_is_named(talk: Talk, head: Path, tmp_path: Path, settings: Any) -> None:
    authority = stamper(tmp_path / "tsa")
    with listening(authority) as url:
        settings.XINQIAO_TSA_URL, settings.XINQIAO_TSA_CERTIFICATE = url, str(authority.root)
        grown(talk, 2)
        timestamps.stamp_if_due()
        assert codes() == []
        assert outside.check_outside(ask=False).stamps == 1
        _sql("UPDATE records_timestamp SET at = at + %s", [1000])
        assert codes() == ["stamp.wrong"]
    assert Timestamp.objects.count() == 1


def test_the_nightly_check_asks_the_witnesses(talk: Talk, watched: witnessing.Address) -> None:
    grown(talk, 6)
    shown(watched)
    assert integrity.check() == 0
    cut_back(4)
    assert integrity.check() == 1


def test_settings_that_cannot_be_used_do_not_stop_the_check(talk: Talk, head: Path, settings: Any) -> None:
    settings.XINQIAO_WITNESSES = ["no witness"]
    settings.XINQIAO_TSA_URL, settings.XINQIAO_TSA_CERTIFICATE = "http://127.0.0.1:1", str(head)
    grown(talk, 2)
    code, text = verify("--witnesses")
    assert (code, "Nothing outside the database" in text) == (0, True)
    absent = [one.source for one in outside.check_outside(ask=True).compared if one.state == "absent"]
    assert absent == ["ledger.head", "XINQIAO_WITNESSES", "XINQIAO_TSA_URL"]
