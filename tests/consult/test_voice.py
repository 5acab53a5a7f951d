"""Wang says it instead of typing it: her voice reaches Dr Zhao sealed, her words follow, and nobody else hears either."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from consult import exhibits, export, messages, protocol, sides, timeline, voice
from consult.models import Consultation, Event
from records.errors import Refused
from records.ledger import tree
from records.ledger.audit import check_chain
from records.ledger.models import Checkpoint, Leaf
from records.ledger.sequencer import Sequencer
from records.vault import SEGMENT_BYTES
from tests.cast import Browser, client_id, code_of, consultation, who
from tests.consult.reviewing import granted
from tests.transcription import sounds
from transcription import engines, jobs, notes, transcripts, work
from transcription.models import Job, Recording, Segment, Transcript

Open = Callable[[str], Browser]
PEAKS = [0, 40, 100, 25]


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.XINQIAO_MEDIA = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture(autouse=True)
def deterministic(settings: Settings) -> None:
    """Transcribe without a model."""
    engines.ENGINES["deterministic"] = "tests.transcription.deterministic"
    settings.XINQIAO_SPEECH_ENGINE = "deterministic"


@pytest.fixture(scope="session")
def said() -> bytes:
    """What Wang says, as Chromium and Firefox record it."""
    return sounds.encoded(sounds.spoken("It was quite high this morning. I feel a little dizzy."), container="webm")


@pytest.fixture
def case(cast: None) -> Consultation:
    return consultation()


def upload(browser: Browser, thread: UUID, sound: bytes, **fields: Any) -> Any:
    form = {"client_id": client_id(), "duration_s": "4.2", "peaks": json.dumps(PEAKS), **fields}
    token = browser.client.cookies["xinqiao_csrf"].value
    sent = {**form, "file": SimpleUploadedFile("voice.webm", sound)}
    return browser.client.post(f"/api/consultations/{thread}/voice-notes", sent, headers={"X-CSRFToken": token})


def post(key: str, thread: UUID, note: UUID | str, text: str = "", id_: str | None = None) -> int:
    """Send a message that carries the note; returns its sequence number."""
    command = protocol.MessageSend("test", thread, id_ or client_id(), text, voice=UUID(str(note)))
    body = msgspec.json.decode(messages.prepare(who(key), command), type=protocol.Posted)
    with transaction.atomic():
        seq = timeline.append(thread, "message.posted", who(key), body, command.client_id).seq
    assert voice.await_message(UUID(str(note)))
    return seq


def transcribe(note: UUID | str) -> Recording:
    """Do the note's job as a worker would, and hand its text on."""
    recording, holder = Recording.objects.get(id=note), uuid4()
    assert jobs.claim(recording.id, holder)
    work.run(recording.id, holder)
    voice.told(recording.id)
    recording.refresh_from_db()
    return recording


def sent(browser: Browser, key: str, thread: UUID, sound: bytes) -> tuple[str, int]:
    """A note that was uploaded and posted: its id and the message's place."""
    answer = upload(browser, thread, sound)
    assert answer.status_code == 201, answer.content
    note = answer.json()["id"]
    return note, post(key, thread, note)


def events(thread: UUID, kind: str) -> list[Any]:
    return [json.loads(timeline.body_of(row)) for row in Event.objects.filter(thread=thread, kind=kind).order_by("seq")]


def served(thread: UUID) -> list[dict[str, Any]]:
    return [json.loads(frame) for frame in timeline.since(thread, 0).events]


def files(media: Path) -> list[Path]:
    return sorted(path for path in media.rglob("*") if path.is_file())


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


def test_the_words_are_the_machines_act_and_nobodys(browser_of: Open, case: Consultation, said: bytes) -> None:
    note, _ = sent(browser_of("wang"), "wang", case.id, said)
    transcribe(note)
    event = Event.objects.get(thread=case.id, kind="voice.transcribed")
    assert (event.sender, event.client_id) == (None, None)
    assert json.loads(bytes(Leaf.objects.get(chain=case.id, seq=event.seq).data))["actor"] is None
    assert check_chain(case.id).state != "mismatch"
    assert check_chain(case.patient.chart.id).state != "mismatch"


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


