"""Checkpoints reach the configured witnesses, what they answer is kept, and nothing waits for them."""

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from structlog.testing import capture_logs

from records import integrity
from records.ledger import cosignatures, outbound, signing, tree, witnessing
from records.ledger.models import Checkpoint
from records.ledger.notes import NoteError
from records.ledger.outbound import Unreachable
from records.ledger.sequencer import Sequencer
from records.ledger.witness import Witness
from records.ledger.witness_server import WitnessServer
from records.ledger.witnessing import Address, WitnessObjects
from tests.deployment import wait_until
from tests.records.ledger.attacker import cut_back
from tests.records.ledger.conftest import Talk
from tests.records.ledger.witnesses import NAME, running

pytestmark = pytest.mark.django_db


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[WitnessServer, Witness]]:
    """A witness of this deployment's ledger."""
    with running(tmp_path / "witness", signing.verifier()) as both:
        yield both


@pytest.fixture
def address(watched: tuple[WitnessServer, Witness], settings: Any) -> Address:
    server, made = watched
    settings.XINQIAO_WITNESSES = [f"{server.url} {made.signer.verifier}"]
    return witnessing.configured()[0]


def grown(talk: Talk, count: int) -> Checkpoint:
    talk(count)
    Sequencer().drain()
    newest = tree.latest()
    assert newest is not None
    return newest


def test_each_checkpoint_that_is_shown_is_cosigned_and_kept(talk: Talk, address: Address) -> None:
    for count in (3, 260, 5):
        newest = grown(talk, count)
        witnessing.submit(address, newest)
        assert list(cosignatures.times(cosignatures.cosigned_note(newest), [address.verifier])) == [NAME]
    assert [known.size for known in witnessing.standings()] == [268]


def test_a_cosignature_that_was_lost_on_its_way_is_asked_for_again(
    talk: Talk, address: Address, watched: tuple[WitnessServer, Witness]
) -> None:
    """The witness has seen more than we kept: it names its size, and the proof starts there."""
    newest = grown(talk, 4)
    path = outbound.ask(f"{address.url}/add-checkpoint", b"old 0\n\n" + newest.note.encode())
    assert path.status == 200
    witnessing.submit(address, newest)
    assert [kept.witness for kept in cosignatures.of(4)] == [NAME]
    newest = grown(talk, 4)
    witnessing.submit(address, newest)
    assert watched[1].known[signing.origin()].size == 8


def test_a_log_that_was_cut_is_refused_and_says_so(talk: Talk, address: Address) -> None:
    """Attack 17, by somebody who owns the tables and has the key: only the witness stands in the way."""
    grown(talk, 3)
    witnessing.submit(address, grown(talk, 3))
    cut_back(3)
    with pytest.raises(WitnessObjects, match="seen 6 entries"):
        witnessing.submit(address, Checkpoint.objects.get(size=3))
    newest = grown(talk, 4)
    assert newest.size == 7, "signed again, and consistent in itself"
    with pytest.raises(WitnessObjects, match="422"):
        witnessing.submit(address, newest)
    assert cosignatures.of(7) == []


def test_an_answer_of_somebody_else_is_not_kept(talk: Talk, address: Address, tmp_path: Path) -> None:
    newest = grown(talk, 2)
    with running(tmp_path / "other", signing.verifier()) as (other, _), pytest.raises(NoteError, match="no signature of"):
        witnessing.submit(Address(other.url, address.verifier), newest)
    assert cosignatures.of(2) == []


def test_a_witness_that_does_not_know_the_log_objects(talk: Talk, address: Address, tmp_path: Path) -> None:
    newest = grown(talk, 2)
    with running(tmp_path / "other") as (other, _), pytest.raises(WitnessObjects, match="404"):
        witnessing.submit(Address(other.url, address.verifier), newest)


ANSWERS = {
    "a redirect": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
    "no http": b"SSH-2.0-x\r\n",
    "nothing": b"",
    "too long": b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 100_000,
    "a size that is none": b"HTTP/1.1 409 Conflict\r\nContent-Type: text/x.tlog.size\r\nContent-Length: 3\r\n\r\n-1\n",
}


@pytest.mark.parametrize("how", ANSWERS)
def test_an_answer_that_cannot_be_used_is_none(talk: Talk, address: Address, how: str) -> None:
    newest = grown(talk, 2)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            taken, _ = listener.accept()
            with taken:
                taken.recv(65_536)
                taken.sendall(ANSWERS[how])

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        port = listener.getsockname()[1]
        with pytest.raises((Unreachable, WitnessObjects)):
            witnessing.submit(Address(f"http://127.0.0.1:{port}", address.verifier), newest)
        thread.join()
    assert cosignatures.of(2) == []


@pytest.mark.parametrize(
    "entry", ["https://w.example.org", "ftp://w.example.org {key}", "https://w.example.org {log}", "{key}"]
)
def test_a_setting_that_names_no_witness_stops_the_start(settings: Any, address: Address, entry: str) -> None:
    settings.XINQIAO_WITNESSES = [entry.format(key=address.verifier, log=signing.verifier())]
    with pytest.raises(ImproperlyConfigured):
        witnessing.configured()
    with pytest.raises(SystemCheckError, match=r"records\.E001"):
        call_command("check")


def test_the_integrity_centre_says_how_far_each_witness_has_followed(talk: Talk, address: Address, browser_of: Any) -> None:
    def seen() -> Any:
        return browser_of("zhou").get("/api/integrity").json()

    newest = grown(talk, 2)
    assert seen()["witnesses"] == [{"name": NAME, "size": None, "at": None, "late": False}]
    witnessing.submit(address, newest)
    shown = seen()["witnesses"][0]
    assert (shown["size"], shown["late"]) == (newest.size, False)
    assert abs(datetime.fromisoformat(shown["at"]) - datetime.now(UTC)).total_seconds() < 60
    assert seen()["ok"] is True


def test_a_witness_that_stays_behind_is_an_alarm(talk: Talk, address: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    newest = grown(talk, 2)
    monkeypatch.setattr(witnessing, "now_ms", lambda: newest.at + witnessing.LATE_MS + 1)
    assert [standing.late for standing in witnessing.standings()] == [True]
    health = integrity.Health(newest, 0, False, True, None, None, "", witnessing.standings())
    assert not health.ok
    assert "witnesses" in health.sentence[1]
    witnessing.submit(address, newest)
    assert [standing.late for standing in witnessing.standings()] == [False]


@pytest.mark.django_db(transaction=True)
def test_the_followers_keep_up_while_witnesses_come_and_go(talk: Talk, address: Address, settings: Any) -> None:
    """One that listens nowhere does not hold up the other, nor the signing."""
    settings.XINQIAO_WITNESSES = [f"http://127.0.0.1:1 {address.verifier}", *settings.XINQIAO_WITNESSES]
    settings.XINQIAO_WITNESS_SECONDS = 0.05
    stop = threading.Event()
    with capture_logs() as logs:
        threads = witnessing.start(stop)
        for count in (2, 3):
            newest = grown(talk, count)
            wait_until(lambda size=newest.size: cosignatures.of(size), what="the cosignature")
        wait_until(lambda: [line for line in logs if line["event"] == "ledger_witness_silent"], what="the warning")
        stop.set()
        for thread in threads:
            thread.join(10)
    assert len(threads) == 2
    assert not any(thread.is_alive() for thread in threads)
    connection.close()
