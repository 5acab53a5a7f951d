"""Several tracks of one call become one dialogue: who spoke is the track's, when is the call's."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.transcription import sounds
from tests.transcription.conftest import transcribed
from tests.transcription.deterministic import Deterministic
from transcription import audio, listening, sources, speech
from transcription.engines import Word
from transcription.listening import Track
from transcription.models import Recording
from transcription.sources import Source
from transcription.speech import Span
from transcription.vocabulary import Terms

SENTENCE = "Good morning. How is your blood pressure today?"
pytestmark = pytest.mark.once


def file(*channels: sounds.Samples, container: str = "wav") -> io.BytesIO:
    return io.BytesIO(sounds.encoded(*channels, container=container))


def track(speaker: str | None, offset: float, *channels: sounds.Samples) -> Track:
    data = file(*channels)
    return Track(speaker, offset, audio.decode(data, len(data.getvalue())))


def heard(*tracks: Track) -> listening.Transcription:
    return listening.listen(tracks, Deterministic(), "en", lambda _: None)


def test_lines_carry_the_person_of_their_track_and_the_clock_of_the_call() -> None:
    said = sounds.spoken(SENTENCE)
    seconds = len(said) / sounds.RATE
    lines = heard(track("wang", 3.0 + seconds, said), track("sun", 1.5, said)).body["segments"]
    assert [lines[0]["speaker"], lines[-1]["speaker"]] == ["sun", "wang"]
    assert lines[0]["start"] == pytest.approx(1.5, abs=0.2)
    assert min(line["start"] for line in lines if line["speaker"] == "wang") == pytest.approx(3.0 + seconds, abs=0.2)
    assert [line["start"] for line in lines] == sorted(line["start"] for line in lines)


def test_a_persons_stereo_microphone_is_one_speaker_and_a_files_two_channels_are_two() -> None:
    said, other = sounds.spoken(SENTENCE), sounds.spoken("I feel a little dizzy.")
    assert {line["speaker"] for line in heard(track("wang", 0, said, other)).body["segments"]} == {"wang"}
    assert {line["speaker"] for line in heard(track(None, 0, said, other)).body["segments"]} == {"channel-1", "channel-2"}


class Linguist(Deterministic):
    """Takes the longest for Mandarin, and others for English as surely as it was told; says in what it heard them."""

    def __init__(self, english: float) -> None:
        self._likely = iter([0.3, english])

    def languages(self, samples: NDArray[np.float32]) -> dict[str, float]:
        english = next(self._likely)
        return {"zh": 1 - english, "en": english}

    def hear(self, samples: NDArray[np.float32], language: str, terms: Terms, progress: Callable[[float], None]) -> list[Word]:
        return [Word(language, 0.0, len(samples) / sounds.RATE, 0.9)]


@pytest.mark.parametrize(("english", "understood"), [(0.97, "en"), (0.8, "zh")])
def test_another_language_than_that_of_the_one_who_speaks_most_must_be_far_likelier(english: float, understood: str) -> None:
    most, other = sounds.spoken(SENTENCE), sounds.spoken("No.")
    made = listening.listen([track("wang", 9, other), track("zhao", 0, most)], Linguist(english), "auto", lambda _: None)
    assert {line["speaker"]: line["text"] for line in made.body["segments"]} == {"zhao": "zh", "wang": understood}
    assert made.language == "zh"


class Echoing(Deterministic):
    """Understands nothing of what it has a hint for, as small models do with half a sentence."""

    def hear(self, samples: NDArray[np.float32], language: str, terms: Terms, progress: Callable[[float], None]) -> list[Word]:
        return (
            [Word(" Metoprolol.", 0.2, 1.0, 0.9)] if terms.hint(language) else super().hear(samples, language, terms, progress)
        )


def test_what_a_model_repeats_of_its_hint_gives_way_to_what_it_hears_without_one() -> None:
    spoken = track("wang", 0, sounds.spoken("I feel a little dizzy."))
    names = Terms((("metoprolol",),))
    (line,) = listening.listen([spoken], Echoing(), "en", lambda _: None, names).body["segments"]
    assert line["text"].startswith("w0 w1 w2")


def test_a_call_of_which_one_track_cannot_be_read_is_transcribed_from_the_others(
    recording_of: Callable[..., Recording], call: bytes, deterministic: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = file(sounds.spoken(SENTENCE), container="webm"), io.BytesIO(b"no recording at all")
    tracks = [Source("sun", 0.0, good, len(good.getvalue())), Source("wang", 0.4, bad, len(bad.getvalue()))]
    monkeypatch.setitem(sources._of_origin, Recording.Origin.CALL, lambda _: tracks)
    done = transcribed(recording_of(call))
    assert (done.state, done.warnings, done.channels) == ("needs_review", ["audio.track_lost"], 1)
    monkeypatch.setitem(sources._of_origin, Recording.Origin.CALL, lambda _: tracks[1:])
    other = transcribed(recording_of(call))
    assert (other.state, other.failure) == ("failed", "audio.unsupported")


def test_a_long_track_is_heard_in_pieces_that_hold_all_speech_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "PIECE_SECONDS", 10.0)
    samples = np.arange(100 * sounds.RATE, dtype=np.int32).astype(np.int16)
    spans = [Span(0.1, 3.0), Span(3.2, 12.0), Span(40.0, 45.0), Span(45.0, 52.0), Span(99.0, 100.0)]
    blocks = (samples[start : start + 7777] for start in range(0, len(samples), 7777))
    cut = list(speech.pieces(blocks, spans))
    assert [(piece.start, piece.end) for piece, _ in cut][:3] == [(0.0, 3.1), (3.1, 12.3), (39.7, 45.0)]
    for piece, values in cut:
        first = int(piece.start * sounds.RATE)
        assert np.array_equal(values, speech.as_float(samples[first : int(min(piece.end, 100) * sounds.RATE)]))
    assert all(any(piece.start <= span.start and span.end <= piece.end for piece, _ in cut) for span in spans)


def test_a_detector_that_hears_window_by_window_hears_what_it_hears_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    said = sounds.spoken(SENTENCE)
    samples = sounds.in_turn(*[sounds.silence(1.3), said] * 6)
    at_once = speech.spoken([samples])
    monkeypatch.setattr(speech, "WINDOW_SECONDS", 2.5)
    in_windows = speech.spoken(np.array_split(samples, 50))
    assert sum(span.seconds for span in in_windows) == pytest.approx(sum(span.seconds for span in at_once), rel=0.1)
    assert [span.start for span in in_windows] == sorted(span.start for span in in_windows)
