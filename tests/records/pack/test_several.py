"""A pack of several consultations, of witnesses, and of every byte: what is proven of each, and what is not."""

import io
import os
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from consult.models import Event
from records.ledger import notes, tree
from records.ledger.sequencer import Sequencer
from records.pack import verify_pack
from records.pack.collect import chain_part
from records.pack.parts import CasePart, Pack
from tests.cast import consultation
from tests.conftest import FEW, ROUNDS
from tests.records.pack.conftest import Case, content_of, member
from tests.records.pack.test_hostile import rebuilt

pytestmark = [pytest.mark.django_db, pytest.mark.once]
STRIDE = 16


def with_another(case: Case, *, closed: bool) -> Pack:
    """Wang's pack, and in it a second consultation of hers."""
    other = consultation(said=(("wang", "还有一个问题"),), summary="好转" if closed else None)
    Sequencer().drain()
    newest = tree.latest()
    assert newest is not None
    events = list(Event.objects.filter(thread=other.id).order_by("seq"))
    return replace(
        case.pack,
        cases=[*case.pack.cases, CasePart(other.id, "XQ-2026-000002")],
        checkpoint=newest.note,
        chains=[
            *(chain_part(c.id, c.role, newest, case=c.case) for c in case.pack.chains),
            chain_part(other.id, "case", newest),
        ],
        contents=[*case.pack.contents, *map(content_of, events)],
    )


def test_each_of_several_cases_has_a_verdict_of_its_own(case: Case) -> None:
    code, said = case.verify(case.written(with_another(case, closed=True)))
    assert code == verify_pack.COMPLETE, said
    assert said.count("as of that closing entries 1 to") == 2
    assert "that no other belongs to the patient or period is stated by the hospital" in said


def test_one_open_case_among_several_is_named_and_the_others_stand(case: Case) -> None:
    pack = with_another(case, closed=False)
    code, said = case.verify(case.written(pack))
    assert code == verify_pack.INCOMPLETE
    assert f"[ok] case XQ-2026-000001 {pack.cases[0].id}" in said
    assert f"[--] case XQ-2026-000002 {pack.cases[1].id}: a valid beginning" in said


@pytest.mark.parametrize("bend", [lambda cases: cases[:1], lambda cases: [*cases, cases[0]]])
def test_cases_that_are_not_those_of_the_chains_are_refused(case: Case, bend: Callable[..., list[CasePart]]) -> None:
    """A chain can neither be left out of the verdict nor stand for two cases."""
    pack = with_another(case, closed=True)
    code, said = case.verify(case.written(replace(pack, cases=bend(list(pack.cases)))))
    assert code == verify_pack.MISMATCH
    assert "case.json" in said


def test_a_case_whose_chain_is_empty_is_not_called_anything_good(case: Case) -> None:
    first, *rest = case.pack.chains
    bare = replace(case.pack, chains=[replace(first, entries=[]), *rest], contents=(), attachments=())
    assert case.verify(case.written(bare))[0] == verify_pack.MISMATCH


def test_a_witness_that_the_reader_names_is_proven_and_any_other_is_not(case: Case) -> None:
    witness = notes.Signer("witness.example/w1", bytes(range(32)), notes.COSIGNATURE)
    text = notes.parse(case.pack.checkpoint).text
    cosigned = case.written(replace(case.pack, checkpoint=case.pack.checkpoint + witness.cosign(text, 1_795_300_000)))
    code, said = case.verify(cosigned, witnesses=[str(witness.verifier)])
    assert code == verify_pack.COMPLETE, said
    assert "the witness co-signed this checkpoint at 2026-11-2" in said
    stranger = notes.Signer("witness.example/w2", bytes(range(1, 33)), notes.COSIGNATURE).verifier
    code, said = case.verify(cosigned, witnesses=[str(stranger)])
    assert "this witness did not co-sign" in said
    impostor = notes.Signer("witness.example/w1", bytes(range(1, 33)), notes.COSIGNATURE)
    assert "did not co-sign" in case.verify(cosigned, witnesses=[str(impostor.verifier)])[1]


def test_without_a_witness_the_pack_says_what_that_means(case: Case) -> None:
    assert "no witness co-signed: whoever held both" in case.verify(case.written())[1]


def test_a_cosignature_of_another_tree_is_named(case: Case) -> None:
    witness = notes.Signer("witness.example/w1", bytes(range(32)), notes.COSIGNATURE)
    line = witness.cosign("another tree\n1\n" + "A" * 43 + "=\n", 1_795_300_000)
    pack = case.written(replace(case.pack, checkpoint=case.pack.checkpoint + line))
    code, said = case.verify(pack, witnesses=[str(witness.verifier)])
    assert code == verify_pack.MISMATCH
    assert "the witness's co-signature is not valid" in said


def test_of_every_sixteenth_byte_none_can_be_flipped(case: Case) -> None:
    """In `make faults` every byte. The pack has no keys, so that no ciphertext is opened: the manifests alone must find each."""
    whole = case.written(small(case))
    stride = STRIDE if ROUNDS <= FEW else 1
    first = random.Random(os.urandom(8)).randrange(stride)
    unnoticed = [place for place in range(first, len(whole), stride) if not noticed(whole, place)]
    assert unnoticed == []


def small(case: Case) -> Pack:
    """Two entries, without the pages and readings that make a pack long."""
    first = case.pack.chains[0]
    contents = [content for content in case.pack.contents if (content.chain, content.seq) <= (case.id, 2)]
    chains = [replace(first, entries=list(first.entries)[:2])]
    kept = [replace(content, key=None) for content in contents if content.chain == case.id]
    return replace(case.pack, chains=chains, contents=kept, recordings=(), attachments=(), access=(), lines=())


def noticed(whole: bytes, place: int) -> bool:
    bent = bytearray(whole)
    bent[place] ^= 1
    try:
        verifier = verify_pack.Verifier(verify_pack.Container(io.BytesIO(bent)), None, verify_pack.Asked())
    except verify_pack.Bad:
        return True
    code = verifier.run()
    return code == verify_pack.MISMATCH and any(finding.mark == "no" and finding.item for finding in verifier.findings)


def test_a_pack_of_no_case_and_one_of_a_later_format_are_refused(case: Case) -> None:
    changes: tuple[dict[str, Any], ...] = ({"cases": []}, {"format": 4}, {"chains": []})
    for change in changes:
        bent = rebuilt(case, {"data/case.json": verify_pack.canonical({**case_json(case), **change}).encode()})
        assert case.verify(bent)[0] == verify_pack.MISMATCH, change


def case_json(case: Case) -> dict[str, Any]:
    found: dict[str, Any] = verify_pack.strict_json(member(case.written(), "data/case.json").decode())
    return found
