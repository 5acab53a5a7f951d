"""Exporting a case: under a grant, by a worker that may die, into a file that a stranger verifies, gone after seven days."""

import hashlib
import json
from base64 import b64decode
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from consult.models import Event, EvidencePack
from consult.packs import exhibits, export, files
from records import grants
from records.grants import AccessGrant
from records.ledger.models import Leaf
from records.ledger.sequencer import Sequencer
from records.vault import keys, open_key
from records.vault.models import WrappedKey
from tests.append_only import guards_lifted
from tests.cast import code_of, flipped, lift_guard, who
from tests.consult.packing import MARKER, REASON, Open, asked, downloaded, grant, granted, made, members, verdict
from tests.consult.reviewing import discussed

__all__ = ["grant"]


def test_a_pack_is_asked_for_made_downloaded_and_verified_by_a_stranger(
    browser_of: Open, grant: AccessGrant, tmp_path: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    zhou = browser_of("zhou")
    with django_capture_on_commit_callbacks() as callbacks:
        pack_id = zhou.post(f"/api/compliance/grants/{grant.id}/packs", {}).json()["id"]
    assert callbacks, "a worker is told after commit"
    before = zhou.get(f"/api/compliance/packs/{pack_id}").json()
    assert (before["state"], before["size"], before["name"]) == ("queued", None, None)
    Sequencer().drain()
    export.make(UUID(pack_id))
    after = zhou.get(f"/api/compliance/packs/{pack_id}").json()
    assert (after["state"], after["progress"], after["failure"]) == ("done", 1.0, None)
    content = downloaded(zhou, EvidencePack.objects.get(id=pack_id))
    assert (len(content), hashlib.sha256(content).hexdigest()) == (after["size"], after["sha256"])
    file = tmp_path / after["name"]
    file.write_bytes(content)
    done = verdict(file, "--show")
    assert done.returncode == 0, done.stdout + done.stderr
    assert MARKER in done.stdout
    flipped = bytearray(content)
    flipped[content.index(b"data/contents/") + 60] ^= 1
    file.write_bytes(flipped)
    assert verdict(file).returncode == 1


def test_what_was_said_beside_the_case_is_in_its_pack_and_proven(
    cast: None, settings: Settings, tmp_path: Path, browser_of: Open
) -> None:
    settings.XINQIAO_MEDIA = tmp_path / "media"
    pack = made(granted(discussed(), "conversation", "discussion"))
    file = tmp_path / pack.name
    file.write_bytes(downloaded(browser_of("zhou"), pack))
    done = verdict(file, "--show")
    assert done.returncode == 0, done.stdout + done.stderr
    assert MARKER in done.stdout


def test_the_pack_says_by_what_right_and_who_had_read_the_case(grant: AccessGrant) -> None:
    grants.open_for_reading(who("zhou"), grant.id, "conversation", "conversation.read")
    pack = made(grant)
    text = members(pack)["report.html"].decode()
    for words in ("周宁", "何军", "医疗纠纷", "查阅了咨询对话", "导出了证据包", "王秀兰"):
        assert words in text
    assert REASON not in b"".join(members(pack).values()).decode(errors="replace"), "the reason is between officer and approver"


def test_the_pack_holds_a_key_for_each_ciphertext_in_it_and_no_data_key(grant: AccessGrant) -> None:
    inside = members(made(grant))
    keys = [json.loads(line) for line in inside["data/keys.jsonl"].splitlines()]
    assert [key["file"] for key in keys] == [name for name in inside if name.startswith(("data/contents/", "data/media/"))]
    used = Event.objects.filter(thread=grant.case_id).values_list("key", flat=True)
    assert not {open_key(key).secret for key in used} & {b64decode(key["secret"]) for key in keys}


def test_a_grant_over_transcripts_alone_exports_no_word_of_the_conversation(cast: None, grant: AccessGrant) -> None:
    narrow = granted(grant.case.consultation, "transcripts")
    inside = members(made(narrow))
    assert [name for name in inside if name.startswith("data/contents/")] == []
    assert inside["data/keys.jsonl"] == b""
    assert MARKER not in b"".join(inside.values()).decode(errors="replace")


def test_the_file_on_disk_is_sealed_and_only_for_this_account(grant: AccessGrant) -> None:
    pack = made(grant)
    directory = files.directory_of(pack.id)
    stored = b"".join(path.read_bytes() for path in directory.iterdir())
    assert MARKER.encode() not in stored
    assert b"bagit.txt" not in stored
    assert directory.stat().st_mode & 0o077 == 0


def test_a_damaged_file_is_refused(browser_of: Open, grant: AccessGrant) -> None:
    pack = made(grant)
    segment = files.directory_of(pack.id) / "0"
    body = bytearray(segment.read_bytes())
    body[100] ^= 1
    segment.write_bytes(body)
    answer = browser_of("zhou").get(f"/api/compliance/packs/{pack.id}/file")
    assert (answer.status_code, code_of(answer)) == (500, "pack.damaged")


def test_asking_and_downloading_are_both_in_the_grants_chain(browser_of: Open, grant: AccessGrant) -> None:
    pack = made(grant)
    downloaded(browser_of("zhou"), pack)
    said = [grants.reading(leaf).what for leaf in Leaf.objects.filter(chain_id=grant.id, kind="grant.read").order_by("seq")]
    assert said == ["pack.made", "pack.downloaded"]


def test_a_case_that_does_not_match_its_seal_is_not_exported(browser_of: Open, grant: AccessGrant) -> None:
    lift_guard("consult_event")
    event = Event.objects.get(thread=grant.case_id, seq=3)
    Event.objects.filter(id=event.id).update(body=flipped(bytes(event.body)))
    pack = made(grant)
    shown = browser_of("zhou").get(f"/api/compliance/packs/{pack.id}").json()
    assert (shown["state"], shown["failure"]["code"]) == ("failed", "pack.mismatch")
    assert shown["failure"]["message"]["zh"]
    assert not files.directory_of(pack.id).exists()


def test_a_case_whose_key_is_lost_is_not_exported_and_says_so(grant: AccessGrant) -> None:
    key = Event.objects.get(thread=grant.case_id, seq=3).key_id
    with guards_lifted():
        WrappedKey.objects.filter(key=key).delete()
    keys.forget(key)
    pack = made(grant)
    assert (pack.state, pack.failure) == ("failed", "pack.unreadable")


def test_a_grant_that_ends_before_the_worker_comes_exports_nothing(grant: AccessGrant) -> None:
    pack = asked(grant)
    grants.revoke(who("he"), grant.id, reason="不再需要")
    export.make(pack.id)
    pack.refresh_from_db()
    assert (pack.state, pack.failure, pack.segments) == ("failed", "pack.grant_ended", [])


def test_after_the_grant_the_pack_is_no_longer_handed_out(browser_of: Open, grant: AccessGrant) -> None:
    pack = made(grant)
    AccessGrant.objects.filter(chain_id=grant.id).update(expires_at=timezone.now() - timedelta(seconds=1))
    zhou = browser_of("zhou")
    assert zhou.get(f"/api/compliance/packs/{pack.id}/file").status_code == 404
    assert zhou.post(f"/api/compliance/grants/{grant.id}/packs", {}).status_code == 404


def test_a_repeated_message_makes_the_pack_once(grant: AccessGrant) -> None:
    pack = made(grant)
    first = (pack.sha256, pack.attempt)
    export.make(pack.id)
    pack.refresh_from_db()
    assert (pack.sha256, pack.attempt) == first


def test_a_killed_worker_loses_nothing(grant: AccessGrant) -> None:
    pack = asked(grant)
    left = files.directory_of(pack.id)
    left.mkdir(parents=True)
    (left / "0").write_bytes(b"half a segment")
    EvidencePack.objects.filter(id=pack.id).update(
        state="running", holder=uuid4(), attempt=1, lease_until=timezone.now() - timedelta(seconds=1)
    )
    export.make(pack.id)
    pack.refresh_from_db()
    assert (pack.state, pack.attempt) == ("done", 2)
    assert "bagit.txt" in members(pack)


def test_a_worker_that_lost_its_lease_writes_nothing_more(grant: AccessGrant, monkeypatch: pytest.MonkeyPatch) -> None:
    pack, other = asked(grant), uuid4()
    assemble = exhibits.assemble

    def overtaken(*words: Any) -> Any:
        EvidencePack.objects.filter(id=pack.id).update(holder=other)
        return assemble(*words)

    monkeypatch.setattr(exhibits, "assemble", overtaken)
    export.make(pack.id)
    pack.refresh_from_db()
    assert (pack.state, pack.holder, pack.segments) == ("running", other, [])


def test_the_sweep_sends_again_what_was_lost_and_gives_up_in_the_end(
    grant: AccessGrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[UUID] = []
    monkeypatch.setattr(export, "send", sent.append)
    pack = asked(grant)
    assert export.sweep() == {"sent": 0, "given_up": 0, "deleted": 0}, "it is still young"
    EvidencePack.objects.filter(id=pack.id).update(created_at=timezone.now() - timedelta(minutes=1))
    assert export.sweep()["sent"] == 1
    assert sent == [pack.id]
    EvidencePack.objects.filter(id=pack.id).update(
        state="running", attempt=export.ATTEMPTS, lease_until=timezone.now() - timedelta(seconds=1)
    )
    assert export.sweep()["given_up"] == 1
    pack.refresh_from_db()
    assert (pack.state, pack.failure) == ("failed", "pack.failed")


def test_after_seven_days_the_file_is_deleted(browser_of: Open, grant: AccessGrant) -> None:
    pack = made(grant)
    assert pack.expires_at is not None
    assert timedelta(days=6, hours=23) < pack.expires_at - timezone.now() <= timedelta(days=7)
    assert export.sweep()["deleted"] == 0
    EvidencePack.objects.filter(id=pack.id).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert export.sweep()["deleted"] == 1
    assert not files.directory_of(pack.id).exists()
    zhou = browser_of("zhou")
    assert zhou.get(f"/api/compliance/packs/{pack.id}").json()["state"] == "expired"
    assert zhou.get(f"/api/compliance/packs/{pack.id}/file").status_code == 404
