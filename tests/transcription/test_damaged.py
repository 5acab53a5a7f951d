"""What becomes of a recording that is no sound, half of one, or not what was stored."""

from collections.abc import Callable

import pytest

from tests.transcription import sounds
from tests.transcription.conftest import transcribed
from transcription.models import Recording, Transcript

pytestmark = pytest.mark.usefixtures("deterministic")

Made = Callable[..., Recording]


@pytest.mark.parametrize(
    ("sound", "state", "failure", "warnings"),
    [
        (b"", "failed", "audio.empty", []),
        (b"no recording at all", "failed", "audio.unsupported", []),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "failed", "audio.unreadable", []),
    ],
)
def test_every_damaged_file_ends_in_a_named_state(
    recording_of: Made, sound: bytes, state: str, failure: str, warnings: list[str]
) -> None:
    done = transcribed(recording_of(sound))
    assert (done.state, done.failure, done.warnings) == (state, failure, warnings)
    assert done.job.state == "failed"


def test_ten_minutes_of_silence_give_no_words_and_a_reason(recording_of: Made) -> None:
    for sound in (sounds.silence(600), sounds.tone(20)):
        done = transcribed(recording_of(sounds.encoded(sound)))
        assert (done.state, done.failure) == ("failed", "audio.silent")
        assert not Transcript.objects.filter(recording=done).exists()


def test_half_a_file_is_transcribed_and_marked_for_review(recording_of: Made, call: bytes) -> None:
    done = transcribed(recording_of(call[: len(call) // 2]))
    assert (done.state, done.warnings) == ("needs_review", ["audio.truncated"])
    assert done.transcripts.count() == 1


def test_a_recording_that_was_touched_is_not_transcribed(recording_of: Made, call: bytes) -> None:
    recording = recording_of(call)
    recording.segments.filter(index=0).update(sha256=bytes(32))
    assert transcribed(recording).failure == "recording.damaged"
