"""What was said, and what Nurse Sun put right: versions side by side, sealed, each with its leaf."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from records.ledger.models import Leaf
from records.vault import SealBroken
from tests.cast import Browser, code_of
from tests.transcription.conftest import transcribed
from transcription import transcripts
from transcription.models import Recording, Transcript

pytestmark = [pytest.mark.usefixtures("deterministic"), pytest.mark.once]


@pytest.fixture
def recording(recording_of: Callable[..., Recording], call: bytes) -> Recording:
    return transcribed(recording_of(call))


@pytest.fixture
def sun(browser_of: Callable[[str], Browser]) -> Browser:
    return browser_of("sun")


def leaf(kind: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(bytes(Leaf.objects.filter(kind=kind).latest("id").data))
    return data


LINE = {"segment": 0, "text": "早上好，王阿姨。"}


def correction(**changed: Any) -> dict[str, Any]:
    """One line of version 1, unless told otherwise: fields of the line, or of the whole."""
    line = {**LINE, **{name: changed.pop(name) for name in LINE if name in changed}}
    return {"client_id": "first-correction", "based_on": 1, "edits": [line], **changed}


def correct(browser: Browser, recording: Recording, **changed: Any) -> Any:
    return browser.post(f"/api/recordings/{recording.id}/transcript/corrections", correction(**changed))


def read(browser: Browser, recording: Recording, version: int | None = None) -> Any:
    query = f"?version={version}" if version else ""
    return browser.get(f"/api/recordings/{recording.id}/transcript{query}").json()


def test_the_machines_version_says_that_it_is_one_and_by_which_model(sun: Browser, recording: Recording) -> None:
    shown = read(sun, recording)
    assert (shown["version"], shown["machine"], shown["author"]) == (1, True, None)
    assert (shown["engine"], shown["model"], shown["model_version"]) == ("deterministic", "numbered", "1")
    assert "机器转写" in shown["label"]["zh"]
    assert "Machine transcript" in shown["label"]["en"]
    assert shown["coverage"]["speech_s"] == pytest.approx(shown["coverage"]["covered_s"])
    assert {line["speaker"] for line in shown["segments"]} == {"channel-1", "channel-2"}
    for line in shown["segments"]:
        assert "".join(word["text"] for word in line["words"]).strip() == line["text"]
        assert line["start"] <= line["words"][0]["start"] <= line["words"][-1]["end"] <= line["end"]
        assert 0 <= line["confidence"] <= 1
    starts = [line["start"] for line in shown["segments"]]
    assert starts == sorted(starts)


def test_its_leaf_carries_audio_model_and_text(recording: Recording) -> None:
    made, row = leaf("transcript.made"), recording.transcripts.get()
    assert made["content"] == hashlib.sha256(bytes(row.body)).hexdigest()
    assert made["ids"] == {
        "recording": str(recording.id),
        "audio": bytes(recording.manifest).hex(),
        "engine": "deterministic",
        "model": "numbered",
        "model_version": "1",
        "version": "1",
    }
    assert (made["actor"], made["seq"]) == (None, row.seq)


def test_a_correction_is_a_version_beside_the_original(sun: Browser, recording: Recording) -> None:
    machine = read(sun, recording)
    assert correct(sun, recording).json() == {"version": 2}
    shown = read(sun, recording)
    assert (shown["version"], shown["machine"], shown["author"]["name"]) == (2, False, "孙莉")
    assert shown["segments"][0]["text"] == "早上好，王阿姨。"
    assert shown["segments"][0]["start"] == machine["segments"][0]["start"]
    assert shown["segments"][1:] == machine["segments"][1:]
    assert read(sun, recording, version=1) == machine
    versions = sun.get(f"/api/recordings/{recording.id}").json()["transcripts"]
    assert [(item["version"], item["author"] and item["author"]["name"]) for item in versions] == [(1, None), (2, "孙莉")]
    corrected = leaf("transcript.corrected")
    assert (corrected["ids"]["version"], corrected["ids"]["based_on"]) == ("2", "1")
    assert corrected["content"] == hashlib.sha256(bytes(recording.transcripts.get(version=2).body)).hexdigest()


def test_a_correction_of_an_old_version_is_a_conflict(
    sun: Browser, browser_of: Callable[[str], Browser], recording: Recording
) -> None:
    correct(sun, recording)
    late = correct(browser_of("zhao"), recording, client_id="doctors-correction")
    assert (late.status_code, code_of(late)) == (409, "transcript.superseded")
    assert correct(browser_of("zhao"), recording, client_id="doctors-correction", based_on=2, segment=1).json() == {
        "version": 3
    }


def test_a_correction_sent_twice_is_one_version(sun: Browser, recording: Recording) -> None:
    assert correct(sun, recording).json() == correct(sun, recording).json() == {"version": 2}
    other = correct(sun, recording, text="晚上好。")
    assert (other.status_code, code_of(other)) == (409, "client_id.conflict")
    assert Transcript.objects.filter(recording=recording).count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"segment": 999},
        {"segment": -1},
        {"text": ""},
        {"text": "x" * 2001},
        {"text": "\x00"},
        {"client_id": "short"},
        {"more": 1},
        {"edits": []},
        {"edits": [{"segment": 0, "accepted": [99]}]},
        {"edits": [{"segment": 0, "speaker": "Nurse Sun"}]},
        {"speakers": {"channel-1": "x" * 81}},
    ],
)
def test_bad_corrections_are_refused_with_the_field(sun: Browser, recording: Recording, wrong: dict[str, Any]) -> None:
    answer = correct(sun, recording, **wrong)
    assert (answer.status_code, code_of(answer)) == (422, "bad_input"), answer.content
    (field,) = answer.json()["fields"]
    assert field.rpartition(".")[2] in {*wrong, "accepted", "speaker", "channel-1"}
    assert recording.transcripts.count() == 1


@pytest.mark.parametrize("person", ["wang", "li", "chen", "qian", "liu", "zhou", "he", "lin"])
def test_only_the_care_team_corrects(recording: Recording, browser_of: Callable[[str], Browser], person: str) -> None:
    answer = correct(browser_of(person), recording)
    assert (answer.status_code, code_of(answer)) == (404, "not_found")


def test_wang_reads_what_was_said(recording: Recording, browser_of: Callable[[str], Browser]) -> None:
    assert read(browser_of("wang"), recording)["segments"]


def test_a_version_that_does_not_exist_is_not_found(sun: Browser, recording: Recording) -> None:
    for version in ("7", "99999999999", "0", "abc"):
        answer = sun.get(f"/api/recordings/{recording.id}/transcript?version={version}")
        assert answer.status_code in {404, 422}, version


def test_no_text_is_stored_in_clear_and_no_version_opens_in_anothers_place(sun: Browser, recording: Recording) -> None:
    correct(sun, recording)
    first, second = recording.transcripts.order_by("version")
    # Two letters alone stand in a ciphertext now and then, by chance.
    assert "w1 w2" in str(transcripts.opened(first)["segments"])
    assert b"w1 w2" not in bytes(first.body)
    assert "早上好".encode() not in bytes(second.body)
    assert transcripts.opened(second)["segments"][0]["text"] == "早上好，王阿姨。"
    first.body, second.body = second.body, first.body
    for row in (first, second):
        with pytest.raises(SealBroken):
            transcripts.opened(row)


def test_the_list_of_calls_shows_how_far_each_recording_is(sun: Browser, recording: Recording) -> None:
    (listed,) = sun.get("/api/followups").json()
    assert listed["patient"]["name"] == "王秀兰"
    (shown,) = listed["recordings"]
    assert (shown["state"], shown["language"], shown["lines"]) == ("done", "en", recording.transcripts.get().lines)
    assert shown["duration_s"] == pytest.approx(recording.duration_s)


def test_a_call_is_planned_by_the_care_team_alone(browser_of: Callable[[str], Browser], cast: None) -> None:
    from tests.cast import id_of

    plan = {"patient": str(id_of("wang")), "title": "一周后复查血压", "due_at": "2026-12-01T01:00:00Z"}
    made = browser_of("zhao").post("/api/followups", plan)
    assert made.status_code == 201, made.content
    assert (made.json()["title"]["zh"], made.json()["state"]) == ("一周后复查血压", "due")
    assert leaf("follow_up.planned")["ids"] == {"follow_up": made.json()["id"]}
    for person in ("qian", "liu", "wang", "chen", "zhou", "lin"):
        assert code_of(browser_of(person).post("/api/followups", plan)) == "not_found"
    assert [row["id"] for row in browser_of("zhao").get("/api/followups").json()] == [made.json()["id"]]
    assert browser_of("liu").get("/api/followups").json() == []
    assert browser_of("wang").get("/api/followups").status_code == 404
