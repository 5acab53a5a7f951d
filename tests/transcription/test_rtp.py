"""Packets of one voice on the clock of who said it, whatever their time stamps claim."""

import io
import struct
import time
from typing import Any

import av
import pytest

from transcription.rtp.ogg import samples_of
from transcription.rtp.voice import Voice

SOURCE = 7
QUIET = b"\xf8\xff\xfe"


def packet(number: int, time: int, payload: bytes = QUIET) -> bytes:
    return struct.pack("!BBHII", 0x80, 111, number, time, SOURCE) + payload


def decoded_ms(sound: bytes) -> int:
    container: Any = av.open(io.BytesIO(sound))
    return round(sum(float(frame.samples * 1000 / frame.sample_rate) for frame in container.decode(audio=0)))


@pytest.mark.parametrize(("passed", "heard_ms"), [(10.0, 10_000), (0.02, 1_520)])
def test_who_was_muted_is_silent_for_as_long_as_that_lasted_and_no_time_stamp_makes_it_longer(
    passed: float, heard_ms: int
) -> None:
    voice, gap = Voice(SOURCE), 480_000 - 960
    sound = voice.feed(packet(1, 0), 100.0)
    sound += voice.feed(packet(2, gap), 100.0 + passed)
    sound += voice.feed(packet(3, gap + 3600 * 48_000), 100.0 + passed)  # an hour ahead
    sound += voice.feed(packet(4, gap + 3600 * 48_000 + 960), 100.0 + passed)
    sound += voice.finish()
    assert voice.ms <= passed * 1000 + 1_500 + 60
    assert voice.ms >= heard_ms
    assert decoded_ms(sound) == pytest.approx(voice.ms, abs=1)
    assert voice.lost_ms == 0


def test_a_packet_longer_than_opus_allows_is_left_out_and_what_follows_is_kept() -> None:
    long = b"\xfb\x3f" + 63 * b"\xff\xfe"
    assert (samples_of(long), samples_of(b"\xfb\x06" + 6 * b"\xff\xfe")) == (0, 5760)
    voice = Voice(SOURCE)
    sound = b"".join(
        voice.feed(packet(number, number * 960, long if number == 2 else QUIET), number / 50) for number in range(5)
    )
    assert decoded_ms(sound + voice.finish()) == voice.ms == 100


def test_after_a_minute_that_never_came_what_is_said_is_kept_and_the_minute_is_said_to_be_lost() -> None:
    """Dr Zhao's network was gone for 70 s; numbers and time stamps went on without it."""
    voice, sound = Voice(SOURCE), b""
    for number in [*range(50), *range(3_550, 3_650)]:
        sound += voice.feed(packet(number, number * 960), number / 50)
    sound += voice.finish()
    assert decoded_ms(sound) == voice.ms == pytest.approx(3_650 * 20, abs=40)
    assert voice.lost_ms == pytest.approx(70_000, abs=40)


def test_one_packet_from_far_away_is_no_part_of_a_voice() -> None:
    voice = Voice(SOURCE)
    for number in (1, 2, 20_000, 3, 40_000, 4, 20_001, 5):
        voice.feed(packet(number, number * 960), 100 + number / 50 if number < 10 else 100)
    voice.finish()
    assert (voice.ms, voice.lost_ms) == (100, 0)


def test_hours_of_silence_are_made_while_nobody_waits() -> None:
    voice, hours = Voice(SOURCE), 100 * 60
    sound = voice.feed(packet(1, 0), 0.0)
    began = time.thread_time()
    sound += voice.feed(packet(2, hours * 48_000), float(hours))
    assert time.thread_time() - began < 0.1
    sound += voice.finish()
    assert voice.ms == pytest.approx(hours * 1000, abs=40)
    container: Any = av.open(io.BytesIO(sound))
    assert sum(samples_of(bytes(one)) for one in container.demux(audio=0)) == voice.ms * 48
