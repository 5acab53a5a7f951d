"""A witness signs what continues the history it knows: no rollback, no fork, no other log, no other key, no proof of another form."""

import os
import secrets
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from records.ledger import checkpoints, cosignatures, notes
from records.ledger.witness import RefusedCheckpoint, StateBroken, Witness, origin_id, request_body
from tests.deployment import ROOT
from tests.records.ledger.witnesses import NAME, WHEN, Log, encoded, running, status, witness


def text_of(note: str) -> str:
    return note.rpartition("\n\n")[0] + "\n"


@pytest.fixture
def log() -> Log:
    return Log("abcdefghij")


@pytest.fixture
def met(tmp_path: Path, log: Log) -> Witness:
    """A witness that has cosigned the tree of five leaves."""
    made = witness(tmp_path / "state", log)
    assert status(made, log.body(0, 5)) == 200
    return made


def test_each_step_of_an_honest_log_is_cosigned(met: Witness, log: Log) -> None:
    for old, new in ((5, 6), (6, 6), (6, 8), (8, 10)):
        line = met.add_checkpoint(log.body(old, new))
        note = log.signed(new) + line
        assert cosignatures.times(note, [met.signer.verifier]) == {NAME: WHEN}
        assert checkpoints.verify(note, [log.signer.verifier], log.signer.verifier.name).size == new


def test_a_log_rolled_back_is_not_cosigned(met: Witness, log: Log) -> None:
    """Attack 17: the last leaf cut off, and the tree grown again with another."""
    assert status(met, log.body(0, 4)) == 409
    assert status(met, log.body(4, 4)) == 409
    assert status(met, request_body(5, [], log.signed(4))) == 400
    cut = Log("abcdx", seed=None)
    cut.signer = log.signer
    assert status(met, cut.body(4, 5)) == 409
    assert status(met, cut.body(5, 5)) == 409, "the same size, another tree"


def test_a_log_forked_is_not_cosigned(met: Witness, log: Log) -> None:
    """Attack 17: signed by the log's own key, consistent in itself, and not what was seen before."""
    forked = Log("abcXefghij")
    forked.signer = log.signer
    assert status(met, forked.body(5, 10)) == 422
    assert status(met, log.body(5, 10)) == 200, "the true one still is"


def test_the_asker_is_told_which_size_was_seen(met: Witness, log: Log) -> None:
    with pytest.raises(RefusedCheckpoint) as caught:
        met.add_checkpoint(log.body(3, 10))
    assert (caught.value.status, caught.value.body) == (409, "5\n")


@pytest.mark.parametrize("bend", ["one more", "one less", "reordered", "a hash of another tree", "of another size", "none"])
def test_a_proof_of_another_form_is_refused(met: Witness, log: Log, bend: str) -> None:
    """Attack 18."""
    good = log.proof(5, 10)
    bent = {
        "one more": [*good, good[0]],
        "one less": good[:-1],
        "reordered": good[::-1],
        "a hash of another tree": [*good[:-1], secrets.token_bytes(32)],
        "of another size": log.proof(5, 9),
        "none": [],
    }
    assert status(met, request_body(5, bent[bend], log.signed(10))) == 422
    assert status(met, request_body(5, good, log.signed(10))) == 200


def test_a_first_checkpoint_with_a_proof_is_refused(tmp_path: Path, log: Log) -> None:
    made = witness(tmp_path, log)
    assert status(made, request_body(0, [bytes(32)], log.signed(5))) == 422
    empty = checkpoints.sign(0, bytes(32), log.signer)
    assert status(made, request_body(0, [], empty)) == 409, "the tree of nothing has one root"


MALFORMED = [
    lambda body: body.replace(b"old 5", b"old 05"),
    lambda body: body.replace(b"old 5", b"old +5"),
    lambda body: body.replace(b"old 5", b"5"),
    lambda body: body.replace(b"old 5\n", b""),
    lambda body: body.replace(b"\n", b"\r\n"),
    lambda body: body.replace(b"\n\n", b"\n"),
    lambda body: body.replace(b"10\n", b"010\n"),
    lambda body: body.replace(b"=\n", b"\n", 1),
    lambda body: body.replace(b"old 5\n", b"old 5\n" + encoded(bytes(32)).encode() * 2 + b"\n"),
    lambda body: body.replace(b"old 5\n", b"old 5\n" + (encoded(bytes(32)) + "\n").encode() * 61),
    lambda body: body + b"x" * 20_000,
    lambda body: body.replace(b"\xe2\x80\x94", b"\xe2\x80"),
    lambda body: body[:0],
]


@pytest.mark.parametrize("number", range(len(MALFORMED)))
def test_a_malformed_request_is_refused(met: Witness, log: Log, number: int) -> None:
    """Attack 19."""
    bent = MALFORMED[number](log.body(5, 10))
    assert bent != log.body(5, 10)
    assert status(met, bent) == 400
    assert met.known[log.signer.verifier.name].size == 5


def test_ten_thousand_signatures_are_refused(met: Witness, log: Log) -> None:
    """Attack 19, within the limit of a body."""
    line = log.signed(10).rpartition("\n\n")[2]
    assert status(met, log.body(5, 10) + line.encode() * 20) == 400