@pytest.mark.parametrize("person", ["wu", "li", "chen", "qian", "sun", "liu", "zhou", "he", "lin"])
def test_an_outsider_finds_nothing(browser_of: Open, case: Consultation, said: bytes, person: str) -> None:
    note, _ = sent(browser_of("wang"), "wang", case.id, said)
    outsider = browser_of(person)
    for path in ("", "/audio"):
        answer = outsider.get(f"/api/voice-notes/{note}{path}")
        assert (answer.status_code, code_of(answer)) == (404, "not_found")
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
    other = upload(wang, case.id, said[:-1] + b"x", client_id="the-same-note")
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


def test_wang_puts_her_words_right_and_both_stay(browser_of: Open, case: Consultation, said: bytes) -> None:
    wang, zhao = browser_of("wang"), browser_of("zhao")
    note, seq = sent(wang, "wang", case.id, said)
    path, right = f"/api/voice-notes/{note}/correction", {"client_id": client_id(), "text": "早上有点高，头有点晕。"}
    assert code_of(wang.post(path, right)) == "voice.not_transcribed_yet"
    transcribe(note)
    assert wang.post(path, right).json() == {"version": 2}
    assert wang.post(path, right).json() == {"version": 2}, "the answer was lost, and she tapped again"
    assert code_of(wang.post(path, {**right, "text": "另一句"})) == "client_id.conflict"
    assert zhao.post(path, {"client_id": client_id(), "text": "x"}).status_code == 404
    machine, person = events(case.id, "voice.transcribed")
    assert (machine["machine"], machine["version"]) == (True, 1)
    assert person == {**machine, "version": 2, "text": right["text"], "machine": False, "low": []}
    assert Event.objects.get(thread=case.id, kind="voice.transcribed", sender=who("wang")).client_id == right["client_id"]
    assert person["of"] == seq
    kept = Transcript.objects.filter(recording__id=note).order_by("version")
    assert [transcripts.opened(row)["segments"][0]["text"] for row in kept][1] == right["text"]
    assert zhao.get(f"/api/voice-notes/{note}").json()["transcript"]["machine"] is False


def test_silence_is_said_to_be_silence_and_may_be_written_over(browser_of: Open, case: Consultation) -> None:
    wang = browser_of("wang")
    note, _ = sent(wang, "wang", case.id, sounds.encoded(sounds.silence(3), container="webm"))
    assert transcribe(note).failure == "audio.silent"
    assert events(case.id, "voice.transcribed") == []
    shown = wang.get(f"/api/voice-notes/{note}").json()
    assert (shown["state"], shown["failure"]["code"], shown["transcript"]) == ("failed", "audio.silent", None)
    assert wang.post(f"/api/voice-notes/{note}/correction", {"client_id": client_id(), "text": "我说得很轻"}).status_code == 200
    assert [event["text"] for event in events(case.id, "voice.transcribed")] == ["我说得很轻"]


def test_a_damaged_note_has_a_named_state_and_stays_in_the_conversation(
    browser_of: Open, case: Consultation, said: bytes
) -> None:
    note, seq = sent(browser_of("wang"), "wang", case.id, said[:60] + bytes(400))
    done = transcribe(note)
    assert (done.state, done.failure) == ("failed", "audio.unreadable")
    assert next(event for event in served(case.id) if event["seq"] == seq)["body"]["voice"]["id"] == note
    assert browser_of("zhao").get(f"/api/voice-notes/{note}/audio").status_code == 200


