"""Files made to harm whoever verifies them: each is refused with a sentence, quickly, and nothing is written anywhere."""

import base64
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from records.ledger import signing
from records.pack import archive as plain
from records.pack import verify_pack
from records.pack.archive import Archive, PackTooLarge
from tests.records.pack.conftest import Case

pytestmark = pytest.mark.django_db


def verdict(path: Path, data: bytes, key: str | None = None) -> tuple[int, str]:
    (path / "hostile.zip").write_bytes(data)
    before = sorted(path.rglob("*"))
    code, lines = verify_pack.verify(str(path / "hostile.zip"), key)
    assert sorted(path.rglob("*")) == before, "a verifier writes nothing"
    return code, "\n".join(lines)


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/etc/passwd",
        "data/../../evil",
        "a\\..\\evil",
        "data//x",
        "data/.hidden",
        "C:evil",
        "data/x\x00y",
        "é",
        "a" * 300,
        "",
    ],
)
def test_a_name_that_leaves_the_directory_is_refused(tmp_path: Path, name: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr(zipfile.ZipInfo(name or "x", (1980, 1, 1, 0, 0, 0)), b"boo")
    code, said = verdict(tmp_path, out.getvalue())
    assert code == verify_pack.MISMATCH
    assert "structure" in said
    with pytest.raises(ValueError, match="plain name"):
        Archive(io.BytesIO()).add(name if len(name) < 300 else "../x", b"boo")


def test_a_zip_bomb_is_never_inflated(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("data/case.json", bytes(50_000_000))
    code, said = verdict(tmp_path, out.getvalue())
    assert code == verify_pack.MISMATCH
    assert "structure" in said


def local(name: bytes, content: bytes, stored: int, size: int) -> bytes:
    sizes = struct.pack("<3I2H", zlib.crc32(content), stored, size, len(name), 0)
    return verify_pack.LOCAL + sizes + name + content


@pytest.mark.parametrize(("stored", "size"), [(3, 2**32 - 1), (2**32 - 1, 2**32 - 1), (2**31, 2**31), (4, 3)])
def test_sizes_that_are_not_those_of_the_file_are_refused(tmp_path: Path, stored: int, size: int) -> None:
    assert verdict(tmp_path, local(b"data/x", b"boo", stored, size))[0] == verify_pack.MISMATCH


def test_a_second_file_of_one_name_is_refused(tmp_path: Path) -> None:
    twice = local(b"data/x", b"boo", 3, 3) * 2
    assert "structure" in verdict(tmp_path, twice)[1]


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_pack, "MAX_FILES", 10)
    monkeypatch.setattr(plain, "MAX_ENTRIES", 10)
    many = b"".join(local(b"data/%d" % number, b"", 0, 0) for number in range(12))
    assert "too many files" in verdict(tmp_path, many)[1]
    made = Archive(io.BytesIO())
    for number in range(10):
        made.add(f"data/{number}", b"")
    with pytest.raises(PackTooLarge):
        made.add("data/10", b"")


def rebuilt(case: Case, files: Mapping[str, bytes]) -> bytes:
    """The pack with these files replaced and every manifest and the seal made again, as only the hospital could."""
    whole = case.written()
    members = verify_pack.Container(io.BytesIO(whole)).members
    out = io.BytesIO()
    made = Archive(out)
    tags = ("manifest-sha256.txt", "tagmanifest-sha256.txt", "seal")
    for each, member in members.items():
        if each not in tags:
            made.add(each, files.get(each, whole[member.offset : member.offset + member.size]))
    data = {each: digest for each, digest in made.digests.items() if each.startswith("data/")}
    made.add("manifest-sha256.txt", manifest(data))
    sealed = made.add("tagmanifest-sha256.txt", manifest({each: d for each, d in made.digests.items() if each not in data}))
    made.add("seal", signing.signer().note(f"xinqiao/evidence-pack/v1\n{sealed}\n").encode())
    made.finish()
    return out.getvalue()


def manifest(digests: dict[str, str]) -> bytes:
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items())).encode()


