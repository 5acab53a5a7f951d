"""Where somebody speaks, heard by a voice-activity detector (Silero), and how much of it a transcript covers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from transcription.audio import RATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from transcription.engines import Word

PAUSE_MS: Final = 300
PAD_MS: Final = 100
# Words are placed to about a third of a second, and people breathe between them.
REACH: Final = 0.5
GAP_SECONDS: Final = 1.0


class Span(NamedTuple):
    """Seconds from the beginning of the recording."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.start


def as_float(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    return samples.astype(np.float32) / 32768.0


def spoken(samples: NDArray[np.float32]) -> list[Span]:
    """The stretches of one channel in which somebody speaks, in order."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps  # noqa: PLC0415 (an optional extra; loads in 0.5 s)

    options = VadOptions(min_silence_duration_ms=PAUSE_MS, speech_pad_ms=PAD_MS)
    return [Span(x["start"] / RATE, x["end"] / RATE) for x in get_speech_timestamps(samples, options)]


def uncovered(speech: Iterable[Span], words: Sequence[Word]) -> list[Span]:
    """The parts of `speech` of at least GAP_SECONDS that no word reaches."""
    reached = merged(Span(word.start - REACH, word.end + REACH) for word in words)
    return [rest for span in speech for rest in _without(span, reached) if rest.seconds >= GAP_SECONDS]


def trimmed(words: Iterable[Word], speech: Sequence[Span]) -> list[Word]:
    """The words without the silence that was counted to them, so that a pause is seen as one."""
    return [_trimmed(word, [span for span in speech if span.start < word.end and word.start < span.end]) for word in words]


def _trimmed(word: Word, around: Sequence[Span]) -> Word:
    if not around:
        return word
    return word._replace(start=max(word.start, around[0].start), end=min(word.end, around[-1].end))


def merged(spans: Iterable[Span]) -> list[Span]:
    """The union, in order, without overlaps."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def _without(span: Span, taken: Iterable[Span]) -> list[Span]:
    """What is left of `span` outside `taken` (ordered, not overlapping)."""
    rest, position = [], span.start
    for other in taken:
        if other.end <= position:
            continue
        if other.start >= span.end:
            break
        if other.start > position:
            rest.append(Span(position, other.start))
        position = other.end
    if position < span.end:
        rest.append(Span(position, span.end))
    return rest
