"""Wang says it instead of typing it: her voice reaches Dr Zhao sealed, once, and nobody else hears it."""

import json
from pathlib import Path
from uuid import UUID

import pytest

from consult import protocol
from consult.conversation import messages
from consult.models import Consultation
from records.errors import Refused
from records.vault import SEGMENT_BYTES
from tests.cast import client_id, code_of, consultation, flipped, who
from tests.consult.voice.saying import PEAKS, Open, events, files, post, sent, transcribe, upload
from tests.transcription import sounds
from transcription import notes
from transcription.models import Recording

pytestmark = pytest.mark.once


def test_a_note_is_sealed_sent_heard_and_read(browser_of: Open, case: Consultation, said: bytes, media: Path) -> None:
    wang, zhao = browser_of("wang"), browser_of("zhao")
    made = upload(wang, case.id, said).json()
    assert (made["duration_s"], made["peaks"], made["state"]) == (4.2, PEAKS, "unsent")
    assert not any(said[100:164] in path.read_bytes() for path in files(media))
    seq = post("wang", case.id, made["id"])
    (posted,) = events(case.id, "message.posted")
    assert posted["voice"] == {name: made[name] for name in ("id", "duration_s", "peaks", "sha256")}
    assert zhao.get(f"/api/voice-notes/{made['id']}").json()["state"] == "queued"
    transcribe(made["id"])
    (text,) = events(case.id, "voice.transcribed")
    assert (text["of"], text["version"], text["machine"], text["engine"]) == (seq, 1, True, "deterministic")
    assert text["text"].startswith("w0 w1 w2")
    assert text["low"][0] == [0, 2], "the engine doubts every word"
    shown = zhao.get(f"/api/voice-notes/{made['id']}").json()
    assert (shown["state"], shown["progress"], shown["transcript"]["text"]) == ("done", 1.0, text["text"])
    assert zhao.get(f"/api/voice-notes/{made['id']}/audio").getvalue() == said


def test_a_range_is_answered_exactly(browser_of: Open, case: Consultation) -> None:
    sound = sounds.encoded(sounds.tone(12), container="wav")
    assert len(sound) > SEGMENT_BYTES + 100
    note, _ = sent(browser_of("wang"), "wang", case.id, sound)
    zhao, path = browser_of("zhao"), f"/api/voice-notes/{note}/audio"
    seam = f"bytes={SEGMENT_BYTES - 3}-{SEGMENT_BYTES + 4}"
    part = zhao.get(path, Range=seam)
    assert (part.status_code, part["Content-Range"]) == (206, f"bytes {SEGMENT_BYTES - 3}-{SEGMENT_BYTES + 4}/{len(sound)}")
    assert part.getvalue() == sound[SEGMENT_BYTES - 3 : SEGMENT_BYTES + 5]
    assert zhao.get(path, Range=f"bytes={len(sound)}-").status_code == 416


def test_an_outsider_finds_nothing(browser_of: Open, case: Consultation, said: bytes) -> None:
    note, _ = sent(browser_of("wang"), "wang", case.id, said)
    for person in ("wu", "li", "chen", "qian", "sun", "liu", "zhou", "he", "lin"):
        outsider = browser_of(person)
        for path in ("", "/audio"):
            answer = outsider.get(f"/api/voice-notes/{note}{path}")
            assert (person, answer.status_code, code_of(answer)) == (person, 404, "not_found")
            assert outsider.get(f"/api/recordings/{note}{path}").status_code == 404
        assert upload(outsider, case.id, said).status_code == 404
        correction = outsider.post(f"/api/voice-notes/{note}/correction", {"client_id": client_id(), "text": "x"})
        assert correction.status_code == 404


def test_an_ended_session_hears_nothing_more(browser_of: Open, case: Consultation, said: bytes) -> None:
    note, _ = sent(browser_of("wang"), "wang", case.id, said)
    zhao = browser_of("zhao")
    zhao.send("delete", "/api/session")
    assert zhao.get(f"/api/voice-notes/{note}/audio").status_code == 401


def test_before_it_is_sent_only_wang_hears_it(browser_of: Open, case: Consultation, said: bytes) -> None:
    wang = browser_of("wang")
    note = upload(wang, case.id, said).json()["id"]
    assert wang.get(f"/api/voice-notes/{note}/audio").status_code == 200
    assert browser_of("zhao").get(f"/api/voice-notes/{note}/audio").status_code == 404


def test_a_call_recording_is_no_voice_note_and_a_voice_note_no_call(browser_of: Open, case: Consultation, said: bytes) -> None:
    note, _ = sent(browser_of("wang"), "wang", case.id, said)
    for path in ("", "/audio", "/transcript"):
        assert browser_of("wang").get(f"/api/recordings/{note}{path}").status_code == 404
    chart = browser_of("zhao").get(f"/api/charts/{case.patient_id}").json()
    assert [item for item in chart["timeline"] if item["kind"] == "recording"] == []


