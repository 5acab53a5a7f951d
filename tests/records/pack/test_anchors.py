"""Older trees that somebody outside vouched for: what a time stamp and a co-signature prove of a pack, and what they do not."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.db import transaction

from records.ledger import chains, cosignatures, notes, signing, timestamps, tree
from records.ledger.models import Checkpoint, Cosignature
from records.ledger.sequencer import Sequencer
from records.ledger.system import extend_system
from records.ledger.timestamps import Authority
from records.pack import build, collect, verify_pack
from records.pack.parts import AccessLine, Pack
from tests.cast import flipped, who
from tests.deployment import PATIENCE_SECONDS
from tests.records.ledger.authority import Stamper, listening, stamper
from tests.records.ledger.test_timestamps import roots
from tests.records.pack.conftest import READ, Case

pytestmark = pytest.mark.django_db
WITNESS = notes.Signer("witness.example/w1", bytes(range(32)), notes.COSIGNATURE)
AT = 1_795_300_000


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Stamper:
    return stamper(tmp_path_factory.mktemp("tsa") / "good")


@pytest.fixture
def stamped(case: Case, good: Stamper, make_case: object) -> Pack:
    """The pack of a case whose checkpoint was stamped and cosigned, and under which the ledger has gone on since."""
    older = tree.latest()
    assert older is not None
    with listening(good) as url:
        timestamps.stamp(Authority(url, roots(good)), older)
    line = WITNESS.cosign(notes.parse(older.note).text, AT)
    Cosignature.objects.create(checkpoint=older, witness=WITNESS.verifier.name, at=AT * 1000, line=line)
    for _ in range(3):
        _one_more()
    return under_the_newest(case)


def _one_more() -> None:
    with transaction.atomic(), extend_system() as system:
        system.add("ledger.checked", actor=None, ids={"entries": "1", "problems": "0"})
    Sequencer().drain()


def under_the_newest(case: Case) -> Pack:
    newest = tree.latest()
    assert newest is not None
    chains = [collect.chain_part(part.id, part.role, newest) for part in case.pack.chains]
    note, anchors = cosignatures.cosigned_note(newest), collect.anchors(newest, chains)
    return replace(case.pack, chains=chains, checkpoint=note, anchors=anchors, witnesses=[str(WITNESS.verifier)])


def test_an_authority_that_the_reader_believes_proves_when_the_case_existed(case: Case, stamped: Pack, good: Stamper) -> None:
    (anchor,) = stamped.anchors
    pem, keys = good.root.read_bytes(), [str(WITNESS.verifier)]
    code, said = case.verify(case.written(stamped), authorities=pem, witnesses=keys)
    assert code == verify_pack.COMPLETE, said
    total = sum(len(chain.entries) for chain in stamped.chains)
    assert f"Test TSA proves that the first {anchor.size} entries of the ledger existed at 20" in said
    assert f"; {total} of the {total} entries here are among them" in said
    assert f"[ok] witness witness.example/w1, {anchor.size}: the witness co-signed this checkpoint at 2026-11-2" in said
    newest = Checkpoint.objects.order_by("-size").first()
    assert newest is not None
    assert f"[--] witness witness.example/w1, {newest.size}: this witness did not co-sign" in said


def test_a_witness_or_an_authority_that_was_asked_for_and_vouches_for_nothing_is_no_proof(case: Case, good: Stamper) -> None:
    """Whoever has the database and the ledger's key can make such a pack."""
    total = sum(len(chain.entries) for chain in case.pack.chains)
    for asked in ({"witnesses": [str(WITNESS.verifier)]}, {"authorities": good.root.read_bytes()}):
        code, said = case.verify(case.written(), **asked)
        assert (code, f"0 of the {total} entries here" in said) == (verify_pack.INCOMPLETE, True), said
        assert "a witness or an authority that was given does not vouch for every entry" in said


def test_what_was_written_after_an_old_stamp_is_counted_and_named(case: Case, stamped: Pack, good: Stamper) -> None:
    """An honest old tree must not hide what was made after it."""
    grant = case.pack.chains[-1].id
    with transaction.atomic(), chains.extend(grant) as tail:
        later = tail.add("grant.read", actor=who("zhou").id, ids={"case": str(case.id), "what": "conversation.read"})
    Sequencer().drain()
    pack = under_the_newest(case)
    pack = replace(pack, access=[*pack.access, AccessLine(later.at, "周宁", READ, grant, later.seq)])
    total = sum(len(chain.entries) for chain in pack.chains)
    for asked in ({"witnesses": [str(WITNESS.verifier)]}, {"authorities": good.root.read_bytes()}):
        code, said = case.verify(case.written(pack), **asked)
        assert code == verify_pack.INCOMPLETE, said
        assert f"{total - 1} of the {total} entries here" in said
        assert f"the first of them {grant}#{later.seq}" in said


def test_without_its_certificate_nothing_of_it_is_called_proven(case: Case, stamped: Pack) -> None:
    code, said = case.verify(case.written(stamped))
    assert code == verify_pack.COMPLETE
    assert "without the authority's certificates (--authority) that is not proven" in said
    assert "without its own key (--witness) that is not proven" in said


