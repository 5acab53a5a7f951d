"""Wang and Dr Zhao are recorded, each by their own device: sealed as it comes, kept for as long as both agree, joined into one dialogue."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import uuid4

import pytest

from records.errors import Refused
from records.ledger.audit import check_chain
from records.ledger.chains import now_ms
from records.vault import KeyShredded, open_key
from tests.cast import client_id, id_of, who
from tests.transcription import sounds, takes
from tests.transcription.conftest import transcribed
from tests.transcription.takes import over, settled
from transcription import peaks, transcripts
from transcription.models import Capture, Piece, Recording, Track
from transcription.segments import SealedReader, sealed
from transcription.tracks import captures, settling, taking
from transcription.tracks.taking import SLICE_MS, Sent

pytestmark = pytest.mark.once

QUESTION = "Good morning. How is your blood pressure today?"
ANSWER = "It was quite high this morning. I feel a little dizzy."


@pytest.fixture
def running(cast: None) -> Capture:
    return takes.capture()


Committed = Callable[..., AbstractContextManager[object]]


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Committed) -> Committed:
    return django_capture_on_commit_callbacks


def files(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value.kind.code


def test_two_tracks_become_one_dialogue_in_order_with_the_right_speaker_on_every_line(
    running: Capture, deterministic: None
) -> None:
    """Dr Zhao's device starts two seconds before Wang's: what she asks comes first, and Wang's answer where he gave it."""
    asked, answered = sounds.spoken(QUESTION), sounds.spoken(ANSWER)
    late = len(asked) / sounds.RATE + 0.6 - 2
    both = {"zhao": (30.0, asked), "wang": (28.0, sounds.in_turn(sounds.silence(late), answered))}
    sent = {key: takes.webm(samples) for key, (_, samples) in both.items()}
    tracks = {key: takes.opened(running, key, age) for key, (age, _) in both.items()}
    tracks["wang"].started_at = tracks["zhao"].started_at + 2000  # however long it took here
    tracks["wang"].save(update_fields=["started_at"])
    for key, (_, samples) in both.items():
        takes.send_all(tracks[key], sent[key], len(samples) / sounds.RATE)
    assert not Recording.objects.exists(), "while consent can be taken back nothing is final"
    talk = settled(over(running)).recording
    assert talk is not None
    assert running.state == Capture.State.DONE
    sides = Recording.objects.filter(origin=Recording.Origin.TRACK)
    assert [SealedReader(sealed(row)).readall() for row in sides.order_by("track__started_at")] == [*sent.values()]
    body = transcripts.opened(transcripts.load(transcribed(talk), None))
    speakers = [line["speaker"] for line in body["segments"]]
    assert speakers == sorted(speakers, key=[str(id_of("zhao")), str(id_of("wang"))].index)
    assert len(set(speakers)) == 2
    drawn = peaks.of(Recording.objects.get(id=talk.id))
    assert (len(drawn.channels), {*drawn.speakers}) == (2, {*speakers})
    starts = [line["start"] for line in body["segments"] if line["speaker"] == str(id_of("wang"))]
    assert starts[0] == pytest.approx(len(asked) / sounds.RATE + 0.6, abs=0.5)
    joined = sounds.read(SealedReader(sealed(talk)).readall())
    assert len(joined) / sounds.RATE == pytest.approx(2 + late + len(answered) / sounds.RATE, abs=0.3)


def test_a_track_is_in_the_ledger_and_a_missing_segment_or_piece_is_found(running: Capture, media: Path) -> None:
    data = takes.webm(sounds.tone(8))
    for key in ("zhao", "wang"):
        takes.send_all(takes.opened(running, key, 30), data, 8)
    piece = Piece.objects.filter(track__person=who("wang"), offset__gt=0).first()
    assert piece is not None
    (media / piece.path).unlink()
    settled(over(running))
    whole, cut = (Recording.objects.get(origin="track", uploaded_by=who(key)) for key in ("zhao", "wang"))
    assert (whole.warnings, whole.track.missing_ms) == ([], 0)
    assert cut.warnings == ["track.damaged", "track.incomplete"]
    assert cut.track.missing_ms == pytest.approx(8000 - 1000 * piece.offset / len(data) * 8, abs=1500)
    chart = whole.key.scope
    assert check_chain(chart).findings == []
    (media / whole.segments.get(index=0).path).write_bytes(b"shorter")
    assert [finding.seq for finding in check_chain(chart).findings] == [whole.seq]
    with pytest.raises(Refused):
        SealedReader(sealed(whole)).readall()