def test_a_repeated_upload_is_one_note(browser_of: Open, case: Consultation, said: bytes, media: Path) -> None:
    wang = browser_of("wang")
    first = upload(wang, case.id, said, client_id="the-same-note")
    stored = files(media)
    again = upload(wang, case.id, said, client_id="the-same-note")
    assert (again.status_code, again.json()) == (201, first.json())
    assert files(media) == stored
    other = upload(wang, case.id, flipped(said), client_id="the-same-note")
    assert (other.status_code, code_of(other)) == (409, "client_id.conflict")


def test_a_repeated_message_is_the_same_and_another_message_cannot_have_the_note(
    browser_of: Open, case: Consultation, said: bytes
) -> None:
    note = upload(browser_of("wang"), case.id, said).json()["id"]
    command = protocol.MessageSend("1", case.id, "the-same-message", "", voice=UUID(note))
    body = messages.prepare(who("wang"), command)
    post("wang", case.id, note, id_="the-same-message")
    transcribe(note)
    assert messages.prepare(who("wang"), command) == body, "transcribing it changes nothing of the message"
    with pytest.raises(Refused) as refused:
        post("wang", case.id, note)
    assert refused.value.kind.code == "voice.sent_already"


def test_a_note_belongs_to_its_speaker_and_its_thread(browser_of: Open, case: Consultation, said: bytes) -> None:
    note = upload(browser_of("wang"), case.id, said).json()["id"]
    elsewhere = consultation()
    for key, thread in (("zhao", case.id), ("wang", elsewhere.id)):
        with pytest.raises(Refused) as refused:
            post(key, thread, note)
        assert refused.value.kind.code == "not_found"


@pytest.mark.parametrize("container", ["webm", "ogg", "m4a", "wav"])
def test_what_every_browser_records_is_taken_and_transcribed(browser_of: Open, case: Consultation, container: str) -> None:
    sound = sounds.encoded(sounds.spoken("I feel dizzy."), container=container)
    note, _ = sent(browser_of("wang"), "wang", case.id, sound)
    assert transcribe(note).state == "done"


@pytest.mark.parametrize(
    ("sound", "fields", "code"),
    [
        (b"", {}, "voice.type"),
        (b"<svg onload=alert(1)>", {}, "voice.type"),
        (b"fLaC" + bytes(60), {}, "voice.type"),
        (b"RIFF\0\0\0\0WAVE", {"duration_s": "185.1"}, "voice.too_long"),
        (b"RIFF\0\0\0\0WAVE", {"duration_s": "-1"}, "voice.too_long"),
        (b"RIFF\0\0\0\0WAVE", {"duration_s": "nan"}, "voice.too_long"),
        (b"RIFF\0\0\0\0WAVE", {"peaks": "[101]"}, "bad_input"),
        (b"RIFF\0\0\0\0WAVE", {"peaks": json.dumps([1] * 65)}, "bad_input"),
        (b"RIFF\0\0\0\0WAVE", {"peaks": "loud"}, "bad_input"),
        (b"RIFF\0\0\0\0WAVE", {"client_id": "short"}, "bad_input"),
        (b"RIFF\0\0\0\0WAVE" + bytes(notes.MAX_BYTES), {}, "voice.too_large"),
    ],
)
def test_what_may_not_be_kept_leaves_nothing_behind(
    browser_of: Open, case: Consultation, media: Path, sound: bytes, fields: dict[str, str], code: str
) -> None:
    answer = upload(browser_of("wang"), case.id, sound, **fields)
    assert (answer.status_code in {413, 422}, code_of(answer)) == (True, code)
    assert files(media) == []
    assert not Recording.objects.exists()


def test_a_closed_case_takes_no_note(browser_of: Open, said: bytes, cast: None, media: Path) -> None:
    case = consultation(said=(("zhao", "您好"),), summary="好转")
    answer = upload(browser_of("wang"), case.id, said)
    assert (answer.status_code, code_of(answer)) == (409, "consultation.closed_already")
    assert files(media) == []


def test_who_sends_none_of_them_cannot_fill_the_disk(browser_of: Open, case: Consultation, said: bytes) -> None:
    wang = browser_of("wang")
    for _ in range(notes.MOST_UNSENT):
        assert upload(wang, case.id, said).status_code == 201
    refused = upload(wang, case.id, said)
    assert (refused.status_code, code_of(refused), refused.json()["retry"]) == (429, "too_many", True)
