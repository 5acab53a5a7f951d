"""A witness's signature counts for the checkpoint and the moment it was made for, and for nothing else."""

import base64
import hashlib
import secrets

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction

from records.ledger import checkpoints, cosignatures, notes, signing, tree
from records.ledger.models import Checkpoint
from records.ledger.notes import COSIGNATURE, ED25519, NoteError, Signer
from records.ledger.sequencer import Sequencer
from tests.records.ledger.conftest import Talk

LOG = Signer("xinqiao.test/ledger", secrets.token_bytes(32))
SEED = secrets.token_bytes(32)
WITNESS = Signer("witness.test/w1", SEED, COSIGNATURE)
AT = 1_679_315_147
NOTE = checkpoints.sign(42, bytes(32), LOG)
TEXT = NOTE.rpartition("\n\n")[0] + "\n"


def test_a_cosignature_is_the_one_that_the_specification_describes() -> None:
    """Made here by hand from c2sp.org/tlog-cosignature, without our signer."""
    key = Ed25519PrivateKey.from_private_bytes(SEED)
    key_id = hashlib.sha256(b"witness.test/w1\n\x04" + key.public_key().public_bytes_raw()).digest()[:4]
    signed = b"cosignature/v1\ntime 1679315147\n" + TEXT.encode()
    value = key_id + AT.to_bytes(8, "big") + key.sign(signed)
    assert WITNESS.cosign(TEXT, AT) == f"— witness.test/w1 {base64.b64encode(value).decode()}\n"


def test_a_cosigned_checkpoint_is_still_the_logs_and_says_when_it_was_seen() -> None:
    note = NOTE + WITNESS.cosign(TEXT, AT)
    assert checkpoints.verify(note, [LOG.verifier], LOG.verifier.name).size == 42
    assert cosignatures.times(note, [WITNESS.verifier]) == {"witness.test/w1": AT}
    assert cosignatures.times(NOTE, [WITNESS.verifier]) == {}


def test_another_moment_another_text_and_another_key_are_refused() -> None:
    line = WITNESS.cosign(TEXT, AT)
    raw = base64.b64decode(line.split()[-1])
    later = base64.b64encode(raw[:4] + (AT + 1).to_bytes(8, "big") + raw[12:]).decode()
    plain = base64.b64encode(raw[:4] + WITNESS.sign(TEXT.encode())).decode()
    other = checkpoints.sign(43, bytes(32), LOG)
    for note in (f"{NOTE}— witness.test/w1 {later}\n", f"{NOTE}— witness.test/w1 {plain}\n", other + line):
        with pytest.raises(NoteError, match="wrong"):
            cosignatures.times(note, [WITNESS.verifier])
    impostor = Signer("witness.test/w1", secrets.token_bytes(32), COSIGNATURE)
    assert cosignatures.times(NOTE + impostor.cosign(TEXT, AT), [WITNESS.verifier]) == {}


def test_a_logs_key_never_says_what_a_witness_says() -> None:
    twin = Signer("witness.test/w1", SEED, ED25519)
    with pytest.raises(AssertionError):
        twin.cosign(TEXT, AT)
    assert twin.verifier.key_id != WITNESS.verifier.key_id
    with pytest.raises(NoteError, match="no trusted key"):
        checkpoints.verify(twin.note(TEXT), [WITNESS.verifier], LOG.verifier.name)


@pytest.mark.parametrize("algorithm", [ED25519, COSIGNATURE])
def test_keys_are_read_as_they_are_written(algorithm: bytes) -> None:
    signer = Signer("witness.test/w1", SEED, algorithm)
    assert notes.parse_verifier(str(signer.verifier)) == signer.verifier
    assert notes.parse_signer(notes.private_key("witness.test/w1", SEED, algorithm)).verifier == signer.verifier


GOOD = str(WITNESS.verifier)
BENT = {
    "another name": GOOD.replace("w1", "w2"),
    "cut short": GOOD[:-2],
    "other separators": GOOD.replace("+", "-"),
    "a space": GOOD.replace("witness", "wit ness"),
    "nothing": "",
    "a point of low order": str(notes.Verifier("w", bytes(32), COSIGNATURE)),
    "an algorithm that is not ours": str(notes.Verifier("w", b"\x05" * 32, b"\x06")),
}


@pytest.mark.parametrize("how", BENT)
def test_a_bent_verifier_key_is_refused(how: str) -> None:
    with pytest.raises(NoteError):
        notes.parse_verifier(BENT[how])


def test_a_bent_private_key_is_refused_without_a_word_of_it() -> None:
    line = notes.private_key("witness.test/w1", SEED, COSIGNATURE)
    for bent in (line.replace("w1", "w2"), line[:-6], line.replace("PRIVATE", "PUBLIC"), "x" + line):
        with pytest.raises(NoteError) as caught:
            notes.parse_signer(bent)
        assert line.split("+")[-1][:8] not in str(caught.value)


@pytest.fixture
def newest(talk: Talk) -> Checkpoint:
    talk(3)
    Sequencer().drain()
    found = tree.latest()
    assert found is not None
    return found


def text_of(checkpoint: Checkpoint) -> str:
    return checkpoint.note.rpartition("\n\n")[0] + "\n"


def test_a_cosignature_is_kept_once_and_given_out_with_its_checkpoint(newest: Checkpoint) -> None:
    other = Signer("witness.test/w2", secrets.token_bytes(32), COSIGNATURE)
    for witness, at_s in ((other, AT), (WITNESS, AT), (WITNESS, AT + 60)):
        stranger = Signer("somebody", secrets.token_bytes(32), COSIGNATURE).cosign(text_of(newest), AT)
        with transaction.atomic():
            cosignatures.keep(newest, stranger + witness.cosign(text_of(newest), at_s), witness.verifier)
    assert [(kept.witness, kept.at) for kept in cosignatures.of(3)] == [
        ("witness.test/w1", AT * 1000),
        ("witness.test/w2", AT * 1000),
    ]
    note = cosignatures.cosigned_note(newest)
    assert cosignatures.times(note, [WITNESS.verifier, other.verifier]) == {"witness.test/w1": AT, "witness.test/w2": AT}
    assert checkpoints.verify(note, [signing.verifier()], signing.origin()).size == 3
    kept = cosignatures.newest_of("witness.test/w1")
    assert kept is not None
    assert kept.checkpoint_id == 3


def test_an_answer_that_is_no_cosignature_is_not_kept(newest: Checkpoint) -> None:
    good = WITNESS.cosign(text_of(newest), AT)
    bent = good[:-8] + ("A" if good[-8] != "A" else "B") + good[-7:]
    for answer in ("", "\n", "no\n", good[:-1], bent, WITNESS.cosign("x" + text_of(newest), AT)):
        with pytest.raises(NoteError), transaction.atomic():
            cosignatures.keep(newest, answer, WITNESS.verifier)
    assert cosignatures.of(3) == []
