"""Packs of several cases, of less than was granted, with a printed form; and the list that says who downloaded each."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone
from pypdf import PdfReader

from consult.models import Consultation, EvidencePack
from consult.oversight import cases, review
from consult.packs import export, files
from records import grants
from records.grants import AccessGrant
from records.ledger.models import Leaf
from records.ledger.sequencer import Sequencer
from records.retention import shredding
from tests.cast import code_of, consultation, who
from tests.consult.packing import MARKER, Open, asked, downloaded, grant, granted, made, members, verdict
from tests.records.retention.conftest import key_of, no_tombstones, years_ago  # noqa: F401 - a fixture
from tests.records.test_family import let_in

__all__ = ["grant"]


def test_two_cases_of_wang_go_into_one_pack(browser_of: Open, grant: AccessGrant, tmp_path: Path) -> None:
    other = granted(consultation(said=(("wang", "又头晕了"),)), "conversation")
    zhou = browser_of("zhou")
    sent = zhou.post(f"/api/compliance/grants/{grant.id}/packs", {"also": [str(other.id)]})
    assert sent.status_code == 201, sent.content
    Sequencer().drain()
    export.make(UUID(sent.json()["id"]))
    pack = EvidencePack.objects.get(id=sent.json()["id"])
    file = tmp_path / pack.name
    file.write_bytes(downloaded(zhou, pack))
    done = verdict(file, "--show")
    assert done.returncode == 3, "one of them is still open: " + done.stdout + done.stderr
    assert "又头晕了" in done.stdout
    assert MARKER in done.stdout
    assert (done.stdout.count("the consultation was closed"), done.stdout.count("not proven complete")) == (1, 1)
    kinds = [leaf.kind for leaf in Leaf.objects.filter(chain_id=other.id)]
    assert kinds.count(grants.READ) == 2, "asked for and downloaded, in the chain of each grant"
    shown = zhou.get(f"/api/compliance/grants/{other.id}/packs").json()
    assert [(row["id"], row["cases"]) for row in shown] == [(str(pack.id), 2)]


def test_a_relative_is_called_what_the_conversation_calls_her(grant: AccessGrant) -> None:
    let_in()
    talk = granted(consultation(said=(("chen", "妈妈吃了降压药"),)), "conversation")
    packed = {row["name"]: row["role"] for row in json.loads(members(made(talk))["data/case.json"])["people"]}
    shown = {row["name"]: row["title"] for row in review.conversation(who("zhou"), talk.id).people}
    assert shown["陈静"] == packed["陈静"] == {"zh": "王秀兰的家人", "en": "family of 王秀兰"}
    assert packed["王秀兰"] == {"zh": "患者", "en": "patient"}


def test_a_pack_ends_with_the_first_of_its_grants(browser_of: Open, grant: AccessGrant) -> None:
    other = granted(consultation(summary="好转"), "conversation")
    pack = export.ask(who("zhou"), grant.id, export.Wish(also=(other.id,)))
    Sequencer().drain()
    export.make(pack.id)
    zhou = browser_of("zhou")
    assert zhou.get(f"/api/compliance/packs/{pack.id}/file").status_code == 200
    grants.revoke(who("he"), other.id, reason="不再需要")
    assert zhou.get(f"/api/compliance/packs/{pack.id}/file").status_code == 404
    assert zhou.post(f"/api/compliance/grants/{grant.id}/packs", {"also": [str(other.id)]}).status_code == 404


def test_two_grants_over_one_case_make_no_pack(browser_of: Open, grant: AccessGrant) -> None:
    again = granted(grant.case.consultation, "conversation")
    answer = browser_of("zhou").post(f"/api/compliance/grants/{grant.id}/packs", {"also": [str(again.id)]})
    assert (answer.status_code, code_of(answer)) == (422, "pack.one_each")
    assert not EvidencePack.objects.exists()


def test_less_can_be_exported_than_was_granted(grant: AccessGrant) -> None:
    pack = export.ask(who("zhou"), grant.id, export.Wish(content=("transcripts",)))
    Sequencer().drain()
    export.make(pack.id)
    pack.refresh_from_db()
    assert MARKER not in b"".join(members(pack).values()).decode(errors="replace")


def test_the_list_of_packs_says_who_downloaded_each(browser_of: Open, grant: AccessGrant) -> None:
    first, second = made(grant), made(grant)
    zhou = browser_of("zhou")
    downloaded(zhou, first)
    downloaded(zhou, first)
    shown = zhou.get(f"/api/compliance/grants/{grant.id}/packs").json()
    assert [row["id"] for row in shown] == [str(second.id), str(first.id)]
    assert [[one["person"]["name"] for one in row["downloads"]] for row in shown] == [[], ["周宁", "周宁"]]
    assert browser_of("he").get(f"/api/compliance/grants/{grant.id}/packs").json() == shown


@pytest.mark.once
def test_a_printed_form_is_made_when_it_is_asked_for(grant: AccessGrant) -> None:
    pack = export.ask(who("zhou"), grant.id, export.Wish(printed=True))
    Sequencer().drain()
    export.make(pack.id)
    pack.refresh_from_db()
    assert pack.state == "done", pack.failure
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(members(pack)["report.pdf"])).pages)
    number = cases.number_of(cases.numbered(Consultation.objects.filter(chain=grant.case_id)).get())
    for words in (f"您好，{MARKER}", "发言", "医疗纠纷", number):
        assert words in text.replace("\n", ""), words


def test_what_cannot_be_printed_fails_with_its_reason(grant: AccessGrant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("records.pack.printed.MAX_LINES", 2)
    pack = export.ask(who("zhou"), grant.id, export.Wish(printed=True))
    Sequencer().drain()
    export.make(pack.id)
    pack.refresh_from_db()
    assert (pack.state, pack.failure) == ("failed", "pack.print_too_long")
    assert not files.directory_of(pack.id).exists()


def test_without_its_packages_a_printed_form_is_refused_at_once(
    browser_of: Open, grant: AccessGrant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("records.pack.printed.PACKAGES", ("a_package_that_is_not_there",))
    answer = browser_of("zhou").post(f"/api/compliance/grants/{grant.id}/packs", {"printed": True})
    assert (answer.status_code, code_of(answer)) == (503, "pack.no_printer")
    assert browser_of("zhou").post(f"/api/compliance/grants/{grant.id}/packs", {}).status_code == 201


def test_what_keeps_killing_its_worker_leaves_no_file(grant: AccessGrant) -> None:
    pack = asked(grant)
    place = files.directory_of(pack.id)
    place.mkdir(parents=True)
    (place / "0").write_bytes(b"sealed")
    long_ago = timezone.now() - timedelta(days=1)
    EvidencePack.objects.filter(id=pack.id).update(state="running", attempt=export.ATTEMPTS, lease_until=long_ago)
    assert export.sweep()["given_up"] == 1
    assert not place.exists()
    pack.refresh_from_db()
    assert (pack.state, pack.failure) == ("failed", "pack.failed")


def test_a_pack_says_that_it_is_deleted_only_once_it_is(grant: AccessGrant, monkeypatch: pytest.MonkeyPatch) -> None:
    pack, discard = made(grant), files.discard
    EvidencePack.objects.filter(id=pack.id).update(expires_at=timezone.now() - timedelta(days=1))

    def dies(pack_id: UUID) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(files, "discard", dies)
    with pytest.raises(KeyboardInterrupt):
        export.sweep()
    monkeypatch.setattr(files, "discard", discard)
    assert export.sweep()["deleted"] == 1
    assert not files.directory_of(pack.id).exists()


def test_when_an_old_grant_is_destroyed_the_packs_of_others_stay(
    grant: AccessGrant, django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]]
) -> None:
    with years_ago(4):
        old = granted(Consultation.objects.get(chain=grant.case_id), "conversation")
        gone = made(old)
    kept = made(grant)
    with django_capture_on_commit_callbacks(execute=True):
        shredding.shred(key_of(old.id, "access"), "maximum")
    assert not files.directory_of(gone.id).exists()
    assert files.PackReader(kept).segment(0)
    states = {pack.id: pack.state for pack in EvidencePack.objects.all()}
    assert states == {gone.id: "expired", kept.id: "done"}
