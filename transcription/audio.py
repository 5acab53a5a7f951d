"""From a sealed recording to samples: decoded in memory a block at a time, one accepted container format at a time.

Samples are 16 kHz, signed 16-bit. Nothing holds a whole recording: two hours of two channels would be 460 MB.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

import av
import numpy as np

from transcription.failures import EMPTY, NO_AUDIO, TOO_LONG, UNREADABLE, UNSUPPORTED, CannotTranscribe
from transcription.formats import UNKNOWN, WAV, format_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    Block = NDArray[np.int16]  # (channels, samples)

RATE: Final = 16_000
MAX_SECONDS: Final = 2 * 3600
LATE_SECONDS: Final = 10  # recorders stop a little late, and encoders fill their last frame
HEAD_BYTES: Final = 64
BLOCK_SAMPLES: Final = 10 * RATE
# A file is incomplete when this much of what it announced did not come out.
MISSING_SECONDS: Final = 1.0
MISSING_SHARE: Final = 0.02
# A hole: the demuxer stopped this far before the end of the file.
UNREAD_BYTES: Final = 65_536
UNREAD_SHARE: Final = 0.1
# Two channels that are nearly one: a mono call stored twice, or a room heard by two microphones.
SAME_CHANNEL: Final = 0.9


class Encoded(NamedTuple):
    """A seekable file of `size` bytes, and FFmpeg's name of the only format it may be read as."""

    file: BinaryIO
    size: int
    demuxer: str