def test_a_note_longer_than_it_says_is_played_and_not_transcribed(browser_of: Open, case: Consultation) -> None:
    note, _ = sent(browser_of("wang"), "wang", case.id, sounds.encoded(sounds.silence(200), container="ogg"))
    assert transcribe(note).failure == "audio.note_too_long"


def test_a_touched_note_is_neither_played_nor_transcribed(browser_of: Open, case: Consultation, said: bytes) -> None:
    note, _ = sent(browser_of("wang"), "wang", case.id, said)
    Segment.objects.filter(recording__id=note).update(sha256=bytes(32))
    assert code_of(browser_of("zhao").get(f"/api/voice-notes/{note}/audio")) == "recording.damaged"
    assert transcribe(note).failure == "recording.damaged"


def retract(key: str, thread: UUID, seq: int) -> None:
    messages.retract(who(key), protocol.MessageRetract("1", thread, client_id(), seq))


def test_a_note_taken_back_is_neither_heard_nor_read(browser_of: Open, case: Consultation, said: bytes) -> None:
    note, seq = sent(browser_of("wang"), "wang", case.id, said)
    transcribe(note)
    text = events(case.id, "voice.transcribed")[0]["text"]
    retract("wang", case.id, seq)
    for key in ("zhao", "wang"):
        for path in ("", "/audio"):
            assert browser_of(key).get(f"/api/voice-notes/{note}{path}").status_code == 404
    assert text not in json.dumps(served(case.id)), "its words went with it"
    assert events(case.id, "voice.transcribed")[0]["text"] == text, "the record has them"


def test_words_that_come_after_the_note_was_taken_back_are_not_told(browser_of: Open, case: Consultation, said: bytes) -> None:
    note, seq = sent(browser_of("wang"), "wang", case.id, said)
    retract("wang", case.id, seq)
    assert transcribe(note).state == "done"
    assert events(case.id, "voice.transcribed") == []
    assert voice.sweep()["told"] == 0


def test_what_colleagues_say_beside_the_case_stays_theirs(browser_of: Open, case: Consultation, said: bytes) -> None:
    side, _ = sides.open_beside(who("zhao"), protocol.SideOpen("1", case.id, client_id()))
    note, seq = sent(browser_of("zhao"), "zhao", side, said)
    transcribe(note)
    assert events(side, "voice.transcribed")[0]["of"] == seq
    assert events(case.id, "voice.transcribed") == []
    wang = browser_of("wang")
    assert upload(wang, side, said).status_code == 404
    for path in (f"/api/voice-notes/{note}", f"/api/voice-notes/{note}/audio", f"/api/recordings/{note}"):
        assert wang.get(path).status_code == 404
    assert note not in wang.get(f"/api/charts/{case.patient_id}").content.decode()


def test_a_closed_case_takes_no_note(browser_of: Open, said: bytes, cast: None, media: Path) -> None:
    case = consultation(said=(("zhao", "您好"),), summary="好转")
    answer = upload(browser_of("wang"), case.id, said)
    assert (answer.status_code, code_of(answer)) == (409, "consultation.closed_already")
    assert files(media) == []


def test_notes_do_not_stand_behind_calls(browser_of: Open, case: Consultation, said: bytes, monkeypatch: Any) -> None:
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(jobs, "send", lambda recording, queue: told.append((str(recording), queue)))
    note, _ = sent(browser_of("wang"), "wang", case.id, said)
    Job.objects.filter(recording__id=note).update(sent_at=timezone.now() - timedelta(seconds=30))
    jobs.sweep()
    assert told == [(note, "voice")]


def old(note: str, **ago: float) -> None:
    then = timezone.now() - timedelta(**ago)
    row = Recording.objects.filter(id=note)
    row.update(created_at=then)
    row.filter(message__isnull=False).update(message_at=then)


