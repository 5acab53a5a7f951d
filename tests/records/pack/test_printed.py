"""The printed form: a page leads back to its pack, and what people wrote cannot make the typesetter do anything."""

import io
import re
import zipfile
from dataclasses import replace

import pytest
from pypdf import PdfReader

from records.ledger import checkpoints, notes
from records.ledger.leaves import leaf_hash
from records.pack import codes, printed, verify_pack
from records.pack.parts import Line, Sentence, Spoken
from records.pack.printed import NotPrinted
from tests.cast import who
from tests.records.pack.conftest import Case

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def form_of(written: bytes) -> PdfReader:
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        return PdfReader(io.BytesIO(archive.read("report.pdf")))


def talk(case: Case, count: int) -> list[Line]:
    words = {"zh": "发言", "en": "wrote"}
    return [
        Line(case.id, case.id, 1_795_300_000_000 + i, i, "王秀兰", words, f"第{i}句：早上头晕 dizzy")
        for i in range(1, count + 1)
    ]


def test_every_page_has_its_number_and_the_code_that_verifies_against_the_pack(case: Case) -> None:
    said = [Spoken(case.id, case.pack.chains[1].id, 2, 1_795_300_000_000, 1, "", [Sentence(75.4, "医生", "血压多少？")])]
    written = case.written(replace(case.pack, printed=True, lines=talk(case, 90), spoken=said))
    form = form_of(written)
    pages = [page.extract_text() for page in form.pages]
    assert len(pages) >= 3
    codes_shown = {found for text in pages for found in re.findall(r"(?:[A-Z2-7]{4}-){5}[A-Z2-7]{4}", text)}
    assert len(codes_shown) == 1
    for number, text in enumerate(pages, 1):
        assert f"第 {number} 页，共 {len(pages)} 页" in text
        assert codes_shown <= set(re.findall(r"(?:[A-Z2-7]{4}-){5}[A-Z2-7]{4}", text))
    assert case.verify(written, code=codes_shown.pop())[0] == verify_pack.COMPLETE
    whole = "".join(pages)
    first = case.pack.chains[0].entries[0]
    for words in (
        "第90句",
        "01:15",
        "血压多少",
        "谁打开过",
        "周宁",
        "证据层",
        leaf_hash(first.data).hex()[:16],
        "XQ-2026-000001",
    ):
        assert words in whole, words
    assert "<script>" not in printed.page(case.pack, printed.Code("x", "y"))


def test_the_code_of_another_pack_is_refused(case: Case) -> None:
    written = case.written()
    digest = verify_pack.Container(io.BytesIO(written)).members["manifest-sha256.txt"].sha256
    own = printed.code_of(case.pack, digest)
    for text in (own.long, own.short, own.long.lower(), own.short.replace("-", " ")):
        code, said = case.verify(written, code=text)
        assert (code, "[ok] code: the code that was given is this pack's" in said) == (verify_pack.COMPLETE, True), text
    for other in (replace(case.pack, id=who("wang").id), replace(case.pack, access=())):
        code, said = case.verify(case.written(other), code=own.short)
        assert (code, "not this pack's" in said) == (verify_pack.MISMATCH, True)
    assert case.verify(written, code="")[0] == verify_pack.MISMATCH


def test_the_code_names_pack_files_and_ledger(case: Case) -> None:
    tree = checkpoints.parse(notes.parse(case.pack.checkpoint).text)
    code = codes.long_code(case.pack.id, "ab" * 32, tree.size, tree.root)
    assert code == f"XINQIAO-PACK:1:{case.pack.id.hex}:{'ab' * 32}:{tree.size}:{tree.root.hex()}".upper()
    assert re.fullmatch(r"[0-9A-Z:-]+", code), "a small QR code has no other letters"
    assert printed.square(code).startswith("<svg")


@pytest.mark.parametrize(
    "address",
    [
        '<img src="file:///etc/passwd">',
        '<img src="data:image/png;base64,AAAA">',
        '<link rel="stylesheet" href="http://169.254.169.254/latest/meta-data/">',
        "<style>@font-face { font-family: x; src: url(file:///etc/hostname) } p { font-family: x }</style><p>x</p>",
    ],
)
def test_a_form_that_refers_to_anything_is_not_set(address: str) -> None:
    with pytest.raises(NotPrinted):
        printed.pdf(f"<html><body>{address}</body></html>")


def test_a_form_that_would_be_a_book_is_refused(case: Case) -> None:
    with pytest.raises(NotPrinted, match="too long"):
        printed.form(replace(case.pack, lines=talk(case, printed.MAX_LINES + 1)), "ab" * 32)
