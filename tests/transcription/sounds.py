"""Recordings that the tests make themselves: spoken by espeak-ng, encoded by PyAV."""

import io
import subprocess
from fractions import Fraction
from functools import cache
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

RATE = 16_000
Samples = NDArray[np.int16]

# What a container holds in the field: its FFmpeg name, and the codec.
CONTAINERS = {
    "wav": ("wav", "pcm_s16le"),
    "mp3": ("mp3", "libmp3lame"),
    "m4a": ("ipod", "aac"),
    "ogg": ("ogg", "libopus"),
    "webm": ("webm", "libopus"),
    "flac": ("flac", "flac"),
}


ENGLISH = "en"
MANDARIN = "cmn-latn-pinyin+f3"  # plain "cmn" reads the tones aloud, as numbers


@cache
def spoken(text: str, voice: str = ENGLISH) -> Samples:
    """`text` as 16 kHz mono."""
    command = ["espeak-ng", "-v", voice, "-s", "130", "--stdout", text]
    made = subprocess.run(command, capture_output=True, check=True).stdout
    return read(made)


def read(data: bytes) -> Samples:
    opened: Any = av.open(io.BytesIO(data))
    with opened as container:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        frames = [*container.decode(audio=0), None]
        parts = [out.to_ndarray().reshape(-1) for frame in frames for out in resampler.resample(frame)]
    return np.concatenate(parts)


def silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE), np.int16)


def tone(seconds: float, hertz: float = 440.0) -> Samples:
    return (8000 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)).astype(np.int16)


def in_turn(*parts: Samples) -> Samples:
    return np.concatenate(parts)


def encoded(*channels: Samples, container: str = "wav", rate: int = RATE) -> bytes:
    """A file of one or two channels; the shorter one is filled up with silence."""
    length = max(len(channel) for channel in channels)
    full = [np.pad(channel, (0, length - len(channel))) for channel in channels]
    name, codec = CONTAINERS[container]
    made = io.BytesIO()
    layout = "stereo" if len(full) == 2 else "mono"
    opened: Any = av.open(made, "w", format=name)
    with opened as output:
        stream: Any = output.add_stream(codec, rate=48_000 if codec == "libopus" else rate, layout=layout)
        resampler = av.AudioResampler(format=stream.format.name, layout=layout, rate=stream.rate, frame_size=stream.frame_size)
        frame = av.AudioFrame.from_ndarray(np.stack(full, axis=1).reshape(1, -1), format="s16", layout=layout)
        frame.rate, frame.time_base = RATE, Fraction(1, RATE)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            output.mux(stream.encode(part))
        output.mux(stream.encode(None))
    return made.getvalue()
