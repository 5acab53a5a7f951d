"""A pack of what was destroyed by right says so, by which tombstone and why, and is complete; a tombstone that is forged is found."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from consult.models import Consultation, EvidencePack
from consult.packs import export
from records.grants import AccessGrant
from records.ledger import signing
from records.pack import build, verify_pack
from records.pack.archive import Archive
from records.retention import requests, runs
from records.retention.models import Tombstone
from tests.cast import who
from tests.consult.packing import MARKER, Open, asked, granted, made, members, verdict
from tests.records.retention.conftest import no_tombstones, old_case  # noqa: F401 - a fixture


@pytest.fixture
def case(cast: None, settings: Settings, tmp_path: Path) -> Consultation:
    settings.XINQIAO_MEDIA = tmp_path / "media"
    return old_case(6, said=(("zhao", f"您好，{MARKER}"), ("wang", "谢谢")))


@pytest.fixture
def grant(case: Consultation) -> AccessGrant:
    return granted(case, "conversation", "recordings", "transcripts", "attachments")


def shredded(grant: AccessGrant) -> dict[str, bytes]:
    """The members of a pack that is made once the case is due and gone."""
    runs.begin(runs.preview().digest, None)
    assert runs.work().shredded == 1
    pack = made(grant)
    assert (pack.state, pack.failure) == ("done", "")
    return members(pack)


def packed(parts: dict[str, bytes]) -> io.BytesIO:
    """A pack of these members, sealed with the ledger's key as the product seals it: only what the entries prove can betray it."""
    out = io.BytesIO()
    archive = Archive(out)
    payload = {name: body for name, body in parts.items() if name.startswith("data/")}
    tags = {"bagit.txt": parts["bagit.txt"], "report.html": parts["report.html"]}
    for name, body in payload.items():
        archive.add(name, body)
    listed = dict(archive.digests)
    for name, body in {**tags, "manifest-sha256.txt": build._manifest(listed)}.items():
        archive.add(name, body)
    sealed = archive.add(
        "tagmanifest-sha256.txt", build._manifest({n: d for n, d in archive.digests.items() if n not in listed})
    )
    archive.add("seal", signing.signer().note(f"{build.SEAL_DOMAIN}\n{sealed}\n").encode())
    archive.finish()
    return out


def checked(parts: dict[str, bytes], directory: Path) -> tuple[int, str]:
    path = directory / "forged.zip"
    path.write_bytes(packed(parts).getvalue())
    code, lines = verify_pack.verify(str(path), str(signing.verifier()))
    return code, "\n".join(lines)


def test_a_pack_of_a_shredded_case_is_made_and_a_stranger_finds_it_complete(
    grant: AccessGrant, browser_of: Open, tmp_path: Path
) -> None:
    runs.begin(runs.preview().digest, None)
    runs.work()
    pack = made(grant)
    answer = browser_of("zhou").get(f"/api/compliance/packs/{pack.id}/file")
    file = tmp_path / pack.name
    file.write_bytes(b"".join(answer.streaming_content))
    stone = Tombstone.objects.get()
    done = verdict(file)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"shredded under destruction record #{stone.seq} on " in done.stdout
    assert "the time of keeping of its class (dialogue) was over" in done.stdout
    assert "the consultation was closed" in done.stdout
    assert f"{grant.case_id}#1: shredded" in done.stdout
    with zipfile.ZipFile(file) as inside:
        page = inside.read("report.html").decode()
        assert inside.read("data/contents.jsonl") == b""
    assert f"已按销毁记录 #{stone.seq} 于 " in page
    assert f"shredded under destruction record #{stone.seq} on " in page
    assert MARKER not in page


def test_what_the_patient_asked_for_is_said(grant: AccessGrant, case: Consultation) -> None:
    wish = requests.ask(who("wang"), case.id)
    requests.decide(who("zhou"), wish.id, grant=True, reason="已满最短保存期限")
    pack = made(grant)
    assert pack.state == EvidencePack.State.DONE
    assert "the patient asked for it" in members(pack)["report.html"].decode()


Forge = Callable[[dict[str, Any]], None]


def other_leaf(**change: Any) -> Forge:
    def forge(row: dict[str, Any]) -> None:
        leaf = json.loads(row["leaf"])
        ids = {**leaf["ids"], **change.pop("ids", {})}
        row["leaf"] = json.dumps({**leaf, **change, "ids": ids}, ensure_ascii=False, separators=(",", ":"), sort_keys=True)

    return forge


@pytest.mark.parametrize(
    ("forge", "said"),
    [
        (other_leaf(ids={"scope": "11111111-1111-4111-8111-111111111111"}), "not proven to be in the signed ledger"),
        (other_leaf(ids={"why": "replay"}), "not proven to be in the signed ledger"),
        (other_leaf(at=1), "not proven to be in the signed ledger"),
        (other_leaf(kind="retention.rule_set"), "no entry of a destruction"),
        (lambda row: row.update(index=None, proof=None), "not proven to be in the signed ledger"),
        (lambda row: row.update(index=row["index"] + 1), "not proven to be in the signed ledger"),
        (lambda row: row.update(seq=row["seq"] + 1), "no entry of a destruction"),
    ],
)
def test_a_forged_tombstone_fails(grant: AccessGrant, tmp_path: Path, forge: Forge, said: str) -> None:
    parts = shredded(grant)
    row = json.loads(parts["data/tombstones.jsonl"])
    forge(row)
    code, text = checked({**parts, "data/tombstones.jsonl": json.dumps(row).encode() + b"\n"}, tmp_path)
    assert (code, said in text) == (1, True), text


def test_an_entry_that_is_no_tombstone_and_a_tombstone_of_another_case_account_for_nothing(
    grant: AccessGrant, tmp_path: Path
) -> None:
    parts = shredded(grant)
    assert checked(parts, tmp_path)[0] == 0, "nothing but the forgery makes the others fail"
    chains = [name for name in parts if name.startswith("data/chains/")]
    act = json.loads(parts[chains[0]].splitlines()[0])
    code, text = checked({**parts, "data/tombstones.jsonl": json.dumps(act).encode() + b"\n"}, tmp_path)
    assert (code, "no entry of a destruction" in text) == (1, True)
    without = {name: body for name, body in parts.items() if name != "data/tombstones.jsonl"}
    code, text = checked(without, tmp_path)
    assert "shredded" not in text
    assert "its content was left out, and the reason is not proven" in text
    twice = parts["data/tombstones.jsonl"] * 2
    assert checked({**parts, "data/tombstones.jsonl": twice}, tmp_path)[0] == 1


def test_a_genuine_tombstone_of_another_case_is_named(grant: AccessGrant, tmp_path: Path) -> None:
    other = granted(old_case(6, patient="wu"), "conversation")
    runs.begin(runs.preview().digest, None)
    assert runs.work().shredded == 2
    packs = [asked(one) for one in (grant, other)]
    for pack in packs:  # under one checkpoint: the tombstone's proof is as good in the other pack
        export.make(pack.id)
        pack.refresh_from_db()
    ours, theirs = map(members, packs)
    mixed = {**ours, "data/tombstones.jsonl": ours["data/tombstones.jsonl"] + theirs["data/tombstones.jsonl"]}
    code, text = checked(mixed, tmp_path)
    assert (code, "nothing that this pack lacks was destroyed under it" in text) == (1, True), text