def test_another_log_and_another_key_are_refused(met: Witness, log: Log) -> None:
    """Attack 20: the right key name, the wrong key."""
    other = Log("abcdefghij", name="xinqiao.other/ledger")
    assert status(met, other.body(0, 5)) == 404
    impostor = Log("abcdefghij")
    assert status(met, impostor.body(5, 10)) == 403
    both = log.body(5, 10).decode() + impostor.signed(10).rpartition("\n\n")[2]
    assert status(met, both.encode()) == 200, "signatures of unknown keys are ignored"


def test_a_good_and_a_bad_signature_of_the_log_are_refused(met: Witness, log: Log) -> None:
    bad = log.signed(9).rpartition("\n\n")[2]
    assert status(met, log.body(5, 10) + bad.encode()) == 403


def test_what_was_cosigned_survives_a_restart_whatever_strangers_added(tmp_path: Path, log: Log) -> None:
    made = witness(tmp_path, log)
    junk = "".join(Log(name=log.signer.verifier.name).signed(0).rpartition("\n\n")[2] for _ in range(15))
    assert status(made, log.body(0, 7) + junk.encode()) == 200
    made.close()
    again = witness(tmp_path, log, key=made.signer)
    assert again.known[log.signer.verifier.name].size == 7
    note = again.latest(origin_id(log.signer.verifier.name))
    assert note is not None
    assert len(notes.parse(note).signatures) == 2
    assert cosignatures.times(note, [again.signer.verifier]) == {NAME: WHEN}


def test_a_state_that_was_altered_or_is_in_use_stops_the_witness(tmp_path: Path, log: Log) -> None:
    made = witness(tmp_path, log)
    assert status(made, log.body(0, 7)) == 200
    with pytest.raises(StateBroken, match="in use"):
        witness(tmp_path, log, key=made.signer)
    made.close()
    file = tmp_path / f"{origin_id(log.signer.verifier.name)}.checkpoint"
    file.write_text(file.read_text().replace("\n7\n", "\n6\n"))
    with pytest.raises(StateBroken, match="not a checkpoint"):
        witness(tmp_path, log, key=made.signer)


def test_nothing_is_cosigned_that_cannot_be_remembered(tmp_path: Path, log: Log) -> None:
    made = witness(tmp_path / "state", log)
    assert status(made, log.body(0, 5)) == 200
    (tmp_path / "state").rename(tmp_path / "gone")
    with pytest.raises(OSError, match="No such file"):
        made.add_checkpoint(log.body(5, 6))
    assert made.known[log.signer.verifier.name].size == 5


def test_over_http_it_answers_as_the_specification_says(tmp_path: Path, log: Log) -> None:
    with running(tmp_path, log.signer.verifier) as (server, made):

        def post(body: bytes, path: str = "/add-checkpoint") -> tuple[int, str, str]:
            try:
                with urllib.request.urlopen(server.url + path, body) as answer:
                    return answer.status, answer.headers["Content-Type"], answer.read().decode()
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, error.headers["Content-Type"], error.read().decode()

        code, _, line = post(log.body(0, 5))
        assert code == 200
        assert NAME in cosignatures.times(log.signed(5) + line, [made.signer.verifier])
        assert post(log.body(0, 6)) == (409, "text/x.tlog.size", "5\n")
        assert post(log.body(5, 6), "/other")[0] == 404
        assert post(b"x" * 100_000)[0] == 413
        address = f"{server.url}/{origin_id(log.signer.verifier.name)}/checkpoint"
        with urllib.request.urlopen(address) as answer:
            assert answer.read().decode() == log.signed(5) + line
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{server.url}/{'0' * 64}/checkpoint")
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{server.url}/../lock")


@pytest.mark.heavy
def test_the_process_needs_no_database_and_forgets_nothing_when_it_is_killed(tmp_path: Path, log: Log) -> None:
    env = {name: value for name, value in os.environ.items() if not name.startswith("XINQIAO_")} | {
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
        "XINQIAO_SECRET_KEY": "x" * 50,
        "XINQIAO_DATA": str(tmp_path / "data"),
        "XINQIAO_KEYFILE": str(tmp_path / "no keys here" / "kek.json"),
        "DJANGO_SETTINGS_MODULE": "chat_server.settings",
    }
    command = [sys.executable, str(ROOT / "manage.py"), "witness", "--key", str(tmp_path / "witness.key")]
    made = subprocess.run([*command, "--create", NAME], env=env, capture_output=True, text=True, check=True).stdout
    key = notes.parse_verifier(made.split()[1])
    assert (tmp_path / "witness.key").stat().st_mode & 0o777 == 0o600
    serve = [*command, "--state", str(tmp_path / "state"), "--log", str(log.signer.verifier), "--listen", "127.0.0.1:0"]
    for old, new, known in ((0, 5, "nothing seen"), (5, 10, "5 entries seen")):
        with subprocess.Popen(serve, env=env, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            first, second = process.stdout.readline(), process.stdout.readline()
            assert known in second
            try:
                with urllib.request.urlopen(first.split()[-1] + "/add-checkpoint", log.body(old, new)) as answer:
                    line = answer.read().decode()
            finally:
                process.kill()
        assert NAME in cosignatures.times(log.signed(new) + line, [key])
