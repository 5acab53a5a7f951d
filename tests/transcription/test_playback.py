"""Listening again: exact bytes for every range, and nothing at all of a recording that was touched."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records import family
from records.family import Scopes
from records.vault import SEGMENT_BYTES
from tests.cast import Browser, code_of, flipped, id_of, who
from tests.records.test_family import let_in
from transcription import segments
from transcription.models import Recording, Segment
from transcription.playback import Part, Unsatisfiable, wanted

pytestmark = pytest.mark.once

SIZE = 3 * SEGMENT_BYTES + 1234
SOUND = b"RIFF\xff\xff\xff\xffWAVE" + random.Random(3).randbytes(SIZE - 12)


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=0-", (0, 1000)),
        ("bytes=500-600", (500, 601)),
        ("bytes=999-", (999, 1000)),
        ("bytes=990-5000", (990, 1000)),
        ("bytes=-1", (999, 1000)),
        ("bytes=-5000", (0, 1000)),
        (f"bytes=0-{2**63}", (0, 1000)),
        (f"bytes=-{2**64}", (0, 1000)),
        ("BYTES = 1-2 ", (1, 3)),
    ],
)
def test_a_range_is_cut_to_the_content(header: str, part: tuple[int, int]) -> None:
    assert wanted(header, 1000) == Part(*part)


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=1000-1001", f"bytes={2**63}-", f"bytes={'9' * 9000}-", "bytes=-0"])
def test_a_range_outside_the_content_cannot_be_satisfied(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        wanted(header, 1000)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=5-4",
        "items=0-1",
        "bytes=0-1,5-9",
        "bytes=0-,0-,0-",
        "bytes=１-2",
    ],
)
def test_what_is_not_one_valid_range_is_ignored(header: str | None) -> None:
    assert wanted(header, 1000) is None


@given(st.text(max_size=40), st.integers(0, 5000))
def test_no_header_can_raise_or_reach_outside(text: str, size: int) -> None:
    for header in (text, f"bytes={text}"):
        try:
            part = wanted(header, size)
        except Unsatisfiable:
            continue
        assert part is None or 0 <= part.start < part.end <= size


@pytest.fixture
def recording(recording_of: Callable[..., Recording]) -> Recording:
    return recording_of(SOUND)


@pytest.fixture
def sun(browser_of: Callable[[str], Browser]) -> Browser:
    return browser_of("sun")


def test_the_whole_recording_comes_back_byte_for_byte(recording: Recording, sun: Browser) -> None:
    answer = sun.get(f"/api/recordings/{recording.id}/audio")
    assert answer.status_code == 200
    assert answer.getvalue() == SOUND
    assert answer["Content-Length"] == str(SIZE)
    assert answer["Accept-Ranges"] == "bytes"
    assert answer["Content-Type"] == "audio/wav"
    assert answer["Cache-Control"] == "no-store"
    assert not answer.has_header("Content-Range")


@pytest.mark.parametrize("start", [0, 1, SEGMENT_BYTES - 1, SEGMENT_BYTES, SEGMENT_BYTES + 1, 2 * SEGMENT_BYTES - 1, SIZE - 1])
@pytest.mark.parametrize("length", [1, 2, SEGMENT_BYTES, SEGMENT_BYTES + 1, SIZE])
def test_every_range_around_the_seams_is_exact(recording: Recording, sun: Browser, start: int, length: int) -> None:
    end = min(start + length, SIZE)
    answer = sun.get(f"/api/recordings/{recording.id}/audio", Range=f"bytes={start}-{start + length - 1}")
    assert answer.status_code == 206
    assert answer["Content-Range"] == f"bytes {start}-{end - 1}/{SIZE}"
    assert answer["Content-Length"] == str(end - start)
    assert answer.getvalue() == SOUND[start:end]


def test_beyond_the_end_is_416_with_the_size(recording: Recording, sun: Browser) -> None:
    answer = sun.get(f"/api/recordings/{recording.id}/audio", Range=f"bytes={SIZE}-")
    assert answer.status_code == 416
    assert answer["Content-Range"] == f"bytes */{SIZE}"
    assert answer.content == b""


def test_a_range_of_something_else_answers_the_whole(recording: Recording, sun: Browser) -> None:
    path = f"/api/recordings/{recording.id}/audio"
    etag = sun.get(path)["ETag"]
    assert sun.get(path, Range="bytes=0-9", **{"If-Range": etag}).status_code == 206
    assert sun.get(path, Range="bytes=0-9", **{"If-Range": '"another"'}).status_code == 200


@pytest.mark.parametrize(("person", "status"), [("wang", 200), ("zhao", 200), ("sun", 200)])
def test_wang_her_doctor_and_her_nurse_may_listen(
    recording: Recording, browser_of: Callable[[str], Browser], person: str, status: int
) -> None:
    assert browser_of(person).get(f"/api/recordings/{recording.id}/audio", Range="bytes=0-9").status_code == 206
    assert browser_of(person).get(f"/api/recordings/{recording.id}").status_code == status


@pytest.mark.parametrize("person", ["li", "chen", "wu", "qian", "liu", "zhou", "he", "lin"])
@pytest.mark.parametrize("path", ["", "/audio", "/transcript"])
def test_nobody_else_may(recording: Recording, browser_of: Callable[[str], Browser], person: str, path: str) -> None:
    answer = browser_of(person).get(f"/api/recordings/{recording.id}{path}")
    assert (answer.status_code, code_of(answer)) == (404, "not_found")


def test_a_nurse_who_left_the_care_team_may_not_listen_any_more(recording: Recording, sun: Browser) -> None:
    from django.utils import timezone

    from records.people import CareRelationship

    CareRelationship.objects.filter(clinician__login="N1001").update(until=timezone.now())
    assert sun.get(f"/api/recordings/{recording.id}/audio").status_code == 404


def test_wang_sees_who_listened(recording: Recording, sun: Browser, browser_of: Callable[[str], Browser]) -> None:
    for _ in range(3):
        sun.get(f"/api/recordings/{recording.id}/audio", Range="bytes=0-9")
    browser_of("wang").get(f"/api/recordings/{recording.id}/audio")
    looks = browser_of("wang").get("/api/charts/me/access").json()
    assert [look["person"]["name"] for look in looks] == ["孙莉"]


def part(recording: Recording, index: int) -> Segment:
    return Segment.objects.get(recording=recording, index=index)


def flip(recording: Recording) -> None:
    path = segments.media_directory() / part(recording, 1).path
    path.write_bytes(flipped(path.read_bytes(), 1000))


def swap(recording: Recording) -> None:
    first, second = (segments.media_directory() / part(recording, index).path for index in (0, 1))
    a, b = first.read_bytes(), second.read_bytes()
    first.write_bytes(b)
    second.write_bytes(a)


def truncate(recording: Recording) -> None:
    part(recording, 3).delete()


def truncate_in_the_middle(recording: Recording) -> None:
    part(recording, 1).delete()


def lose(recording: Recording) -> None:
    (segments.media_directory() / part(recording, 1).path).unlink()


def resize(recording: Recording) -> None:
    Segment.objects.filter(recording=recording, index=3).update(size=5)


@pytest.mark.parametrize("harm", [flip, swap, truncate, truncate_in_the_middle, lose, resize])
def test_a_recording_that_was_touched_is_found_out(
    recording: Recording, sun: Browser, harm: Callable[[Recording], None]
) -> None:
    harm(recording)
    answer = sun.get(f"/api/recordings/{recording.id}/audio", Range=f"bytes={SEGMENT_BYTES}-{SEGMENT_BYTES + 9}")
    assert (answer.status_code, code_of(answer)) == (500, "recording.damaged")


def test_a_relative_hears_calls_while_wang_lets_her_hear_them_and_wang_sees_that(
    recording_of: Callable[..., Recording], browser_of: Callable[[str], Browser]
) -> None:
    address, chen = f"/api/recordings/{recording_of(SOUND).id}", browser_of("chen")
    let_in(scopes=Scopes("ask", record=True, medication=True))
    assert [chen.get(address).status_code, chen.get(f"{address}/audio").status_code] == [404, 404]
    access = let_in(scopes=Scopes("none", calls=True))
    page = chen.get(f"/api/charts/{id_of('wang')}").json()
    assert [item["kind"] for item in page["timeline"]] == ["recording"]
    assert chen.get(f"{address}/audio", Range="bytes=0-9").getvalue() == SOUND[:10]
    looks = browser_of("wang").get("/api/charts/me/access").json()
    assert [(look["action"]["en"], look["reason"]["en"]) for look in looks] == [
        ("played a recorded call", "family, whom you let in"),
        ("opened the record", "family, whom you let in"),
    ]
    family.shut_out(who("wang"), access.id)
    assert [chen.get(f"{address}{end}").status_code for end in ("", "/audio", "/transcript")] == [404] * 3
