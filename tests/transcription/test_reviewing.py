"""Nurse Sun reviews a transcript: words keep their times, speakers get names, doubts are settled, and she signs with her name."""

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from records import charts
from records.ledger.models import Leaf
from tests.cast import Browser, code_of, who
from tests.transcription.conftest import transcribed
from transcription import erasing, finding, peaks, transcripts
from transcription.models import Recording, ReviewDraft, SignOff
from transcription.revisions import realigned

pytestmark = [pytest.mark.usefixtures("deterministic"), pytest.mark.once]


@pytest.fixture
def recording(recording_of: Callable[..., Recording], call: bytes) -> Recording:
    return transcribed(recording_of(call))


@pytest.fixture
def sun(browser_of: Callable[[str], Browser]) -> Browser:
    return browser_of("sun")


def revise(browser: Browser, recording: Recording, based_on: int, *edits: dict[str, Any], **more: Any) -> Any:
    body = {"client_id": f"revision-{based_on}", "based_on": based_on, "edits": edits, **more}
    return browser.post(f"/api/recordings/{recording.id}/transcript/corrections", body)


def sign(browser: Browser, recording: Recording, version: int, left: int, *, speakers: bool = True) -> Any:
    body = {"version": version, "doubts_left": left, "speakers_confirmed": speakers}
    return browser.post(f"/api/recordings/{recording.id}/transcript/sign-off", body)


def read(browser: Browser, recording: Recording) -> Any:
    return browser.get(f"/api/recordings/{recording.id}/transcript").json()


def word(text: str, start: float, end: float) -> dict[str, Any]:
    return {"text": text, "start": start, "end": end, "confidence": 0.4}


ENGLISH = [word(" I", 1.0, 1.1), word(" have", 1.1, 1.4), word(" test", 1.5, 1.8), word(" pain.", 1.9, 2.3)]
CHINESE = [word("有", 4.0, 4.2), word("点", 4.2, 4.4), word("红", 4.6, 4.8), word("，", 4.8, 4.8), word("疼", 5.0, 5.2)]


@pytest.mark.parametrize(
    ("words", "text", "times"),
    [
        (ENGLISH, "I have chest pain.", {"chest": (1.4, 1.9), "pain.": (1.9, 2.3), "I": (1.0, 1.1)}),
        (ENGLISH, "I have pain.", {"pain.": (1.9, 2.3), "have": (1.1, 1.4)}),
        (ENGLISH, "Now I have test pains.", {"Now": (1.0, 1.0), "test": (1.5, 1.8), "pains": (1.8, 2.38)}),
        (CHINESE, "有一点红肿，疼", {"一": (4.2, 4.2), "点": (4.2, 4.4), "肿": (4.8, 4.8), "疼": (5.0, 5.2)}),
        ([], "全部重写", {"全": (1.0, 1.38), "写": (2.12, 2.5)}),
    ],
)
def test_words_keep_their_times_through_a_change_of_the_text(
    words: list[dict[str, Any]], text: str, times: dict[str, tuple[float, float]]
) -> None:
    start, end = (4.0, 5.2) if words is CHINESE else (1.0, 2.5)
    found = realigned(words, text, start, end)
    assert "".join(one["text"] for one in found) == text, "the words are the text"
    heard = {one["text"].strip(): (one["start"], one["end"]) for one in found}
    for said, when in times.items():
        assert heard[said] == pytest.approx(when, abs=0.02), said
    starts = [one["start"] for one in found]
    assert starts == sorted(starts)
    old = {one["text"].strip() for one in words}
    assert all(one["confidence"] == (0.4 if one["text"].strip() in old else 1.0) for one in found)


def test_one_version_holds_all_that_she_changed_at_once(sun: Browser, recording: Recording) -> None:
    machine = read(sun, recording)
    last = machine["segments"][-1]
    edits = (
        {"segment": 0, "text": "Good morning, w1.", "accepted": [0]},
        {"segment": last["id"], "speaker": "person-3"},
    )
    names = {"channel-1": "孙护士", "channel-2": "王秀兰", "person-3": "女儿"}
    assert revise(sun, recording, 1, *edits, speakers=names).json() == {"version": 2}
    assert revise(sun, recording, 1, *edits, speakers=names).json() == {"version": 2}, "sent twice, it is one"
    shown = read(sun, recording)
    assert [shown["segments"][0][name] for name in ("text", "speaker_name")] == ["Good morning, w1.", "孙护士"]
    assert [shown["segments"][-1][name] for name in ("speaker", "speaker_name")] == ["person-3", "女儿"]
    kept = next(one for one in shown["segments"][0]["words"] if "w1" in one["text"])
    then = next(one for one in machine["segments"][0]["words"] if "w1" in one["text"])
    assert (kept["start"], kept["confidence"]) == (then["start"], then["confidence"])
    assert shown["segments"][-1]["words"] == last["words"]
    assert revise(sun, recording, 2, {"segment": last["id"], "accepted": [0]}).json() == {"version": 3}
    again = read(sun, recording)
    assert (again["segments"][-1]["words"][0]["confidence"], again["segments"][0]["speaker_name"]) == (1.0, "孙护士")