def test_the_sweep_finds_what_was_lost_and_says_it_once(browser_of: Open, case: Consultation, said: bytes) -> None:
    note = upload(browser_of("wang"), case.id, said).json()["id"]
    command = protocol.MessageSend("1", case.id, client_id(), "", voice=UUID(note))
    body = msgspec.json.decode(messages.prepare(who("wang"), command), type=protocol.Posted)
    assert voice.sweep() == {"posted": 0, "removed": 0, "told": 0}, "its message is on the way"
    timeline.append(case.id, "message.posted", who("wang"), body, command.client_id)
    assert voice.sweep()["posted"] == 1
    assert not notes.posted(UUID(note))
    holder = uuid4()
    assert jobs.claim(UUID(note), holder)
    work.run(UUID(note), holder)
    assert voice.sweep()["told"] == 1
    assert (voice.sweep()["told"], voice.told(UUID(note))) == (0, 0)
    assert len(events(case.id, "voice.transcribed")) == 1
    assert Leaf.objects.filter(kind="recording.sealed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_nobody_sends_is_gone_after_a_day_and_left_no_trace(
    browser_of: Open, case: Consultation, said: bytes, media: Path
) -> None:
    wang = browser_of("wang")
    unsent, refused, posted = (upload(wang, case.id, said).json()["id"] for _ in range(3))
    leaves = Leaf.objects.count()
    messages.prepare(who("wang"), protocol.MessageSend("1", case.id, client_id(), "", voice=UUID(refused)))
    post("wang", case.id, posted)
    for note in (unsent, refused, posted):
        old(note, hours=23)
    assert (notes.clear_unsent(), voice.sweep()["removed"]) == (0, 0)
    for note in (unsent, refused, posted):
        old(note, hours=25)
    assert (notes.clear_unsent(), voice.sweep()["removed"]) == (1, 1)
    assert [str(row.id) for row in Recording.objects.all()] == [posted]
    assert {path.parent.name for path in files(media)} == {posted}
    assert Leaf.objects.count() == leaves + 2, "the message and the seal of what was posted"


def test_a_reviewer_hears_it_only_under_a_grant_and_wang_sees_that(browser_of: Open, case: Consultation, said: bytes) -> None:
    note, seq = sent(browser_of("wang"), "wang", case.id, said)
    transcribe(note)
    retract("wang", case.id, seq)
    zhou = browser_of("zhou")
    narrow = f"/api/compliance/grants/{granted(case, 'conversation')}/recordings"
    assert zhou.get(f"{narrow}/{note}/audio").status_code == 404
    wide = f"/api/compliance/grants/{granted(case, 'recordings', 'transcripts')}/recordings"
    (listed,) = zhou.get(wide).json()
    assert (listed["id"], listed["uploaded_by"]["name"], listed["integrity"]) == (note, "王秀兰", "pending")
    assert zhou.get(f"{wide}/{note}/audio").getvalue() == said, "what was taken back stays in the record"
    assert zhou.get(f"{wide}/{note}/transcript").json()["machine"] is True
    looks = browser_of("wang").get("/api/charts/me/access").json()
    assert "听了语音留言" in [look["action"]["zh"] for look in looks]


def test_the_evidence_pack_holds_the_sound_and_the_words(cast: None, case: Consultation, browser_of: Open, said: bytes) -> None:
    note, _ = sent(browser_of("wang"), "wang", case.id, said)
    transcribe(note)
    unsent = upload(browser_of("wang"), case.id, said).json()["id"]
    pack = export.ask(who("zhou"), granted(case, "conversation", "recordings", "transcripts"))
    Sequencer().drain()
    export.make(pack.id)
    pack.refresh_from_db()
    assert (pack.state, pack.failure) == ("done", "")
    parts = exhibits.assemble(pack.grant, checkpoint()).pack
    assert [str(part.id) for part in parts.recordings] == [note]
    assert unsent not in [str(part.id) for part in parts.recordings]
    assert "语音转写" in [line.kind["zh"] for line in parts.lines]


def checkpoint() -> Checkpoint:
    newest = tree.latest()
    assert newest is not None
    return newest
