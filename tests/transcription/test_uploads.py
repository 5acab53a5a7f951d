"""Nurse Sun uploads the recording of her call to Wang: sealed as it comes in, kept once, and only with consent."""

import json
from pathlib import Path
from uuid import uuid4

import pytest

from records.errors import Refused
from records.ledger.models import Leaf
from records.plans import FollowUp
from records.vault import SealBroken, manifest, unseal
from records.vault.models import WrappedKey
from tests.cast import code_of, flipped, id_of, who
from tests.transcription.conftest import Upload
from transcription import receiving, segments, uploads
from transcription.models import Job, Recording
from transcription.recordings import MAX_BYTES, CallReceiver

MARKER = b"planted marker 5f2c"


def leaves(kind: str) -> list[dict[str, object]]:
    return [json.loads(bytes(leaf.data)) for leaf in Leaf.objects.filter(kind=kind)]


def files(media: Path) -> list[Path]:
    return sorted(path for path in media.rglob("*") if path.is_file())


def test_a_recording_is_sealed_linked_and_queued(upload: Upload, call: bytes, follow_up: FollowUp) -> None:
    answer = upload(call, name="随访 7 日.wav")
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert body["name"] == "随访 7 日.wav"
    assert (body["state"], body["size"], body["media_type"]) == ("queued", len(call), "audio/wav")
    assert (body["followup"], body["uploaded_by"]["name"]) == (str(follow_up.id), "孙莉")
    follow_up.refresh_from_db()
    assert follow_up.state == "done"
    assert Job.objects.get(recording=body["id"]).state == "queued"
    recording = Recording.objects.get(id=body["id"])
    assert recording.patient == follow_up.patient
    assert segments.SealedReader(segments.sealed(recording)).readall() == call


def test_consent_and_seal_are_leaves_of_the_patients_chart(upload: Upload, call: bytes, follow_up: FollowUp) -> None:
    recording = upload(call).json()["id"]
    (consent,), (seal,) = leaves("recording.consent"), leaves("recording.sealed")
    assert consent["chain"] == seal["chain"] == str(follow_up.patient.chart.id)
    assert consent["ids"] == {"recording": recording, "follow_up": str(follow_up.id), "consent": "spoken"}
    row = Recording.objects.get(id=recording)
    parts = [(bytes(part.sha256), part.size) for part in row.segments.order_by("index")]
    named = {"case": str(follow_up.origin_id or ""), "manifest": manifest(parts).hex()}
    assert seal["ids"] == {"recording": recording, "follow_up": str(follow_up.id), **named}
    assert bytes(row.manifest) == manifest(parts)
    assert seal["seq"] == row.seq


def test_each_recording_has_a_key_of_its_own(upload: Upload, call: bytes) -> None:
    """One call can be destroyed and the others stay; all are bound to the same chart."""
    one, two = (Recording.objects.get(id=upload(call).json()["id"]) for _ in range(2))
    assert one.key.scope == two.key.scope == one.patient.chart.id
    assert (one.key.epoch, two.key.epoch) == (1, 2)
    for recording, wrong in ((one, two.key_id), (two, one.key_id)):
        assert segments.SealedReader(segments.sealed(recording)).readall() == call
        recording.key_id = wrong
        with pytest.raises(Refused):
            segments.SealedReader(segments.sealed(recording)).readall()


def test_the_key_of_what_was_not_kept_is_destroyed(upload: Upload, call: bytes) -> None:
    before = set(WrappedKey.objects.values_list("key", flat=True))
    assert upload(call, consent="").status_code == 422
    assert set(WrappedKey.objects.values_list("key", flat=True)) == before


def test_nothing_of_the_file_or_its_name_is_stored_in_clear(upload: Upload, media: Path) -> None:
    answer = upload(b"RIFF\x00\x00\x00\x00WAVE" + MARKER * 20_000, name="planted-name-9c1e.wav")
    row = Recording.objects.get(id=answer.json()["id"])
    stored = files(media)
    assert len(stored) == 2
    for path in stored:
        data = path.read_bytes()
        assert MARKER not in data
        assert b"planted-name" not in data
    assert b"planted-name" not in bytes(row.name)
    assert not any(MARKER in bytes(leaf.data) or b"planted-name" in bytes(leaf.data) for leaf in Leaf.objects.all())


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"consent": ""}, "recording.no_consent"),
        ({"consent": "written"}, "recording.no_consent"),
        ({"language": "fr"}, "bad_input"),
        ({"client_id": "no spaces please"}, "bad_input"),
    ],
)
def test_what_may_not_be_kept_leaves_nothing_behind(
    upload: Upload, call: bytes, media: Path, fields: dict[str, str], code: str
) -> None:
    answer = upload(call, **fields)
    assert answer.status_code == 422
    assert code_of(answer) == code
    assert files(media) == []
    assert not Recording.objects.exists()
    assert not Leaf.objects.filter(kind__startswith="recording").exists()


