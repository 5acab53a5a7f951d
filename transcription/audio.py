"""From a sealed recording to samples: decoded in memory, one accepted container format at a time.

Samples are 16 kHz, signed 16-bit, one array a channel.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import av
import numpy as np

from transcription.failures import EMPTY, NO_AUDIO, TOO_LONG, UNREADABLE, UNSUPPORTED, CannotTranscribe
from transcription.formats import UNKNOWN, WAV, format_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

RATE: Final = 16_000
MAX_SECONDS: Final = 2 * 3600
HEAD_BYTES: Final = 64
# A file is incomplete when this much of what it announced did not come out.
MISSING_SECONDS: Final = 1.0
MISSING_SHARE: Final = 0.02
# A hole: the demuxer stopped this far before the end of the file.
UNREAD_BYTES: Final = 65_536
UNREAD_SHARE: Final = 0.1
# Two channels that are nearly one: a mono call stored twice, or a room heard by two microphones.
SAME_CHANNEL: Final = 0.9


@dataclass(frozen=True, slots=True)
class Audio:
    """`channels` holds one or two arrays of equal length. `truncated`: less came out than the file announced."""

    channels: tuple[NDArray[np.int16], ...]
    truncated: bool

    @property
    def seconds(self) -> float:
        return len(self.channels[0]) / RATE


def decode(file: BinaryIO, size: int) -> Audio:
    """Decode a seekable file of `size` bytes. Raises CannotTranscribe with the reason when nothing can be heard of it."""
    if size == 0:
        raise CannotTranscribe(EMPTY)
    head = file.read(HEAD_BYTES)
    found = format_of(head)
    if found is UNKNOWN:
        raise CannotTranscribe(UNSUPPORTED)
    file.seek(0)
    try:
        with av.open(file, mode="r", format=found.demuxer, metadata_errors="ignore") as container:
            decoded = _read(container, size)
    except (av.error.FFmpegError, UnicodeDecodeError) as error:
        raise CannotTranscribe(UNREADABLE) from error
    return replace(decoded, truncated=True) if found is WAV and _wav_ends_early(head, size) else decoded


def _wav_ends_early(head: bytes, size: int) -> bool:
    """FFmpeg takes a WAV for as long as the file is; the RIFF header says how long it should be (0 and -1: unknown)."""
    announced = int.from_bytes(head[4:8], "little")
    return announced not in {0, 0xFFFF_FFFF} and announced - size > size * MISSING_SHARE


def _read(container: Any, size: int) -> Audio:
    if not container.streams.audio:
        raise CannotTranscribe(NO_AUDIO)
    stream = container.streams.audio[0]
    stream.thread_type = "AUTO"
    layout = "stereo" if stream.codec_context.channels == 2 else "mono"  # noqa: PLR2004
    announced = _announced(container, stream)
    tally = Tally()
    resampler = av.AudioResampler(format="s16", layout=layout, rate=RATE)
    blocks = [block for frame in tally.frames(container, stream) for block in _resampled(resampler, frame)]
    blocks += _resampled(resampler, None)
    if not blocks:
        raise CannotTranscribe(UNREADABLE if tally.broken else NO_AUDIO)
    samples = np.concatenate(blocks)
    channels = _channels(samples, 2 if layout == "stereo" else 1)
    missing = announced - len(channels[0]) / RATE
    short = missing > max(MISSING_SECONDS, announced * MISSING_SHARE)
    hole = size - tally.end > max(UNREAD_BYTES, size * UNREAD_SHARE)
    return Audio(channels, truncated=short or hole or tally.broken)


class Tally:
    """What reading a container came upon: how far it read, and whether a packet could not be decoded."""

    def __init__(self) -> None:
        self.end = 0
        self.broken = False
        self._seconds = 0.0

    def frames(self, container: Any, stream: Any) -> Iterator[Any]:
        """Yield decoded frames. A damaged packet is left out and remembered; a damaged container ends the reading.

        Raises CannotTranscribe(TOO_LONG) as soon as that is known: a small file can hold days of silence.
        """
        try:
            for packet in container.demux(stream):
                self.end = max(self.end, (packet.pos or 0) + packet.size)
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
            if self._seconds > MAX_SECONDS:
                raise CannotTranscribe(TOO_LONG)
            yield frame


def _announced(container: Any, stream: Any) -> float:
    """Seconds that the file says it holds; 0 when it does not say, as in a browser's WebM."""
    if stream.duration:
        return float(stream.duration * stream.time_base)
    return float(container.duration / av.time_base) if container.duration else 0.0


def _resampled(resampler: Any, frame: Any) -> list[NDArray[np.int16]]:
    if frame is not None:
        frame.pts = None  # a jump in time would be an error of the resampler; samples are laid end to end
    return [out.to_ndarray().reshape(-1) for out in resampler.resample(frame)]


def _channels(samples: NDArray[np.int16], count: int) -> tuple[NDArray[np.int16], ...]:
    if count == 1:
        return (samples,)
    left, right = samples[0::2], samples[1::2]
    kept = (left,) if _same(left, right) else (left, right)
    return tuple(np.ascontiguousarray(channel) for channel in kept)


def _same(left: NDArray[np.int16], right: NDArray[np.int16]) -> bool:
    """Whether both channels carry the same sound. A silent channel is not the same as one that speaks."""
    a, b = left.astype(np.float32), right.astype(np.float32)
    energy = float(np.sqrt(np.dot(a, a) * np.dot(b, b)))
    return energy > 0 and float(np.dot(a, b)) / energy > SAME_CHANNEL
