"""Wang and Dr Zhao let their call be recorded: by tus, while both agree and not a slice longer; what became of it, for whom."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db.models import F
from pytest_django import Settings

from consult import record, timeline
from consult.calls import capturing as rule
from consult.models import Consultation, Event
from records.ledger.chains import now_ms
from tests.cast import Browser, code_of, consultation, id_of, who
from tests.consult import capturing, packing
from tests.consult.capturing import begin, piece, tus
from tests.transcription import sounds, takes
from tests.transcription.away import keyring_away
from transcription.failures import ONE_SIDED
from transcription.models import Capture, Piece, Recording, Track

pytestmark = pytest.mark.once

BrowserOf = Callable[[str], Browser]


@pytest.fixture
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.XINQIAO_MEDIA = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def case(cast: None, media: Path) -> Consultation:
    return consultation()


def stored(media: Path) -> int:
    return sum(path.stat().st_size for path in media.rglob("*") if path.is_file())


def test_a_call_is_recorded_from_both_sides_and_played_to_those_who_may_hear_it(
    case: Consultation, browser_of: BrowserOf
) -> None:
    call = capturing.recorded(case)
    data = takes.webm(sounds.tone(1.5))
    browsers = {key: browser_of(key) for key in ("wang", "zhao")}
    for browser in browsers.values():
        made = begin(browser, call, age_ms=10**8)
        assert made.status_code == 201, made.content
        assert len(made.json()["key"]) == 44
        path = made["Location"]
        assert piece(browser, path, 0, data[:3000], **{"Upload-Captured": "700"})["Upload-Offset"] == "3000"
        assert (tus(browser, "head", path)["Upload-Offset"], tus(browser, "head", path)["Upload-Defer-Length"]) == ("3000", "1")
        last = {"Upload-Captured": "1500", "Upload-Length": str(len(data))}
        assert piece(browser, path, 3000, data[3000:], **last).status_code == 204
        assert tus(browser, "head", path)["Upload-Length"] == str(len(data))
    captures = f"/api/consultations/{case.id}/captures"
    capturing.hung_up(call)
    rule.sweep()
    assert [side["state"] for side in browsers["wang"].get(captures).json()[0]["sides"]] == ["sent", "sent"]
    Capture.objects.update(off_at=F("on_at") + 1500)  # it lasted as long as the sound
    talk = capturing.settle().recording
    assert talk is not None
    for browser in browsers.values():
        shown = browser.get(captures).json()[0]
        assert (shown["state"], shown["recording"]["id"]) == ("done", str(talk.id))
        assert [(side["state"], side["missing_s"]) for side in shown["sides"]] == [("kept", 0)] * 2
        assert browser.get(f"/api/recordings/{talk.id}").json()["consultation"] == str(case.id)
        assert browser.get(f"/api/recordings/{talk.id}/audio", Range="bytes=4-7").getvalue() == b"ftyp"
    side = Recording.objects.get(origin="track", uploaded_by=who("wang"))
    assert browsers["zhao"].get(f"/api/recordings/{side.id}/audio").getvalue() == data
    assert [item["title"]["zh"] for item in record.recording_items(who("wang"), who("wang"))] == ["咨询通话"]
    outsider = browser_of("li")
    for path in (captures, f"/api/recordings/{talk.id}", f"/api/recordings/{side.id}/audio"):
        assert outsider.get(path).status_code == 404


def test_a_recorded_call_goes_into_an_evidence_pack_with_its_sides(
    case: Consultation, browser_of: BrowserOf, tmp_path: Path
) -> None:
    call, data = capturing.recorded(case), takes.webm(sounds.tone(1.5))
    for key in ("wang", "zhao"):
        browser = browser_of(key)
        path = begin(browser, call, age_ms=10**8)["Location"]
        piece(browser, path, 0, data, **{"Upload-Captured": "1500", "Upload-Length": str(len(data))})
    capturing.hung_up(call)
    assert capturing.settle().state == Capture.State.DONE
    pack = packing.made(packing.granted(case, "conversation", "recordings"))
    file = tmp_path / pack.name
    file.write_bytes(packing.downloaded(browser_of("zhou"), pack))
    shown = packing.verdict(file, "--show")
    assert shown.returncode == 3, "the case is open, and nothing else is wrong: " + shown.stdout + shown.stderr
    names = packing.members(pack)
    assert Recording.objects.count() == 3
    assert all(any(row.id.hex in name for name in names) for row in Recording.objects.all()), list(names)


def test_without_everybodys_yes_not_one_byte_is_kept(case: Consultation, browser_of: BrowserOf, media: Path) -> None:
    """Before the question, before the answer, and after a no."""
    call, wang = capturing.talking(case), browser_of("wang")
    codes = [code_of(begin(wang, call))]
    capturing.asked(call)
    codes.append(code_of(begin(wang, call)))
    capturing.answered(call, granted=False)
    codes.append(code_of(begin(wang, call)))
    assert codes == ["recording.none"] * 3
    assert not Capture.objects.exists()
    assert not Track.objects.exists()
    assert stored(media) == 0
    assert code_of(begin(browser_of("li"), call)) == "not_found"


def test_a_yes_taken_back_ends_capture_within_a_slice_and_destroys_what_came(
    case: Consultation, browser_of: BrowserOf, media: Path
) -> None:
    call, wang, zhao = capturing.recorded(case), browser_of("wang"), browser_of("zhao")
    paths = {browser: begin(browser, call)["Location"] for browser in (wang, zhao)}
    for browser, path in paths.items():
        assert piece(browser, path, 0, bytes(4000)).status_code == 204
    assert stored(media) > 8000
    capturing.answered(call, granted=False)
    assert code_of(piece(zhao, paths[zhao], 4000, bytes(4000))) == "track.withdrawn"
    assert not Piece.objects.exists()
    assert {track.size for track in Track.objects.all()} == {0}
    assert code_of(zhao.get(paths[zhao])) == "track.withdrawn"
    shown = wang.get(f"/api/consultations/{case.id}/captures").json()[0]
    assert (shown["state"], shown["recording"]) == ("dropped", None)
    capturing.asked(call)
    capturing.answered(call, granted=True)
    assert begin(wang, call, generation=2).status_code == 201, "another yes is another recording"


def test_a_yes_taken_back_is_found_behind_however_many_are_recorded(
    case: Consultation, browser_of: BrowserOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rule, "SWEPT_AT_ONCE", 1)
    takes.capture()
    call, wang = capturing.recorded(case), browser_of("wang")
    piece(wang, begin(wang, call)["Location"], 0, bytes(4000))
    capturing.answered(call, granted=False)
    assert rule.sweep() == {"begun": 0, "closed": 1, "silent": 0}
    assert Capture.objects.get(call=call).state == Capture.State.DROPPED
    assert not Piece.objects.exists()


def test_a_stop_keeps_what_was_said_before_it(case: Consultation, browser_of: BrowserOf) -> None:
    call, wang = capturing.recorded(case), browser_of("wang")
    path = begin(wang, call)["Location"]
    piece(wang, path, 0, bytes(4000), **{"Upload-Captured": "0"})
    capturing.hung_up(call)
    Track.objects.update(started_at=now_ms() - 60_000)
    late = piece(wang, path, 4000, bytes(4000), **{"Upload-Captured": "59900"})
    assert late.status_code == 204, "what was captured before may come later"
    assert code_of(piece(wang, path, 8000, bytes(4000), **{"Upload-Captured": "62001"})) in {"track.over", "bad_input"}
    assert Track.objects.get().size == 8000
    Capture.objects.update(state=Capture.State.FAILED, off_at=F("on_at") + 60_000)
    shown = wang.get(f"/api/consultations/{case.id}/captures").json()[0]
    assert [warning["code"] for warning in shown["warnings"]] == [ONE_SIDED.code]
    assert [(side["sent_s"], side["missing_s"]) for side in shown["sides"]] == [(59.9, 60), (0, 60)]


def test_tus_is_spoken_in_its_own_words(case: Consultation, browser_of: BrowserOf) -> None:
    call, wang = capturing.recorded(case), browser_of("wang")
    path = begin(wang, call)["Location"]
    answers = {
        "version": tus(wang, "patch", path, b"x", **{"Upload-Offset": "0", "Tus-Resumable": "0.2.2"}),
        "offset": piece(wang, path, 5, b"x"),
        "checksum": tus(wang, "patch", path, b"x", **{"Upload-Offset": "0", "Upload-Checksum": "sha256 " + "A" * 43 + "="}),
        "algorithm": tus(wang, "patch", path, b"x", **{"Upload-Offset": "0", "Upload-Checksum": "md5 AAAA"}),
        "no offset": tus(wang, "patch", path, b"x"),
        "metadata": tus(wang, "post", f"/api/calls/{call}/tracks", b"", **{"Upload-Metadata": "client_id ???"}),
    }
    assert {name: answer.status_code for name, answer in answers.items()} == {
        "version": 412, "offset": 409, "checksum": 460, "algorithm": 422, "no offset": 422, "metadata": 422,
    }  # fmt: skip
    assert all(answer["Tus-Resumable"] == "1.0.0" and code_of(answer) for answer in answers.values())
    wrong = wang.client.patch(
        path,
        b"x",
        content_type="text/plain",
        headers={**capturing.TUS, "X-CSRFToken": wang.client.cookies["xinqiao_csrf"].value},
    )
    assert (wrong.status_code, code_of(wrong)) == (415, "tus.type")
    said = tus(wang, "options", "/api/tracks")
    assert (said["Tus-Version"], said["Tus-Extension"]) == ("1.0.0", "creation,creation-defer-length,checksum")
    assert Track.objects.get().size == 0


def test_a_standard_client_says_the_length_at_once_and_goes_on_from_what_it_is_told(
    case: Consultation, browser_of: BrowserOf
) -> None:
    """What tus-js-client 4 sends: the length with the creation alone, HEAD before it goes on, POST where no PATCH comes through."""
    call, wang = capturing.recorded(case), browser_of("wang")
    path = begin(wang, call, headers={"Upload-Length": "10"})["Location"]
    piece(wang, path, 0, bytes(4))
    found = tus(wang, "head", path)
    assert (found["Upload-Offset"], found["Upload-Length"], "Upload-Defer-Length" in found) == ("4", "10", False)
    assert piece(wang, path, 4, bytes(7)).status_code == 413
    assert piece(wang, path, 4, bytes(2), **{"Upload-Length": "6"}).status_code == 422
    assert tus(wang, "post", path, bytes(6), **{"Upload-Offset": "4"}).status_code == 422
    last = tus(wang, "post", path, bytes(6), **{"Upload-Offset": "4", "X-HTTP-Method-Override": "PATCH"})
    assert (last.status_code, last["Upload-Offset"], Track.objects.get().state) == (204, "10", Track.State.ENDED)
    for headers in (
        {"Upload-Length": "1", "Upload-Defer-Length": "1"},
        {},
        {"Upload-Defer-Length": "2"},
        {"Upload-Length": "-1"},
    ):
        assert begin(wang, call, headers=headers).status_code == 422
    assert begin(wang, call, headers={"Upload-Length": str(10**9)}).status_code == 413
    assert Track.objects.count() == 1


def test_a_side_from_which_nothing_comes_is_said_in_the_case_after_five_minutes(
    case: Consultation, browser_of: BrowserOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many are recorded in which everybody is heard."""
    monkeypatch.setattr(rule, "SWEPT_AT_ONCE", 1)
    heard = takes.capture(seconds_ago=400)
    for key in ("zhao", "wang"):
        takes.send(takes.opened(heard, key, 30), bytes(100))
    call, zhao = capturing.recorded(case), browser_of("zhao")
    piece(zhao, begin(zhao, call)["Location"], 0, bytes(100))
    Capture.objects.filter(call=call).update(on_at=now_ms() - 301_000)
    for _ in range(2):
        rule.sweep()
    (alarm,) = Event.objects.filter(thread=case.id, kind="recording.silent")
    assert str(id_of("wang")) in timeline.body_of(alarm).decode()
    assert rule.sweep() == {"begun": 0, "closed": 0, "silent": 0}


def test_a_device_asks_again_for_its_track_where_the_key_service_did_not_answer(
    case: Consultation, browser_of: BrowserOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would record nothing of this call otherwise."""
    call, wang = capturing.recorded(case), browser_of("wang")
    keyring_away(monkeypatch, 1)
    away = begin(wang, call)
    assert (away.status_code, code_of(away), away.json()["retry"]) == (503, "keyring.away", True)
    assert begin(wang, call).status_code == 201