@pytest.mark.parametrize("person", ["wang", "li", "chen", "zhao", "qian", "liu", "zhou", "he", "lin"])
def test_nobody_but_the_one_who_was_to_call_may_add_a_recording(upload: Upload, call: bytes, media: Path, person: str) -> None:
    answer = upload(call, by=person)
    assert (answer.status_code, code_of(answer)) == (404, "not_found")
    assert files(media) == []


def test_a_follow_up_that_does_not_exist_answers_like_a_foreign_one(upload: Upload, call: bytes) -> None:
    assert code_of(upload(call, to=uuid4())) == "not_found"


def test_a_foreign_page_cannot_upload(
    upload: Upload, call: bytes, media: Path, follow_up: FollowUp, browser_of: Upload
) -> None:
    client = browser_of("sun").client
    path = f"/api/followups/{follow_up.id}/recordings"
    from django.core.files.uploadedfile import SimpleUploadedFile

    for headers in ({}, {"X-CSRFToken": "x" * 32}, {"Origin": "https://elsewhere.example"}):
        form = {"consent": "spoken", "file": SimpleUploadedFile("call.wav", call)}
        answer = client.post(path, form, headers=headers)
        assert (answer.status_code, code_of(answer)) == (403, "cross_site")
        assert files(media) == []


def test_nobody_signed_in_cannot_upload(upload: Upload, call: bytes, browser_of: Upload, follow_up: FollowUp) -> None:
    browser = browser_of("sun")
    browser.send("delete", "/api/session")
    answer = browser.client.post(f"/api/followups/{follow_up.id}/recordings", {"consent": "spoken"})
    assert (answer.status_code, code_of(answer)) == (401, "signed_out")


def test_an_upload_repeated_after_a_lost_answer_is_one_recording(upload: Upload, call: bytes, media: Path) -> None:
    first = upload(call, client_id="the-same-upload")
    stored = files(media)
    again = upload(call, client_id="the-same-upload")
    assert again.json()["id"] == first.json()["id"]
    assert files(media) == stored
    assert len(leaves("recording.sealed")) == Recording.objects.count() == 1


def test_the_same_id_for_another_recording_is_a_conflict(upload: Upload, call: bytes, media: Path) -> None:
    upload(call, client_id="the-same-upload")
    stored = files(media)
    for other in (flipped(call), call[:-1], call + b"\x00"):
        answer = upload(other, client_id="the-same-upload")
        assert (answer.status_code, code_of(answer)) == (409, "client_id.conflict")
    assert files(media) == stored


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("C:\\fakepath\\wang.wav", "wang.wav"),
        ("../../etc/passwd", "passwd"),
        ("a\x07b\u202egnp.wav", "abgnp.wav"),
        ("长" * 300 + ".m4a", "长" * 196 + ".m4a"),
        ("/", ""),
    ],
)
def test_a_name_loses_directories_and_control_characters(sent: str, kept: str) -> None:
    assert receiving.cleaned(sent) == kept


def test_more_than_200_mb_are_refused_and_nothing_stays(follow_up: FollowUp, media: Path) -> None:
    receiver = CallReceiver(who("sun"), follow_up)
    piece = bytes(8 * 1024 * 1024)
    for _ in range(MAX_BYTES // len(piece)):
        receiver.write(piece)
    with pytest.raises(Refused) as refused:
        receiver.write(b"x")
    assert refused.value.kind.code == "recording.too_large"
    receiver.discard()
    assert files(media) == []


def test_one_person_uploads_a_few_files_at_once_and_no_more(
    upload: Upload, call: bytes, follow_up: FollowUp, media: Path
) -> None:
    whose = id_of("sun")
    for _ in range(uploads.underway.most):
        uploads.underway.begin(whose)
    assert upload(call).status_code == 429
    assert files(media) == []
    for _ in range(uploads.underway.most):
        uploads.underway.end(whose)
    assert {upload(call).status_code for _ in range(uploads.underway.most + 1)} == {201}, "each is over with its request"
    assert len(uploads.underway) == 0


def test_what_a_killed_server_left_behind_is_removed_and_nothing_else(
    upload: Upload, call: bytes, media: Path, follow_up: FollowUp
) -> None:
    import os

    upload(call)
    kept = files(media)
    receiver = CallReceiver(who("sun"), follow_up)
    receiver.write(bytes(600_000))
    assert receiving.clear_abandoned() == 0
    for entry in media.iterdir():
        os.utime(entry, (0, 0))
    assert receiving.clear_abandoned() == 1
    assert files(media) == kept


def test_a_segment_in_anothers_place_does_not_open(upload: Upload, call: bytes) -> None:
    row = Recording.objects.get(id=upload(call * 2).json()["id"])
    source = segments.sealed(row)
    first, second = source.ciphertext(0), source.ciphertext(1)
    right = segments.segment_context(source.key.scope, row.id, row.uploaded_by_id, 1)
    assert unseal(source.key, right, second)
    with pytest.raises(SealBroken):
        unseal(source.key, right, first)
    with pytest.raises(SealBroken):
        unseal(source.key, right._replace(client_id=str(uuid4())), second)
