"""What a pack lacks, and which readings it lists: a reason counts only where an entry in the pack proves it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import transaction

from records.ledger import chains, tree
from records.ledger.models import Chain
from records.ledger.sequencer import Sequencer
from records.pack import collect, verify_pack
from tests.records.pack.conftest import Case

pytestmark = [pytest.mark.django_db, pytest.mark.once]
OTHER = "00000000-0000-4000-8000-000000000009"
OUTSIDE, UNEXPLAINED = "outside what the grant in the pack covers", "was left out, and the reason is not proven"


@pytest.mark.parametrize(
    ("content", "expected", "words"),
    [
        ("conversation,recordings,transcripts", verify_pack.COMPLETE, "and it is not in the pack (outside"),
        ("attachments,conversation,recordings,transcripts", verify_pack.INCOMPLETE, "it was left out, and the reason is not"),
    ],
)
def test_a_photo_that_is_not_in_the_pack_is_reported(
    make_case: Callable[..., Case], content: str, expected: int, words: str
) -> None:
    case = make_case(content=content)
    (photo,) = case.pack.attachments
    code, said = case.verify(case.written(replace(case.pack, attachments=())))
    assert (code, f"attachment {photo.id}: the message carried it" in said, words in said) == (expected, True, True)


@pytest.mark.parametrize("terms", [{"content": "attachments,conversation,transcripts"}, {"until": "2020-01-31"}])
def test_what_the_grant_does_not_cover_is_reported_as_withheld(make_case: Callable[..., Case], terms: dict[str, str]) -> None:
    case = make_case(**terms)
    code, said = case.verify(case.written(replace(case.pack, recordings=())))
    assert code == verify_pack.COMPLETE, said
    assert (said.count(f"its content is not in the pack ({OUTSIDE})"), UNEXPLAINED in said) == (1, False)


def test_what_the_grant_covers_and_is_not_there_has_no_proven_reason(case: Case) -> None:
    bare = replace(case.pack, contents=(), recordings=(), attachments=())
    code, said = case.verify(case.written(bare))
    sealed = [entry for chain in case.pack.chains for entry in chain.entries if b'"content":null' not in entry.data]
    assert (code, said.count(UNEXPLAINED), OUTSIDE in said) == (verify_pack.INCOMPLETE, len(sealed), False)
    assert "that it is complete is not" in said


@pytest.mark.parametrize("terms", [{"state": "denied"}, {"case": OTHER}])
def test_a_grant_that_was_refused_or_is_over_another_case_excuses_nothing(
    make_case: Callable[..., Case], terms: dict[str, str]
) -> None:
    case = make_case(content="attachments", **terms)
    code, said = case.verify(case.written(replace(case.pack, recordings=())))
    assert (code, said.count(UNEXPLAINED)) == (verify_pack.INCOMPLETE, 1)


def test_only_the_grant_that_a_pack_names_counts_and_every_one_where_it_names_none(make_case: Callable[..., Case]) -> None:
    """Another grant over the same case reaches the recording."""
    case = make_case(content="attachments,conversation,transcripts")
    (consulted,) = case.pack.cases
    wider = Chain.objects.create(kind=Chain.Kind.GRANT).id
    ids = {"case": str(case.id), "content": "recordings", "state": "approved"}
    with transaction.atomic(), chains.extend(wider) as tail:
        tail.add("grant.decided", actor=None, ids=ids)
    Sequencer().drain()
    checkpoint = tree.latest()
    assert checkpoint is not None
    roles = [(part.id, part.role) for part in case.pack.chains]
    parts = [collect.chain_part(id_, role, checkpoint) for id_, role in (*roles, (wider, "grant"))]
    pack = replace(case.pack, chains=parts, checkpoint=checkpoint.note, recordings=())
    assert case.verify(case.written(pack))[0] == verify_pack.COMPLETE
    for named in (None, wider):
        other = replace(pack, cases=[replace(consulted, grant=named)])
        assert case.verify(case.written(other))[0] == verify_pack.INCOMPLETE, named


@pytest.mark.parametrize("said", [{"thread": OTHER}, {"case": OTHER}, {"case": ""}, {}])
def test_a_recording_of_another_case_need_not_be_in_a_pack_where_its_entry_says_so(case: Case, said: dict[str, str]) -> None:
    chart = case.pack.chains[1].id
    with transaction.atomic(), chains.extend(chart) as tail:
        tail.add("recording.sealed", actor=None, content=b"another", ids={"recording": OTHER, **said})
    Sequencer().drain()
    checkpoint = tree.latest()
    assert checkpoint is not None
    parts = [collect.chain_part(part.id, part.role, checkpoint) for part in case.pack.chains]
    code, text = case.verify(case.written(replace(case.pack, chains=parts, checkpoint=checkpoint.note)))
    assert (code, OUTSIDE in text) == ((verify_pack.COMPLETE, True) if said else (verify_pack.INCOMPLETE, False)), text


def test_an_access_line_must_match_the_entry_it_names(case: Case) -> None:
    proven, stated = case.pack.access
    code, said = case.verify(case.written())
    assert "[ok] access" in said
    assert "[--] access" in said
    assert "proven by an entry (conversation.read)" in said
    granted = replace(proven, seq=1)  # the entry by which the grant was given
    for line in (replace(proven, at=proven.at - 3600), replace(proven, who="王秀兰"), granted):
        code, said = case.verify(case.written(replace(case.pack, access=[line, stated])))
        assert (code, "the entry it names does not prove it" in said) == (verify_pack.MISMATCH, True)
    code, said = case.verify(case.written(replace(case.pack, access=[proven, proven])))
    assert (code, "the entry it names does not prove it" in said) == (verify_pack.MISMATCH, True)


def test_a_reading_that_the_list_leaves_out_is_named(case: Case) -> None:
    proven, stated = case.pack.access
    code, said = case.verify(case.written(replace(case.pack, access=[stated])))
    assert (code, f"{proven.chain}#{proven.seq}: the ledger has this reading" in said) == (verify_pack.MISMATCH, True)
