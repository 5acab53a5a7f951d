"""Officer Zhou hands the judge a pack: it proves the whole case, and shows every way in which it was bent."""

import hashlib
import io
import itertools
import random
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from records.ledger import checkpoints, signing
from records.ledger.notes import Signer
from records.pack import build, verify_pack
from records.pack.parts import Entry, Pack
from records.vault.suites import SM_OWN
from tests import suites
from tests.cast import flipped
from tests.records.pack.conftest import MARKER, Case

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_a_whole_case_is_proven_and_complete(case: Case) -> None:
    code, said = case.verify(case.written())
    assert code == verify_pack.COMPLETE, said
    assert "[NO]" not in said
    assert "everything is proven, and every consultation in it is complete as of its closing" in said
    assert "a later reopening is not excluded" in said
    assert said.count("opens to its words") == len(list(case.pack.contents))
    assert "all 3 segments, in order" in said
    assert "read" not in said.split("stated by the hospital, not proven by an entry")[0].split("\n")[-1]
    assert "names, roles and the pages for reading are stated by the hospital" in said


def test_a_case_sealed_with_the_sm_suite_is_proven_by_the_same_verifier(
    make_case: Callable[..., Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    suites.use(monkeypatch, "sm")
    case = make_case()
    whole = case.written()
    assert {content.blob[:1] for content in case.pack.contents} == {SM_OWN}
    code, said = case.verify(whole)
    assert code == verify_pack.COMPLETE, said
    assert said.count("opens to its words") == len(list(case.pack.contents))
    for name, member in verify_pack.Container(io.BytesIO(whole)).members.items():
        code, said = case.verify(flipped(whole, member.offset + member.size // 2))
        assert (code, name in said) == (verify_pack.MISMATCH, True), name


def test_it_says_the_same_in_chinese(case: Case) -> None:
    code, said = case.verify(case.written(), language="zh")
    assert (code, "结论：全部得到证明，每份咨询记录截至其结束是完整的。" in said) == (0, True)


def test_the_words_are_shown_from_the_ciphertexts_without_acting_on_the_terminal(case: Case) -> None:
    _, said = case.verify(case.written(), show=True)
    assert MARKER in said
    assert "\x1b" not in said


def test_without_the_published_key_nothing_is_called_proven(case: Case) -> None:
    code, said = case.verify(case.written(), None)
    assert code == verify_pack.INCOMPLETE
    assert "without the published key" in said
    assert str(signing.verifier()) in said


def test_a_key_of_the_same_name_that_is_not_the_hospitals_is_refused(case: Case) -> None:
    impostor = Signer(signing.origin(), bytes(range(32)))
    code, said = case.verify(case.written(), str(impostor.verifier))
    assert code == verify_pack.MISMATCH
    assert "the pack's key is not the key that was given" in said


def test_ordinary_tools_open_it_and_it_is_a_bag(case: Case) -> None:
    with zipfile.ZipFile(io.BytesIO(case.written())) as archive:
        assert archive.testzip() is None
        names = set(archive.namelist())
        manifest = archive.read("manifest-sha256.txt").decode().splitlines()
        assert archive.read("bagit.txt").startswith(b"BagIt-Version: 1.0\n")
        for line in manifest:
            digest, name = line.split("  ")
            assert hashlib.sha256(archive.read(name)).hexdigest() == digest
        assert {line.split("  ")[1] for line in manifest} == {name for name in names if name.startswith("data/")}
        assert archive.read("verify_pack.py") == Path(verify_pack.__file__).read_bytes()
        assert "--key" in archive.read("README.zh-CN.txt").decode()


def test_the_page_escapes_what_people_wrote(case: Case) -> None:
    with zipfile.ZipFile(io.BytesIO(case.written())) as archive:
        page = archive.read("report.html").decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in page


def test_one_flipped_byte_anywhere_fails_and_names_the_item(case: Case) -> None:
    whole = case.written()
    members = verify_pack.Container(io.BytesIO(whole)).members
    places = {name: member.offset + member.size // 2 for name, member in members.items()}
    for (name, place), bit in itertools.product(places.items(), (0x01, 0x80)):  # another letter, or no UTF-8
        code, said = case.verify(flipped(whole, place, bit))
        assert code == verify_pack.MISMATCH, name
        assert name in said, f"{name} is not named: {said}"
    chance = random.Random(20261121)
    for place in [0, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(120))]:
        code, said = case.verify(flipped(whole, place, 1 << chance.randrange(8)))
        assert code == verify_pack.MISMATCH, f"byte {place} does not matter"
        assert named(place, members, said), f"byte {place}: {said}"


def named(place: int, members: Mapping[str, verify_pack.Member], said: str) -> bool:
    """Whether the file that this byte is of is named: by its name, or by the place in the archive where its header does not fit."""
    heads = [(member.offset - 30 - len(name), member.offset + member.size, name) for name, member in members.items()]
    for head, end, name in heads:
        if head <= place < end:
            return name in said or any(head <= byte < end for byte in bytes_said(said))
    return place in bytes_said(said)


def bytes_said(said: str) -> set[int]:
    return {int(byte) for byte in re.findall(r"at byte (\d+)", said)}


def test_the_directory_at_the_end_is_checked_to_the_byte(case: Case) -> None:
    whole = case.written()
    start = whole.rindex(b"PK\x05\x06") - 300
    for place in range(start, len(whole)):
        code, said = case.verify(flipped(whole, place))
        assert (code, place in bytes_said(said)) == (verify_pack.MISMATCH, True), place


@pytest.mark.parametrize(
    "bend", [lambda x: x + b"\x00", lambda x: b"#!/bin/sh\n" + x, lambda x: x[:-1], lambda x: x[:-400], lambda x: x[:0]]
)
def test_nothing_can_be_put_before_or_after_or_cut_off(case: Case, bend: Callable[[bytes], bytes]) -> None:
    assert case.verify(bend(case.written()))[0] == verify_pack.MISMATCH


def with_case_chain(pack: Pack, change: Callable[[list[Entry]], list[Entry]]) -> Pack:
    first, *rest = pack.chains
    return replace(pack, chains=[replace(first, entries=change(list(first.entries))), *rest])


def test_a_dropped_tail_is_a_valid_beginning_not_proven_complete(case: Case) -> None:
    """Even the hospital itself, with its signing key, cannot pass off a shortened case as whole."""
    contents = [content for content in case.pack.contents if content.seq <= 3]
    shortened = replace(with_case_chain(case.pack, lambda entries: entries[:3]), contents=contents, attachments=())
    code, said = case.verify(case.written(shortened))
    assert code == verify_pack.INCOMPLETE
    assert "a valid beginning up to entry 3, not proven complete" in said


def test_a_dropped_middle_is_named(case: Case) -> None:
    contents = [content for content in case.pack.contents if content.seq != 3]
    holed = replace(with_case_chain(case.pack, lambda entries: entries[:2] + entries[3:]), contents=contents)
    code, said = case.verify(case.written(holed))
    assert code == verify_pack.MISMATCH
    assert f"{case.id}#3: an entry before it is missing" in said


def test_an_open_consultation_is_not_called_complete(make_case: Callable[..., Case]) -> None:
    case = make_case(closed=False)
    code, said = case.verify(case.written())
    assert code == verify_pack.INCOMPLETE
    assert "not proven complete" in said


def test_an_entry_that_waits_for_its_place_is_not_called_proven(case: Case) -> None:
    waiting = with_case_chain(case.pack, lambda entries: [*entries[:-1], replace(entries[-1], index=None, proof=None)])
    code, said = case.verify(case.written(waiting))
    assert code == verify_pack.INCOMPLETE
    assert "1 entries are not yet in the signed ledger" in said


def test_a_photo_that_the_message_did_not_carry_is_named(case: Case) -> None:
    (photo,) = case.pack.attachments
    first, second = photo.segments
    for segments in ([second, first], [first], [first, first, second]):
        code, said = case.verify(case.written(replace(case.pack, attachments=[replace(photo, segments=segments)])))
        assert code == verify_pack.MISMATCH
        assert "it is not the file that the message carried" in said
    code, said = case.verify(case.written(replace(case.pack, attachments=[replace(photo, seq=photo.seq - 1)])))
    assert code == verify_pack.MISMATCH


def test_without_keys_a_photo_is_not_proven_to_be_the_messages(case: Case) -> None:
    (photo,) = case.pack.attachments
    _, said = case.verify(case.closed())
    assert f"attachment {photo.id}: without the message's key" in said


def test_two_exchanged_ciphertexts_are_named(case: Case) -> None:
    one, two, *rest = case.pack.contents
    swapped = [replace(one, blob=two.blob), replace(two, blob=one.blob), *rest]
    code, said = case.verify(case.written(replace(case.pack, contents=swapped)))
    assert code == verify_pack.MISMATCH
    assert f"contents {case.id}#1: the ciphertext does not have the hash" in said


def test_a_key_that_is_not_the_contents_own_shows_no_words(case: Case) -> None:
    *others, last = case.pack.contents
    wrong = [replace(content, key=last.key) for content in others]
    code, said = case.verify(case.written(replace(case.pack, contents=wrong)), show=True)
    assert code == verify_pack.MISMATCH
    assert "does not open with its key and context" in said
    assert MARKER not in said


def test_a_sender_that_the_entry_does_not_name_is_refused(case: Case) -> None:
    first, *rest = case.pack.contents
    other = replace(first, context=first.context._replace(seq=2))
    code, said = case.verify(case.written(replace(case.pack, contents=[other, *rest])))
    assert code == verify_pack.MISMATCH
    assert "what it was sealed for is not its entry" in said


@pytest.mark.parametrize(
    "bend", [lambda s: s[::-1], lambda s: s[:-1], lambda s: [*s, s[-1]], lambda s: [s[0], s[0], s[2]], lambda s: s[:0]]
)
def test_recording_segments_reordered_dropped_or_repeated_are_noticed(case: Case, bend: Callable[..., object]) -> None:
    case.segments = bend(case.segments)  # type: ignore[assignment]
    code, said = case.verify(case.written())
    assert code == verify_pack.MISMATCH
    assert "a segment is missing, repeated, out of order or altered" in said


def test_without_keys_the_ciphertexts_are_proven_and_stay_closed(case: Case) -> None:
    data = case.closed()
    code, said = case.verify(data, show=True)
    assert code == verify_pack.COMPLETE
    assert MARKER not in said
    assert MARKER.encode() not in data


def test_a_checkpoint_of_another_key_or_tree_is_refused(case: Case) -> None:
    impostor = Signer(signing.origin(), bytes(range(32)))
    for note in (checkpoints.sign(9, bytes(32), impostor), checkpoints.sign(9, bytes(32), signing.signer())):
        assert case.verify(case.written(replace(case.pack, checkpoint=note)))[0] == verify_pack.MISMATCH


def test_the_pack_streams_into_anything_that_takes_bytes(case: Case) -> None:
    class Pipe:
        def __init__(self) -> None:
            self.whole = hashlib.sha256()

        def write(self, data: bytes) -> int:
            self.whole.update(data)
            return len(data)

    pipe = Pipe()
    made = build.write(case.pack, pipe)
    assert made.sha256 == pipe.whole.hexdigest()
