"""Packets of one voice on the clock of who said it, whatever their time stamps claim."""

import io
import struct
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