def test_a_foreign_authority_and_an_expired_one_are_refused(case: Case, stamped: Pack, good: Stamper, tmp_path: Path) -> None:
    """Attack 21, with nothing but Python and `cryptography`."""
    foreign = stamper(tmp_path / "foreign")
    code, said = case.verify(case.written(stamped), authorities=foreign.root.read_bytes())
    assert (code, "no certificate that was given vouches for it" in said) == (verify_pack.MISMATCH, True)
    expired = stamper(tmp_path / "expired", days=-1)
    (anchor,) = stamped.anchors
    message = next(iter(Checkpoint.objects.filter(size=anchor.size))).note.encode()
    late = replace(anchor, stamp=expired.reply(query(tmp_path, message)))
    code, said = case.verify(case.written(replace(stamped, anchors=[late])), authorities=expired.root.read_bytes())
    assert (code, "a certificate was not valid then" in said) == (verify_pack.MISMATCH, True)


def test_a_certificate_that_may_do_more_than_stamp_is_no_authoritys(good: Stamper, tmp_path: Path) -> None:
    """RFC 3161, section 2.3: the purpose is critical, and the only one."""
    truth = verify_pack.read_stamp(good.reply(query(tmp_path, b"words")), b"words")
    stamping, signing_code = ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.CODE_SIGNING
    for purposes, critical in (([stamping], False), ([stamping, signing_code], True), ([signing_code], True)):
        wrong = good.another(purposes, critical=critical)
        with pytest.raises(verify_pack.Bad, match=r"stamp\.bad"):
            verify_pack.check_certificate(wrong, truth, (wrong,))
    right = good.another([stamping], critical=True)
    verify_pack.check_certificate(right, truth, (right,))


def test_a_stamp_counts_only_for_the_certificate_that_it_was_signed_for(good: Stamper, tmp_path: Path) -> None:
    """Another certificate for the same key, of the same issuer and number, is not the one that the authority meant."""
    stamp = verify_pack.read_stamp(good.reply(query(tmp_path, b"words")), b"words")
    assert verify_pack.check_stamp(stamp, tuple(roots(good))) == "CN=Test TSA"
    other = good.another([ExtendedKeyUsageOID.TIME_STAMPING], critical=True)
    with pytest.raises(verify_pack.Bad) as refused:
        verify_pack.check_stamp(stamp._replace(certificates=[]), (other,))
    assert refused.value.values == ("its certificate is not the one that was signed for",)


def query(place: Path, message: bytes) -> bytes:
    (place / "message").write_bytes(message)
    words = ["openssl", "ts", "-query", "-data", "message", "-sha256", "-cert"]
    return subprocess.run(words, cwd=place, check=True, capture_output=True).stdout


def test_a_stamp_of_another_tree_is_refused(case: Case, stamped: Pack, good: Stamper, tmp_path: Path) -> None:
    (anchor,) = stamped.anchors
    other = replace(anchor, stamp=good.reply(query(tmp_path, b"something else")))
    code, said = case.verify(case.written(replace(stamped, anchors=[other])), authorities=good.root.read_bytes())
    assert (code, "it is of another message" in said) == (verify_pack.MISMATCH, True)


def test_no_flipped_bit_makes_it_say_something_else(case: Case, stamped: Pack, good: Stamper) -> None:
    """A bit that nothing covers (the status text, an unused certificate) may differ; what is said may not."""
    (anchor,) = stamped.anchors
    assert anchor.stamp is not None
    note, trusted = anchor.checkpoint.split(verify_pack_line(anchor.checkpoint))[0], tuple(roots(good))
    message = next(iter(Checkpoint.objects.filter(size=anchor.size))).note.encode()
    assert message.decode().startswith(note)
    truth = verify_pack.read_stamp(anchor.stamp, message).at
    for place in range(len(anchor.stamp)):
        bent = flipped(anchor.stamp, place)
        try:
            stamp = verify_pack.read_stamp(bent, message)
            verify_pack.check_stamp(stamp, trusted)
        except Exception:  # noqa: BLE001 - whatever it stumbles over is a finding in a run
            continue
        assert stamp.at == truth, f"byte {place}"


def verify_pack_line(note: str) -> str:
    return note.rpartition("\n\n")[2].split("\n")[1]


@pytest.mark.parametrize("bend", ["proof", "size", "root"])
def test_an_older_tree_that_the_ledger_does_not_begin_with_is_refused(case: Case, stamped: Pack, bend: str) -> None:
    (anchor,) = stamped.anchors
    signer = signing.signer()
    forged = signer.note(f"{signing.origin()}\n{anchor.size}\n{'A' * 43}=\n")
    bent = {
        "proof": replace(anchor, proof=[*anchor.proof, bytes(32)]),
        "size": replace(anchor, size=anchor.size + 1),
        "root": replace(anchor, checkpoint=forged, stamp=None),
    }
    code, said = case.verify(case.written(replace(stamped, anchors=[bent[bend]])))
    assert (code, "not proven to be the beginning of this pack's ledger" in said) == (verify_pack.MISMATCH, True)


def test_the_stamp_of_a_stranger_is_checked_on_a_machine_without_us(
    case: Case, stamped: Pack, good: Stamper, tmp_path: Path
) -> None:
    (tmp_path / "pack.zip").write_bytes(case.written(stamped))
    words = [
        sys.executable,
        "-I",
        str(build.VERIFIER),
        "pack.zip",
        "--key",
        str(signing.verifier()),
        "--authority",
        str(good.root),
    ]
    done = subprocess.run(
        words, cwd=tmp_path, env={"PATH": ""}, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    assert (done.returncode, "Test TSA proves" in done.stdout) == (0, True), done.stdout + done.stderr