def test_she_signs_a_version_off_and_it_counts_from_then_on(sun: Browser, recording: Recording) -> None:
    page = f"/api/recordings/{recording.id}"
    assert (sun.get(page).json()["official"], sun.get(page).json()["transcripts"][0]["signed"]) == (1, None)
    first = read(sun, recording)["segments"][0]
    revise(sun, recording, 1, {"segment": first["id"], "accepted": list(range(len(first["words"])))})
    left = sum(len(line["words"]) for line in read(sun, recording)["segments"]) - len(first["words"])
    assert code_of(sign(sun, recording, 2, left - 1)) == "transcript.unchecked"
    assert code_of(sign(sun, recording, 2, left, speakers=False)) == "transcript.unchecked"
    assert code_of(sign(sun, recording, 1, left)) == "transcript.superseded"
    assert SignOff.objects.count() == 0
    signed = sign(sun, recording, 2, left).json()
    assert (signed["official"], signed["transcripts"][1]["signed"]["person"]["name"]) == (2, "孙莉")
    assert signed["transcripts"][1]["signed"]["doubts_left"] == left
    assert sign(sun, recording, 2, left).json() == signed, "twice is once"
    said = json.loads(bytes(Leaf.objects.get(kind="transcript.signed").data))
    row = recording.transcripts.get(version=2)
    assert (said["actor"], said["ids"]["transcript"], said["ids"]["doubts_left"]) == (
        str(who("sun").id),
        str(row.seq),
        str(left),
    )
    assert "孙莉" in read(sun, recording)["label"]["zh"]
    revise(sun, recording, 2, {"segment": first["id"], "text": "Good morning."})
    assert sun.get(page).json()["official"] == 2, "what is changed later counts only once it is signed"
    assert "尚未审校完成" in read(sun, recording)["label"]["zh"]


def test_a_colleague_does_not_sign_what_is_signed(
    sun: Browser, browser_of: Callable[[str], Browser], recording: Recording
) -> None:
    left = sum(len(line["words"]) for line in read(sun, recording)["segments"])
    Recording.objects.filter(id=recording.id).update(state=Recording.State.NEEDS_REVIEW)
    assert sign(sun, recording, 1, left).json()["state"] == "done"
    assert code_of(sign(browser_of("zhao"), recording, 1, left)) == "transcript.signed"
    assert code_of(sign(browser_of("wang"), recording, 1, left)) == "not_found"


def test_what_she_has_begun_follows_her_and_is_sealed(
    sun: Browser, browser_of: Callable[[str], Browser], recording: Recording
) -> None:
    address = f"/api/recordings/{recording.id}/transcript/draft"
    assert sun.get(address).json() == {"text": "", "version": 0}
    begun = {"text": '{"lines":{"0":{"text":"早上好"}}}', "version": 0}
    assert sun.send("PUT", address, begun).json() == {"text": begun["text"], "version": 1}
    assert sun.send("PUT", address, begun).json()["version"] == 1, "an answer that got lost may be asked for again"
    other = sun.send("PUT", address, {"text": "{}", "version": 0})
    assert (other.status_code, code_of(other)) == (409, "draft.newer")
    assert browser_of("zhao").get(address).json() == {"text": "", "version": 0}, "a draft is one person's"
    row = ReviewDraft.objects.get(person=who("sun"))
    assert "早上好".encode() not in bytes(row.body)
    assert sun.send("PUT", address, {"text": "", "version": 1}).json() == {"text": "", "version": 2}
    sun.send("PUT", address, {"text": "{}", "version": 2})
    key = ReviewDraft.objects.get(person=who("sun")).key_id
    assert key is not None
    erasing.erase_transcripts(key)
    assert sun.get(address).json()["text"] == ""


