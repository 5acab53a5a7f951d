"""The tracks of a call laid side by side: one channel to whom it is about, one to everybody else, on one clock. Pure.

Samples are 16 kHz, signed 16-bit, read a block at a time. The result is AAC in MP4, which every browser plays and seeks in.
"""

from __future__ import annotations

import io
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import av
import numpy as np

from transcription.audio import RATE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from transcription.audio import Audio

BITS_PER_SECOND: Final = 64_000
INDEX_BYTES: Final = 8_192
INDEX_BYTES_A_SECOND: Final = 512  # it needs about 200
BLOCK: Final = RATE  # a second at a time


class Take(NamedTuple):
    """What one device heard. `channel` 0 or 1; `offset`: seconds from the beginning of the call's recording to its first sample."""

    channel: int
    offset: float
    audio: Audio

    @property
    def end(self) -> int:
        return round((self.offset + self.audio.seconds) * RATE)


def mixed(takes: Sequence[Take]) -> bytes:
    """An MP4 file of two channels, as long as the latest take; takes of one channel at the same time are added up.

    Raises CannotTranscribe when one of them breaks off.
    """
    made, seconds = io.BytesIO(), max(take.end for take in takes) // RATE
    # The index stands before the sound: a player can begin, and seek, before it has all of it.
    opened: Any = av.open(made, "w", format="ipod", options={"moov_size": str(INDEX_BYTES + seconds * INDEX_BYTES_A_SECOND)})
    with opened as output:
        stream: Any = output.add_stream("aac", rate=RATE, layout="stereo")
        stream.bit_rate = BITS_PER_SECOND
        resampler = av.AudioResampler(format=stream.format.name, layout="stereo", rate=RATE, frame_size=1024)
        for frame in chain(_frames(takes), [None]):
            for part in resampler.resample(frame):
                output.mux(stream.encode(part))
        output.mux(stream.encode(None))
    return made.getvalue()


def _frames(takes: Sequence[Take]) -> Iterator[Any]:
    feeds = [(take.channel, Feed(take)) for take in takes]
    length = max(take.end for take in takes)
    limits = np.iinfo(np.int16)
    for start in range(0, length, BLOCK):
        summed = np.zeros((2, min(BLOCK, length - start)), np.int32)
        for channel, feed in feeds:
            summed[channel] += feed.next(summed.shape[1])
        samples = np.clip(summed, limits.min, limits.max).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(samples.T.reshape(1, -1), format="s16", layout="stereo")
        frame.rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), start
        yield frame


class Feed:
    """The samples of one take from the beginning of the call on: silence before it, and after it."""

    def __init__(self, take: Take) -> None:
        self._blocks = take.audio.blocks(None)
        self._rest: NDArray[np.int16] = np.zeros(round(take.offset * RATE), np.int16)

    def next(self, count: int) -> NDArray[np.int16]:
        while len(self._rest) < count and (block := next(self._blocks, None)) is not None:
            self._rest = np.concatenate((self._rest, block))
        found, self._rest = self._rest[:count], self._rest[count:]
        return np.pad(found, (0, count - len(found)))
