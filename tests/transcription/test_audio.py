"""Every file ends decoded, or in a named state."""

import contextlib
import io
import random

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.transcription import sounds
from transcription import audio, failures, formats
from transcription.failures import CannotTranscribe


def decode(data: bytes) -> audio.Audio:
    return audio.decode(io.BytesIO(data), len(data))


def samples(decoded: audio.Audio, channel: int) -> NDArray[np.int16]:
    return np.concatenate(list(decoded.blocks(channel)))


def refusal(data: bytes) -> str:
    with pytest.raises(CannotTranscribe) as refused:
        decode(data)
    assert refused.value.kind.code in failures.FAILURES
    assert refused.value.kind.zh
    assert refused.value.kind.en
    return refused.value.kind.code


@pytest.mark.parametrize("container", sounds.CONTAINERS)
def test_each_accepted_format_is_known_by_its_bytes_and_keeps_both_channels_apart(container: str) -> None:
    left = sounds.in_turn(sounds.tone(2), sounds.silence(2))
    right = sounds.in_turn(sounds.silence(2), sounds.tone(2, 300))
    data = sounds.encoded(left, right, container=container)
    assert formats.format_of(data[:64]).media_type.startswith("audio/")
    decoded = decode(data)
    assert decoded.channels == 2
    assert decoded.seconds == pytest.approx(4, abs=0.2)
    assert not decoded.truncated
    first, second = (np.abs(samples(decoded, channel)[: sounds.RATE]).mean() for channel in (0, 1))
    assert first > 1000
    assert second < 100


def test_a_telephone_rate_becomes_16_khz_mono() -> None:
    decoded = decode(sounds.encoded(sounds.tone(3), rate=8000))
    assert decoded.channels == 1
    assert decoded.seconds == pytest.approx(3, abs=0.01)


def test_a_mono_call_stored_on_two_channels_is_one_speaker_unknown() -> None:
    same = sounds.tone(2)
    assert decode(sounds.encoded(same, same)).channels == 1


def test_an_empty_file_is_named() -> None:
    assert refusal(b"") == "audio.empty"


@pytest.mark.parametrize(
    "data",
    [
        random.Random(7).randbytes(5000),
        sounds.tone(1).tobytes(),
        b"MZ" + bytes(500),
        b"#EXTM3U\nhttp://169.254.169.254/\n",
        b"x",
    ],
    ids=["random bytes", "no header", "a program", "a playlist", "one byte"],
)
def test_what_is_no_recording_is_named_and_never_reaches_a_decoder(data: bytes) -> None:
    assert refusal(data) == "audio.unsupported"


@pytest.mark.parametrize("container", sounds.CONTAINERS)
def test_a_header_alone_is_named(container: str) -> None:
    data = sounds.encoded(sounds.tone(2), container=container)
    assert refusal(data[:30]) in {"audio.unreadable", "audio.no_audio"}


@pytest.mark.parametrize("container", ["wav", "mp3", "ogg", "flac"])
def test_a_truncated_file_gives_what_can_be_read_and_says_so(container: str) -> None:
    data = sounds.encoded(sounds.spoken("Good morning. How is your blood pressure today?"), container=container)
    decoded = decode(data[: len(data) // 2])
    if container == "ogg":  # has no duration in its header and no rest to miss: it is simply a shorter recording
        assert decoded.seconds > 0.5
        return
    assert decoded.truncated
    assert 0.5 < decoded.seconds < decode(data).seconds * 0.7


def test_an_m4a_without_its_index_is_named() -> None:
    data = sounds.encoded(sounds.tone(20), container="m4a")
    assert refusal(data[: len(data) // 2]) == "audio.unreadable"


def test_a_hole_in_a_webm_is_found_although_no_decoder_complains() -> None:
    noise = np.random.default_rng(1).integers(-9000, 9000, 60 * sounds.RATE).astype(np.int16)
    data = bytearray(sounds.encoded(noise, container="webm"))
    assert not decode(bytes(data)).truncated
    hole = slice(len(data) // 4, len(data) // 4 + 150_000)
    data[hole] = bytes(150_000)
    decoded = decode(bytes(data))
    assert decoded.truncated
    assert decoded.seconds < 58


def test_a_file_longer_than_the_bound_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio, "MAX_SECONDS", 60)
    data = sounds.encoded(sounds.silence(90), container="flac")
    assert len(data) < 100_000, "it would be 2.8 MB"
    assert refusal(data) == "audio.too_long"
    assert decode(sounds.encoded(sounds.silence(61), container="flac")).seconds == 61


def test_noise_in_the_middle_of_a_file_never_raises_anything_but_a_named_failure() -> None:
    chance = random.Random(20)
    for container in sounds.CONTAINERS:
        data = sounds.encoded(sounds.tone(3), container=container)
        for _ in range(6):
            broken = bytearray(data)
            at = chance.randrange(len(data))
            broken[at : at + 40] = chance.randbytes(len(broken[at : at + 40]))
            with contextlib.suppress(CannotTranscribe):
                decode(bytes(broken))