def test_a_call_is_measured_once_for_drawing(sun: Browser, recording: Recording) -> None:
    page = sun.get(f"/api/recordings/{recording.id}/peaks").json()
    channels = page["channels"]
    assert (len(channels), page["speakers"]) == (2, ["channel-1", "channel-2"])
    assert {len(one) for one in channels} == {math.ceil((recording.duration_s or 0) * peaks.A_SECOND)}
    assert max(map(max, channels)) == peaks.LOUDEST
    quiet = channels[1][: len(channels[1]) // 5]
    assert max(quiet) <= 2, "Wang listens while Nurse Sun asks"
    recording.refresh_from_db()
    assert b"channels" not in bytes(recording.peaks or b"")
    erasing.erase_recordings(recording.key_id)
    recording.refresh_from_db()
    assert peaks.of(recording) == peaks.NONE


def test_two_hours_have_no_more_values_than_a_page_is_wide() -> None:
    minute = np.zeros(16_000 * 60, dtype=np.int16)
    last = minute.copy()
    last[-1] = -32_768
    found = peaks.measured([(0, [minute] * 9 + [last]), (5.0, [minute[:12_345], minute[:7]])])
    assert [len(one) for one in found.channels] == [peaks.MOST, peaks.MOST]
    assert (found.channels[0][-2:], max(found.channels[1])) == ([0, 100], 0)
    assert peaks.measured([(0, [minute[:3]])]).channels == [[0]]
    assert peaks.measured([]) == peaks.NONE


def test_the_first_version_never_changes(sun: Browser, recording: Recording) -> None:
    before = bytes(recording.transcripts.get(version=1).body)
    revise(sun, recording, 1, {"segment": 0, "text": "x"}, speakers={"channel-1": "孙护士"})
    assert bytes(recording.transcripts.get(version=1).body) == before
    assert transcripts.opened(recording.transcripts.get(version=2))["speakers"] == {"channel-1": "孙护士"}


def test_words_are_found_in_the_version_that_counts(
    sun: Browser, browser_of: Callable[[str], Browser], recording: Recording
) -> None:
    address = f"/api/charts/{recording.patient_id}/transcripts/search"

    def found(query: str) -> list[Any]:
        return [(one["segment"], one["excerpt"]) for one in sun.post(address, {"query": query}).json()["hits"]]

    revise(sun, recording, 1, {"segment": 0, "text": "您今天头晕吗？ＢＰ"}, speakers={"channel-1": "孙护士"})
    assert found("头晕 bp") == [(0, "您今天头晕吗？ＢＰ")]
    assert sign(sun, recording, 2, sum(len(one["words"]) for one in read(sun, recording)["segments"][1:])).status_code == 200
    revise(sun, recording, 2, {"segment": 0, "text": "早上好"})
    assert (found("早上好"), len(found("头晕"))) == ([], 1), "what is not signed does not count"
    hit = sun.post(address, {"query": "头晕"}).json()["hits"][0]
    assert (hit["recording"], hit["version"], hit["speaker_name"], hit["marks"]) == (str(recording.id), 2, "孙护士", [[3, 5]])
    page = sun.post(address, {"query": "头晕", "after": str(recording.id)}).json()
    assert page == {"hits": [], "next": None}
    for wrong in ({"query": " "}, {"query": "x" * 101}, {"query": "x", "after": str(who("sun").id)}):
        assert sun.post(address, wrong).status_code == 422
    assert code_of(browser_of("liu").post(address, {"query": "头晕"})) == "not_found"
    assert [one["excerpt"] for one in browser_of("wang").post(address, {"query": "头晕"}).json()["hits"]] == [
        "您今天头晕吗？ＢＰ"
    ]
    looks = [json.loads(bytes(leaf.data))["ids"].get("what") for leaf in Leaf.objects.filter(kind="chart.opened")]
    assert looks.count("transcripts.searched") == 1


def test_of_two_calls_of_the_same_moment_both_are_looked_through(
    recording: Recording, recording_of: Callable[..., Recording], call: bytes
) -> None:
    other, chart = recording_of(call), charts.chart_of(recording.patient)
    Recording.objects.update(created_at=recording.created_at)
    first, second = finding.calls(who("sun"), chart, None)
    assert {first.id, second.id} == {recording.id, other.id}
    assert list(finding.calls(who("sun"), chart, first.id)) == [second]
