"""Somebody outside the hospital watches the ledger over HTTP: what is cut, rewritten, stale or unwitnessed is noticed."""

import secrets
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from records.ledger import checkpoints, cosignatures, monitoring, signing, tree, witnessing
from records.ledger.monitoring import BEHIND, CAUGHT, UNKNOWN, WELL, Memory, Policy, Report, watch
from records.ledger.notes import COSIGNATURE, Signer, Verifier
from records.ledger.sequencer import Sequencer
from tests.records.ledger.attacker import cut_back
from tests.records.ledger.conftest import Talk
from tests.records.ledger.witnesses import running

pytestmark = pytest.mark.django_db
NOW = 1_900_000_000


class Front:
    """HTTP before the product's own views, in the test's own transaction: copies of `answers` are what is out there."""

    def __init__(self) -> None:
        self.answers: dict[str, bytes] = {}

    def publish(self) -> None:
        """Show what the ledger is now."""
        newest = tree.latest()
        assert newest is not None
        paths = ["checkpoint", "cosigned-checkpoint"]
        for level in range(2):
            count = newest.size >> 8 * level
            for number in range(-(-count // 256)):
                width = min(256, count - 256 * number)
                paths.append(f"tile/{level}/{number:03}" + ("" if width == 256 else f".p/{width}"))
        client = Client(SERVER_NAME="localhost")
        answers = {f"/ledger/{path}": client.get(f"/ledger/{path}") for path in paths}
        self.answers = {path: answer.content for path, answer in answers.items() if answer.status_code == 200}


@pytest.fixture
def front() -> Iterator[tuple[Front, str]]:
    shown = Front()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = shown.answers.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Tests print nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield shown, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def seen(talk: Talk, front: tuple[Front, str]) -> Memory:
    """300 entries, looked at once and found well."""
    grown(talk, front[0], 300)
    report = look(front)
    assert (report.status, report.size) == (WELL, 300)
    assert report.seen is not None
    return report.seen


def grown(talk: Talk, shown: Front, count: int) -> None:
    talk(count)
    Sequencer().drain()
    shown.publish()


def look(front: tuple[Front, str], last: Memory | None = None, now: int = NOW, **policy: Any) -> Report:
    return watch(front[1], Policy(signing.verifier(), **policy), last, now)


def codes(report: Report) -> list[str]:
    return [code for code, _ in report.problems]


def test_a_log_that_grows_is_well(talk: Talk, front: tuple[Front, str], seen: Memory) -> None:
    for count in (1, 255, 100):
        grown(talk, front[0], count)
        report = look(front, seen)
        assert (report.status, codes(report)) == (WELL, [])
        assert report.seen is not None
        seen = report.seen


def test_a_log_that_was_cut_back_is_caught(front: tuple[Front, str], seen: Memory) -> None:
    cut_back(260)
    front[0].publish()
    report = look(front, seen)
    assert (report.status, codes(report), report.seen) == (CAUGHT, ["smaller"], None)
    assert "300" in report.sentences("en")[0]
    assert "300" in report.sentences("zh")[0]


def test_a_log_that_was_rewritten_is_caught(talk: Talk, front: tuple[Front, str], seen: Memory) -> None:
    cut_back(260)
    grown(talk, front[0], 40)
    assert codes(look(front, seen)) == ["forked"], "the same size, another tree"
    grown(talk, front[0], 300)
    assert codes(look(front, seen)) == ["forked"], "and grown beyond it"


def test_tiles_that_do_not_fit_are_no_proof_of_anything(talk: Talk, front: tuple[Front, str], seen: Memory) -> None:
    grown(talk, front[0], 20)
    path = "/ledger/tile/0/001.p/64"
    front[0].answers[path] = bytes(32) + front[0].answers[path][32:]
    assert (look(front, seen).status, codes(look(front, seen))) == (UNKNOWN, ["tiles"])
    front[0].answers[path] = bytes(31)
    assert codes(look(front, seen)) == ["unreachable"]
    del front[0].answers[path]
    assert codes(look(front, seen)) == ["unreachable"]


def test_a_checkpoint_of_another_key_or_log_is_caught(front: tuple[Front, str], seen: Memory) -> None:
    """Attack 20."""
    impostor = Signer(signing.origin(), secrets.token_bytes(32))
    other = Signer("xinqiao.other/ledger", secrets.token_bytes(32))
    for signer in (impostor, other):
        front[0].answers["/ledger/checkpoint"] = checkpoints.sign(400, bytes(32), signer).encode()
        report = look(front, seen)
        assert (report.status, codes(report)) == (CAUGHT, ["unsigned"])
    front[0].answers["/ledger/checkpoint"] = b"\xff\n\nx"
    assert codes(look(front, seen)) == ["unsigned"]


def test_a_log_that_stands_still_is_stale_and_not_caught(front: tuple[Front, str], seen: Memory) -> None:
    assert look(front, seen, NOW + 86_400).status == WELL
    report = look(front, seen, NOW + 86_401)
    assert (report.status, codes(report)) == (BEHIND, ["stale"])
    assert report.seen == seen, "since when it stands still is not forgotten"


def test_a_server_that_is_away_is_unknown_and_what_was_seen_stays(seen: Memory) -> None:
    report = watch("http://127.0.0.1:1", Policy(signing.verifier()), seen, NOW)
    assert (report.status, report.seen) == (UNKNOWN, None)


def test_witnesses_are_counted_and_must_keep_up(talk: Talk, front: tuple[Front, str], seen: Memory, tmp_path: Path) -> None:
    stranger = Signer("witness.test/w2", secrets.token_bytes(32), COSIGNATURE).verifier
    with running(tmp_path / "witness", signing.verifier()) as (server, made):
        ours = made.signer.verifier
        assert codes(look(front, seen, witnesses=[ours], quorum=1)) == ["quorum"]
        newest = tree.latest()
        assert newest is not None
        witnessing.submit(witnessing.Address(server.url, ours), newest)
    front[0].publish()
    at = cosignatures.of(newest.size)[0].at // 1000
    assert look(front, seen, at, witnesses=[ours], quorum=1).status == WELL
    assert codes(look(front, seen, at, witnesses=[ours, stranger], quorum=2)) == ["quorum"]
    assert look(front, seen, at, witnesses=[ours, stranger], quorum=1).status == WELL
    grown(talk, front[0], 5)
    assert look(front, seen, at + 600, witnesses=[ours], quorum=1).status == WELL
    late = look(front, seen, at + 601, witnesses=[ours], quorum=1)
    assert (late.status, codes(late)) == (BEHIND, ["witnesses_late"])


def test_another_tree_than_the_cosigned_one_is_caught_at_first_sight(
    talk: Talk, front: tuple[Front, str], tmp_path: Path
) -> None:
    witness = cosigned_at(talk, front[0], 10, tmp_path / "witness")
    kept = front[0].answers["/ledger/cosigned-checkpoint"]
    cut_back(4)
    grown(talk, front[0], 20)
    front[0].answers["/ledger/cosigned-checkpoint"] = kept
    report = look(front, now=int(time.time()), witnesses=[witness], quorum=1)
    assert (report.status, codes(report)) == (CAUGHT, ["cosigned_forked"])


def cosigned_at(talk: Talk, shown: Front, count: int, directory: Path) -> Verifier:
    """Grow the log, and have a witness cosign what it is then."""
    grown(talk, shown, count)
    with running(directory, signing.verifier()) as (server, made):
        newest = tree.latest()
        assert newest is not None
        witnessing.submit(witnessing.Address(server.url, made.signer.verifier), newest)
    shown.publish()
    return made.signer.verifier


@pytest.mark.parametrize("tiles", ["of the witnessed history", "of the other history"])
def test_another_history_shorter_than_the_cosigned_one_is_caught(
    talk: Talk, front: tuple[Front, str], tmp_path: Path, tiles: str
) -> None:
    witness = cosigned_at(talk, front[0], 20, tmp_path / "witness")
    kept = dict(front[0].answers)
    cut_back(4)
    grown(talk, front[0], 10)
    forked = dict(front[0].answers)
    front[0].answers = {**forked, **kept, "/ledger/checkpoint": forked["/ledger/checkpoint"]}
    if tiles == "of the other history":
        front[0].answers["/ledger/tile/0/000.p/20"] = (forked["/ledger/tile/0/000.p/14"] + bytes(6 * 32))[: 20 * 32]
    report = look(front, now=int(time.time()), witnesses=[witness], quorum=1)
    expected = (CAUGHT, ["cosigned_split"]) if tiles == "of the witnessed history" else (UNKNOWN, ["tiles"])
    assert (report.status, codes(report), report.seen) == (*expected, None)
    assert report.status == UNKNOWN or "14" in report.sentences("en")[0]


def test_a_log_that_shows_less_than_was_cosigned_is_caught_at_the_second_look(
    talk: Talk, front: tuple[Front, str], tmp_path: Path
) -> None:
    """Once that happens by chance: a witness may cosign while the monitor looks."""
    grown(talk, front[0], 14)
    before = front[0].answers["/ledger/checkpoint"]
    witness = cosigned_at(talk, front[0], 6, tmp_path / "witness")
    whole = front[0].answers["/ledger/checkpoint"]
    now = int(time.time())
    front[0].answers["/ledger/checkpoint"] = before
    first = look(front, now=now, witnesses=[witness], quorum=1)
    assert (first.status, first.size, first.cosigned) == (WELL, 14, 20)
    again = look(front, first.seen, now=now, witnesses=[witness], quorum=1)
    assert (again.status, codes(again)) == (CAUGHT, ["smaller"])
    front[0].answers["/ledger/checkpoint"] = whole
    assert look(front, first.seen, now=now, witnesses=[witness], quorum=1).status == WELL


def test_the_command_remembers_and_ends_with_the_code_that_it_promises(
    talk: Talk, front: tuple[Front, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        given = ["--key", str(signing.verifier()), "--state", str(tmp_path / "seen"), *words]
        try:
            call_command("monitor", front[1], *given)
        except SystemExit as ended:
            return int(ended.code or 0), capsys.readouterr().out
        return 0, capsys.readouterr().out

    grown(talk, front[0], 10)
    assert run("--language", "en") == (0, "10 entries\nwell\n")
    grown(talk, front[0], 5)
    assert run() == (0, "账本 15 条\n正常\n")
    cut_back(12)
    front[0].publish()
    assert run("--language", "en")[0] == CAUGHT
    assert run()[0] == CAUGHT, "it does not get used to it"
    stranger = Signer("witness.test/w2", secrets.token_bytes(32), COSIGNATURE).verifier
    grown(talk, front[0], 0)
    (tmp_path / "seen").unlink()
    assert run("--witness", str(stranger))[0] == BEHIND
    with pytest.raises(CommandError, match="does not start") as caught:
        run("--witness", str(signing.verifier()))
    assert caught.value.returncode == UNKNOWN
    (tmp_path / "seen").write_text("x")
    with pytest.raises(CommandError):
        run()


def test_every_problem_is_said_in_both_languages() -> None:
    assert all(zh and en and status for status, zh, en in monitoring.TEXTS.values())
