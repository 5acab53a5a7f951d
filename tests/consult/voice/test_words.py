"""What Wang said becomes text: labelled, corrected beside the original, withheld when it was taken back, never lost."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from uuid import UUID, uuid4

import msgspec
import pytest
from django.utils import timezone

from consult import consultations, protocol, timeline
from consult.conversation import messages, sides, voice
from consult.models import Consultation, Event
from consult.packs import exhibits, export
from records.ledger import tree
from records.ledger.audit import check_chain
from records.ledger.models import Chain, Checkpoint, Leaf
from records.ledger.sequencer import Sequencer
from tests.cast import client_id, code_of, lift_guard, who
from tests.consult.reviewing import granted
from tests.consult.voice.saying import Open, events, files, old, post, retract, sent, served, transcribe, upload
from tests.transcription import sounds
from transcription import jobs, notes, transcripts, work
from transcription.models import Job, Recording, Segment, Transcript

pytestmark = pytest.mark.once


def test_the_words_are_the_machines_act_and_nobodys(browser_of: Open, case: Consultation, said: bytes) -> None:
    note, _ = sent(browser_of("wang"), "wang", case.id, said)
    transcribe(note)
    event = Event.objects.get(thread=case.id, kind="voice.transcribed")
    assert (event.sender, event.client_id) == (None, None)
    assert json.loads(bytes(Leaf.objects.get(chain=case.id, seq=event.seq).data))["actor"] is None
    assert check_chain(case.id).state != "mismatch"
    assert check_chain(case.patient.chart.id).state != "mismatch"


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
    note, _ = sent(browser_of("wang"), "wang", case.id, sounds.encoded(sounds.silence(190)))
    assert transcribe(note).failure == "audio.note_too_long"


def test_a_touched_note_is_neither_played_nor_transcribed(browser_of: Open, case: Consultation, said: bytes) -> None:
    note, _ = sent(browser_of("wang"), "wang", case.id, said)
    Segment.objects.filter(recording__id=note).update(sha256=bytes(32))
    assert code_of(browser_of("zhao").get(f"/api/voice-notes/{note}/audio")) == "recording.damaged"
    assert transcribe(note).failure == "recording.damaged"


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


def test_words_that_come_after_the_case_was_closed_wait_until_it_is_opened_again(
    browser_of: Open, case: Consultation, said: bytes
) -> None:
    """The closing act fixes the last sequence: behind it nothing could be proven complete."""
    wang, zhao = browser_of("wang"), who("zhao")
    note, _ = sent(wang, "wang", case.id, said)
    closed = consultations.close(zhao, protocol.ConsultationClose("1", case.id, client_id(), "好转"))
    assert transcribe(note).state == "done"
    assert voice.sweep()["told"] == 0
    assert Chain.objects.get(id=case.id).last_seq == closed.seq
    assert wang.get(f"/api/voice-notes/{note}").json()["transcript"]["text"], "it can be read all the same"
    correction = {"client_id": client_id(), "text": "早上有点高。"}
    assert code_of(wang.post(f"/api/voice-notes/{note}/correction", correction)) == "consultation.closed_already"
    consultations.reopen(who("wang"), protocol.ConsultationReopen("1", case.id, client_id(), "还有问题"))
    assert voice.sweep()["told"] == 1
    spoken = Event.objects.filter(thread=case.id, sender=who("wang")).last()
    assert spoken is not None
    correction["client_id"] = str(spoken.client_id)
    assert code_of(wang.post(f"/api/voice-notes/{note}/correction", correction)) == "client_id.conflict"


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
    zhou, heard = browser_of("zhou"), "/api/compliance/grants/{}/recordings/{}/audio"
    assert zhou.get(heard.format(granted(case, "conversation", "recordings"), note)).status_code == 404
    assert zhou.get(heard.format(granted(case, "conversation", "recordings", "discussion"), note)).getvalue() == said
    looks = wang.get("/api/charts/me/access").json()
    assert [look["action"]["en"] for look in looks] == ["read a consultation"], "not that there was a note she never heard"


def test_notes_do_not_stand_behind_calls(browser_of: Open, case: Consultation, said: bytes, monkeypatch: Any) -> None:
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(jobs, "send", lambda recording, queue: told.append((str(recording), queue)))
    note, _ = sent(browser_of("wang"), "wang", case.id, said)
    Job.objects.filter(recording__id=note).update(sent_at=timezone.now() - timedelta(seconds=30))
    jobs.sweep()
    assert told == [(note, "voice")]


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


def test_words_that_cannot_be_opened_hold_up_no_others(browser_of: Open, case: Consultation, said: bytes) -> None:
    wang = browser_of("wang")
    (touched, _), (sound, _) = (sent(wang, "wang", case.id, said) for _ in range(2))
    for note in (touched, sound):
        holder = uuid4()
        assert jobs.claim(UUID(note), holder)
        work.run(UUID(note), holder)
    Transcript.objects.filter(recording=UUID(touched)).update(body=b"\x01 not what was sealed")
    assert voice.sweep()["told"] == 1
    assert [Transcript.objects.get(recording=UUID(note)).untold for note in (touched, sound)] == [True, False]


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


@pytest.mark.once
def test_the_list_of_what_is_granted_reads_no_sound_and_checks_the_chart_once(
    browser_of: Open, case: Consultation, said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent_ = [sent(browser_of("wang"), "wang", case.id, said)[0] for _ in range(2)]
    Sequencer().drain()
    read, checked = Mock(), Mock(side_effect=check_chain)
    monkeypatch.setattr("transcription.contents.manifest", read)
    monkeypatch.setattr("consult.oversight.review.check_chain", checked)
    zhou, grant = browser_of("zhou"), granted(case, "recordings")
    listed = zhou.get(f"/api/compliance/grants/{grant}/recordings").json()
    assert [(one["id"], one["integrity"]) for one in listed] == [(note, "verified") for note in sent_]
    assert (read.called, checked.call_count) == (False, 1)
    lift_guard("records_leaf")
    Leaf.objects.filter(chain=case.patient.chart.id, kind="recording.sealed").update(hash=bytes(32))
    listed = zhou.get(f"/api/compliance/grants/{grant}/recordings").json()
    assert [one["integrity"] for one in listed] == ["mismatch"] * 2


def test_the_evidence_pack_holds_the_sound_and_the_words(cast: None, case: Consultation, browser_of: Open, said: bytes) -> None:
    note, _ = sent(browser_of("wang"), "wang", case.id, said)
    transcribe(note)
    unsent = upload(browser_of("wang"), case.id, said).json()["id"]
    pack = export.ask(who("zhou"), granted(case, "conversation", "recordings", "transcripts"))
    Sequencer().drain()
    export.make(pack.id)
    pack.refresh_from_db()
    assert (pack.state, pack.failure) == ("done", "")
    parts = exhibits.assemble(pack, checkpoint()).pack
    assert [str(part.id) for part in parts.recordings] == [note]
    assert unsent not in [str(part.id) for part in parts.recordings]
    assert "语音转写" in [line.kind["zh"] for line in parts.lines]


def checkpoint() -> Checkpoint:
    newest = tree.latest()
    assert newest is not None
    return newest