def test_what_is_whole_of_a_track_without_its_beginning_is_kept_and_the_hole_named(running: Capture, media: Path) -> None:
    data = takes.webm(sounds.tone(8))
    for key in ("zhao", "wang"):
        takes.send_all(takes.opened(running, key, 30), data, 8)
    first = Piece.objects.get(track__person=who("wang"), offset=0)
    (media / first.path).unlink()
    assert settled(over(running)).state == Capture.State.DONE
    cut = Recording.objects.get(origin="track", uploaded_by=who("wang"))
    assert SealedReader(sealed(cut)).readall() == data[first.size :]
    assert cut.warnings == ["track.damaged", "track.not_heard", "track.incomplete"]
    assert cut.track.missing_ms == pytest.approx(8000, abs=1500)


def test_a_hole_in_the_sound_is_named_and_measured(running: Capture) -> None:
    """Everything after a hole in a WebM is lost without a word from any decoder."""
    data = takes.webm(sounds.tone(20))
    middle = len(data) // 2
    takes.send_all(takes.opened(running, "wang", 30), data[:middle] + bytes(len(data) - middle), 20)
    takes.send_all(takes.opened(running, "zhao", 30), data, 20)
    settled(over(running))
    wang = Track.objects.get(person=who("wang"))
    assert wang.missing_ms == pytest.approx(10_000, abs=2_500)
    assert wang.recording is not None
    assert wang.recording.warnings == ["track.incomplete"]


def test_whoever_takes_consent_back_leaves_nothing_of_the_recording(
    running: Capture, media: Path, committed: Committed
) -> None:
    track = takes.send(takes.opened(running, "wang", 10), bytes(9_000))
    other = takes.send(takes.opened(running, "zhao", 10), bytes(9_000))
    assert len(files(media)) == 2
    with committed(execute=True):
        assert refused(lambda: takes.send(track, bytes(100), ask=takes.window(running, kept=False))) == "track.withdrawn"
    assert files(media) == []
    assert not Piece.objects.exists()
    for one in (track, other):
        with pytest.raises(KeyShredded):
            open_key(one.key_id)
        one.refresh_from_db()
        assert refused(lambda: takes.send(one, bytes(100))) == "track.withdrawn"  # noqa: B023 - called at once
        assert refused(lambda: taking.opened(one.person, running, one.client_id, 0)) == "track.withdrawn"  # noqa: B023
    assert refused(lambda: takes.opened(running, "wang", 0)) == "track.withdrawn"


def test_after_a_stop_only_what_was_said_before_it_comes_in_and_at_most_one_slice_more(running: Capture) -> None:
    track = takes.send(takes.opened(running, "wang", 20), bytes(100), Sent(0, 1_000))
    over(running)
    running.off_at = track.started_at + 15_000
    ask = takes.window(running)
    track = takes.send(track, bytes(100), Sent(100, 15_000 + SLICE_MS), ask)
    assert refused(lambda: takes.send(track, bytes(100), Sent(200, 15_001 + SLICE_MS), ask)) == "track.over"
    assert refused(lambda: takes.send(track, bytes(100), Sent(200), ask)) == "track.over"
    track.refresh_from_db()
    assert track.size == 200


def test_a_device_that_says_less_than_it_recorded_is_found_by_its_sound(
    running: Capture, media: Path, committed: Committed
) -> None:
    takes.send_all(takes.opened(running, "wang", 2), takes.webm(sounds.tone(20)), 1)
    takes.send_all(takes.opened(running, "zhao", 2), takes.webm(sounds.tone(2)), 2)
    with committed(execute=True):
        settled(over(running))
    assert [row.uploaded_by for row in Recording.objects.filter(origin="track")] == [who("zhao")]
    assert not any("tracks" in path.parts for path in files(media))