@dataclass(frozen=True, slots=True)
class Audio:
    """A file that was decoded once from end to end, and is decoded again whenever it is read; it must stay open.

    `channels`: 1, or 2 that differ. `truncated`: less came out than the file announced.
    """

    source: Encoded
    channels: int
    seconds: float
    truncated: bool

    def blocks(self, channel: int | None) -> Iterator[NDArray[np.int16]]:
        """The samples of one channel, in order; of all channels mixed for None, and where there is but one. Raises CannotTranscribe."""
        for block in _blocks(self.source, Tally()):
            if channel is None or self.channels == 1:
                yield block[0] if len(block) == 1 else (block.sum(axis=0, dtype=np.int32) // len(block)).astype(np.int16)
            else:
                yield np.ascontiguousarray(block[channel])


def decode(file: BinaryIO, size: int) -> Audio:
    """Look through a seekable file of `size` bytes. Raises CannotTranscribe with the reason when nothing can be heard of it."""
    if size == 0:
        raise CannotTranscribe(EMPTY)
    head = file.read(HEAD_BYTES)
    found = format_of(head)
    if found is UNKNOWN:
        raise CannotTranscribe(UNSUPPORTED)
    source, tally, likeness = Encoded(file, size, found.demuxer), Tally(), Likeness()
    samples = sum(likeness.seen(block) for block in _blocks(source, tally))
    if not samples:
        raise CannotTranscribe(UNREADABLE if tally.broken else NO_AUDIO)
    truncated = tally.lacks(samples / RATE, size) or (found is WAV and _wav_ends_early(head, size))
    return Audio(source, likeness.channels, samples / RATE, truncated)


def _wav_ends_early(head: bytes, size: int) -> bool:
    """FFmpeg takes a WAV for as long as the file is; the RIFF header says how long it should be (0 and -1: unknown)."""
    announced = int.from_bytes(head[4:8], "little")
    return announced not in {0, 0xFFFF_FFFF} and announced - size > size * MISSING_SHARE


@contextmanager
def _opened(source: Encoded) -> Iterator[Any]:
    source.file.seek(0)
    try:
        with av.open(source.file, mode="r", format=source.demuxer, metadata_errors="ignore") as container:
            yield container
    except (av.error.FFmpegError, UnicodeDecodeError) as error:
        raise CannotTranscribe(UNREADABLE) from error


def _blocks(source: Encoded, tally: Tally) -> Iterator[Block]:
    """Every sample in blocks of BLOCK_SAMPLES, the last one shorter."""
    with _opened(source) as container:
        if not container.streams.audio:
            raise CannotTranscribe(NO_AUDIO)
        stream = container.streams.audio[0]
        stream.thread_type = "AUTO"
        count = 2 if stream.codec_context.channels == 2 else 1  # noqa: PLR2004
        tally.announced = _announced(container, stream)
        resampler = av.AudioResampler(format="s16", layout="stereo" if count == 2 else "mono", rate=RATE)  # noqa: PLR2004
        parts = (part for frame in chain(tally.frames(container, stream), [None]) for part in _resampled(resampler, frame))
        for block in _packed(parts, BLOCK_SAMPLES * count):
            yield block.reshape(-1, count).T


def _packed(parts: Iterable[NDArray[np.int16]], length: int) -> Iterator[NDArray[np.int16]]:
    """The same values in arrays of `length` or a little more."""
    held: list[NDArray[np.int16]] = []
    room = length
    for part in parts:
        held.append(part)
        room -= len(part)
        if room <= 0:
            yield np.concatenate(held)
            held, room = [], length
    if held:
        yield np.concatenate(held)


class Tally:
    """What reading a container came upon: how far it read, and whether a packet could not be decoded."""

    def __init__(self) -> None:
        self.announced = 0.0  # seconds; 0 when the file does not say, as in a browser's WebM
        self.broken = False
        self._end = 0
        self._seconds = 0.0

    def lacks(self, seconds: float, size: int) -> bool:
        """Whether a file of `size` bytes of which `seconds` came out is incomplete."""
        short = self.announced - seconds > max(MISSING_SECONDS, self.announced * MISSING_SHARE)
        hole = size - self._end > max(UNREAD_BYTES, size * UNREAD_SHARE)
        return short or hole or self.broken

    def frames(self, container: Any, stream: Any) -> Iterator[Any]:
        """Yield decoded frames. A damaged packet is left out and remembered; a damaged container ends the reading.

        Raises CannotTranscribe(TOO_LONG) as soon as that is known: a small file can hold days of silence.
        """
        try:
            for packet in container.demux(stream):
                self._end = max(self._end, (packet.pos or 0) + packet.size)
                yield from self._decoded(packet)
        except av.error.FFmpegError:
            self.broken = True

    def _decoded(self, packet: Any) -> Iterator[Any]:
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            self.broken = True
            return
        for frame in frames:
            self._seconds += frame.samples / frame.sample_rate
            if self._seconds > MAX_SECONDS + LATE_SECONDS:
                raise CannotTranscribe(TOO_LONG)
            yield frame


class Likeness:
    """Whether both channels carry the same sound. A silent channel is not the same as one that speaks."""

    def __init__(self) -> None:
        self._count = 1
        self._products = np.zeros((2, 2))

    @property
    def channels(self) -> int:
        """How many there are to hear."""
        energy = float(np.sqrt(self._products[0, 0] * self._products[1, 1]))
        alike = energy > 0 and float(self._products[0, 1]) / energy > SAME_CHANNEL
        return 1 if alike else self._count

    def seen(self, block: Block) -> int:
        """Take the block into account; return how many samples a channel has in it."""
        self._count = len(block)
        if self._count > 1:
            values = block.astype(np.float32)
            self._products += values @ values.T
        return len(block[0])


def _announced(container: Any, stream: Any) -> float:
    """Seconds that the file says it holds; 0 when it does not say."""
    if stream.duration:
        return float(stream.duration * stream.time_base)
    return float(container.duration / av.time_base) if container.duration else 0.0


def _resampled(resampler: Any, frame: Any) -> list[NDArray[np.int16]]:
    if frame is not None:
        frame.pts = None  # a jump in time would be an error of the resampler; samples are laid end to end
    return [out.to_ndarray().reshape(-1) for out in resampler.resample(frame)]