def test_rebuilding_without_a_change_verifies(case: Case, tmp_path: Path) -> None:
    """Otherwise the tests below would prove nothing."""
    assert verdict(tmp_path, rebuilt(case, {}), str(signing.verifier()))[0] == verify_pack.COMPLETE


MALFORMED = (
    b"",
    b"{",
    b"[]",
    b"null",
    b"[" * 100_000,
    b'{"format": 1}',
    b'{"format": 1, "format": 2}',
    b"\xff\xfe",
    b'{"format": 1e999}',
)
# An empty list is well formed: then something is left out.
NOTHING_LISTED = {
    "attachments.jsonl": verify_pack.INCOMPLETE,
    "contents.jsonl": verify_pack.INCOMPLETE,
    "keys.jsonl": verify_pack.COMPLETE,
    "recordings.jsonl": verify_pack.INCOMPLETE,
}
LISTS = ("contents", "recordings", "attachments", "keys", "access")


@pytest.mark.parametrize("name", ["case.json", "log.pub", "checkpoint", *(f"{each}.jsonl" for each in LISTS)])
def test_malformed_files_are_findings_and_never_a_crash(case: Case, tmp_path: Path, name: str) -> None:
    for content in MALFORMED:
        code, said = verdict(tmp_path, rebuilt(case, {f"data/{name}": content}), str(signing.verifier()))
        if content == b"" and name in NOTHING_LISTED:
            assert code == NOTHING_LISTED[name], said
        else:
            assert code == verify_pack.MISMATCH, f"{content[:20]!r}: {said}"


def entries(case: Case) -> list[dict[str, Any]]:
    whole = case.written()
    member = verify_pack.Container(io.BytesIO(whole)).members[f"data/chains/{case.id.hex}.jsonl"]
    return [json.loads(line) for line in whole[member.offset : member.offset + member.size].decode().splitlines()]


def bend_proof(rows: list[dict[str, Any]], change: Callable[[list[str]], list[str]]) -> None:
    rows[1]["proof"] = change(rows[1]["proof"])


EXTRA = base64.b64encode(bytes(32)).decode()


BENDS: tuple[Callable[[list[dict[str, Any]]], object], ...] = (
    lambda rows: bend_proof(rows, lambda proof: [*proof, EXTRA]),
    lambda rows: bend_proof(rows, lambda proof: proof[:-1]),
    lambda rows: bend_proof(rows, lambda proof: [EXTRA, *proof[1:]]),
    lambda rows: bend_proof(rows, lambda proof: [proof[0][:-4], *proof[1:]]),
    lambda rows: rows[1].update(index=rows[1]["index"] + 1),
    lambda rows: rows[1].update(index=-1),
    lambda rows: rows[1].update(index=10**30),
    lambda rows: rows[1].update(index="1"),
    lambda rows: rows[1].update(leaf=rows[1]["leaf"].replace('"seq":2', '"seq": 2')),
    lambda rows: rows[1].update(leaf=rows[1]["leaf"].replace('"v":1', '"v":2')),
    lambda rows: rows[1].update(leaf=rows[0]["leaf"]),
    lambda rows: rows[1].update(more=1),
    lambda rows: rows.insert(1, rows[1]),
    lambda rows: rows.reverse(),
)


def test_a_bent_entry_or_proof_is_named(case: Case, tmp_path: Path) -> None:
    name = f"data/chains/{case.id.hex}.jsonl"
    for number, bend in enumerate(BENDS):
        rows = entries(case)
        bend(rows)
        data = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
        code, said = verdict(tmp_path, rebuilt(case, {name: data}), str(signing.verifier()))
        assert code == verify_pack.MISMATCH, number
        assert f"entry {case.id}#" in said, number


@pytest.mark.parametrize(
    "line", ["", "a+b+c", "a+00000000+AQ==", f"a+00000000+{base64.b64encode(bytes([1]) + bytes(32)).decode()}"]
)
def test_a_malformed_or_low_order_key_is_refused(case: Case, tmp_path: Path, line: str) -> None:
    code, _ = verdict(tmp_path, rebuilt(case, {"data/log.pub": line.encode()}))
    assert code == verify_pack.MISMATCH