# Pieces after the hundred bytes that are there.
BAD = {
    "elsewhere": (Sent(101), b"x", "track.offset"),
    "before": (Sent(0), b"x", "track.offset"),
    "nothing, elsewhere": (Sent(101), b"", "track.offset"),
    "the end, elsewhere": (Sent(0, None, 100), b"", "track.offset"),
    "damaged": (Sent(100, sha256=bytes(32)), b"x", "track.checksum"),
    "future": (Sent(100, 60_000), b"x", "bad_input"),
    "too long": (Sent(100, 2 * 3600 * 1000 + 1), b"x", "track.too_long"),
    "too large": (Sent(100, None, 200 * 1024 * 1024 + 1), b"x", "track.too_large"),
    "more than said": (Sent(100, None, 101), b"xx", "track.too_large"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_may_not_come_in_leaves_nothing(running: Capture, media: Path, name: str) -> None:
    track = takes.send(takes.opened(running, "wang", 10), bytes(100))
    sent, data, code = BAD[name]
    assert refused(lambda: takes.send(track, data, sent)) == code
    track.refresh_from_db()
    assert (track.size, len(files(media)), track.state) == (100, 1, Track.State.OPEN)


def test_a_track_is_opened_once_by_whoever_agreed(running: Capture) -> None:
    mine = client_id()
    first = taking.opened(who("wang"), running, mine, 500)
    assert taking.opened(who("wang"), running, mine, 900).id == first.id
    assert first.started_at >= running.on_at
    assert taking.opened(who("wang"), running, client_id(), 10**9).started_at == running.on_at, "not before everybody agreed"
    assert refused(lambda: takes.opened(running, "chen", 0)) == "track.no_consent"
    assert refused(lambda: taking.opened(who("wang"), takes.capture(), mine, 0)) == "client_id.conflict"
    assert refused(lambda: taking.track_of(who("zhao"), first.id)) == "not_found"


def test_the_end_of_a_track_may_be_said_again_by_who_did_not_get_the_answer(running: Capture) -> None:
    data = takes.webm(sounds.tone(3))
    track = takes.send_all(takes.opened(running, "zhao", 30), data, 3)
    again, end, more = Sent(takes.SLICE, 3_000, len(data)), Sent(len(data), 3_000, len(data)), Sent(len(data), 4_000)

    def said_again() -> None:
        assert refused(lambda: takes.send(track, data[takes.SLICE :], again)) == "track.offset"
        assert takes.send(track, b"", end).size == len(data)
        assert refused(lambda: takes.send(track, b"more", more)) == "track.closed"

    said_again()
    takes.send_all(takes.opened(running, "wang", 30), data, 3)
    settled(over(running))
    track.refresh_from_db()
    assert track.state == Track.State.SEALED
    said_again()


def test_a_side_that_never_comes_back_is_waited_for_an_hour_and_said_to_be_incomplete(running: Capture) -> None:
    takes.send_all(takes.opened(running, "zhao", 30), takes.webm(sounds.tone(20)), 20)
    data = takes.webm(sounds.tone(20))
    lost = takes.opened(running, "wang", 20)
    takes.send(lost, data[: len(data) // 2], Sent(0, 10_000))
    over(running)
    assert captures.sweep() == 0
    takes.long_ago(running)
    settled(running)
    lost.refresh_from_db()
    assert lost.recording is not None
    assert lost.recording.warnings == ["track.incomplete"]
    assert lost.missing_ms == pytest.approx(10_000, abs=2_500)
    assert refused(lambda: takes.send(lost, b"more")) == "track.closed"


def test_a_side_that_is_not_heard_for_five_minutes_is_named_once(running: Capture) -> None:
    takes.send(takes.opened(running, "zhao", 30), bytes(100))
    assert captures.gone_silent(running.id) == []
    Capture.objects.update(on_at=now_ms() - 301_000)
    assert captures.gone_silent(running.id) == [str(id_of("wang"))]
    assert captures.gone_silent(running.id) == []


def test_a_worker_that_dies_at_any_step_is_followed_by_another(running: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("zhao", "wang"):
        takes.send_all(takes.opened(running, key, 30), takes.webm(sounds.tone(3)), 3)
    over(running)
    captures.sweep()
    died = dying_at(settling, ("_keep", "_join"), monkeypatch)
    for _ in died:
        holder = uuid4()
        assert captures.claim(running.id, holder)
        with pytest.raises(MemoryError):
            settling.settle(Capture.objects.get(id=running.id), holder)
        captures.release(running.id, holder)
    settled(running)
    assert Recording.objects.filter(origin="track").count() == 2
    assert Recording.objects.filter(origin="talk").count() == 1
    late = uuid4()
    assert not captures.claim(running.id, late)


def dying_at(module: object, steps: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Let each of these steps kill whoever takes it, in turn."""

    def dies(*args: object, **kwargs: object) -> None:
        raise MemoryError

    for step in steps:
        with monkeypatch.context() as broken:
            broken.setattr(module, step, dies)
            yield step


def test_nothing_of_a_track_lies_on_the_disk_in_clear(running: Capture, media: Path) -> None:
    marker = b"planted marker 7c41"
    track = takes.opened(running, "wang", 30)
    for _ in range(3):
        track = takes.send(track, marker * 400)
    takes.send(track, b"", Sent(track.size, 20_000, track.size))
    assert all(marker not in path.read_bytes() for path in files(media))
    takes.send_all(takes.opened(running, "zhao", 30), takes.webm(sounds.tone(3)), 3)
    settled(over(running))
    assert all(marker not in path.read_bytes() for path in files(media))
    assert SealedReader(sealed(Recording.objects.get(uploaded_by=who("wang")))).readall() == marker * 1200
    assert Recording.objects.get(uploaded_by=who("wang")).warnings == ["track.not_heard", "track.incomplete"]
