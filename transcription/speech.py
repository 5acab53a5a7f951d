"""Where somebody speaks, heard by a voice-activity detector (Silero), and how much of it a transcript covers."""

from __future__ import annotations

import math
from itertools import count, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from transcription.audio import RATE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from transcription.engines import Word

PAUSE_MS: Final = 300
PAD_MS: Final = 100
WINDOW_SECONDS: Final = 120.0  # what the detector is given at once
LONGEST_SPAN: Final = 30.0  # somebody who never pauses is cut where she pauses least
PIECE_SECONDS: Final = 300.0  # what a model is given at once
MARGIN: Final = 0.3
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


def spoken(blocks: Iterable[NDArray[np.int16]]) -> list[Span]:
    """The stretches of one channel in which somebody speaks, in order. The detector hears a window at a time."""
    joined: list[Span] = []
    for start, samples in windows(blocks, WINDOW_SECONDS):
        heard = [Span(start + span.start, start + span.end) for span in found(samples)]
        if joined and heard and heard[0].start <= joined[-1].end:  # somebody spoke across the border
            joined[-1:] = [Span(joined[-1].start, heard.pop(0).end)]
        joined += heard
    return joined


def found(samples: NDArray[np.float32]) -> list[Span]:
    """The same in samples that are all there."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps  # noqa: PLC0415 (an optional extra; loads in 0.5 s)

    options = VadOptions(min_silence_duration_ms=PAUSE_MS, speech_pad_ms=PAD_MS, max_speech_duration_s=LONGEST_SPAN)
    return [Span(x["start"] / RATE, x["end"] / RATE) for x in get_speech_timestamps(samples, options)]


def windows(blocks: Iterable[NDArray[np.int16]], seconds: float) -> Iterator[tuple[float, NDArray[np.float32]]]:
    """The channel in runs of `seconds`, the last one shorter, each with the second at which it begins."""
    tape, length = Tape(blocks), int(seconds * RATE)
    for start in count(0, length):
        samples = tape.cut(start, start + length)
        if len(samples):
            yield start / RATE, samples
        if len(samples) < length:
            return


def pieces(blocks: Iterable[NDArray[np.int16]], spans: Iterable[Span]) -> Iterator[tuple[Span, NDArray[np.float32]]]:
    """The channel around its speech, with where each piece lies: cut in pauses, none longer than PIECE_SECONDS and its margins."""
    tape = Tape(blocks)
    for piece in with_margins(_gathered(spans)):
        yield piece, tape.cut(int(piece.start * RATE), int(piece.end * RATE))


def _gathered(spans: Iterable[Span]) -> list[Span]:
    gathered: list[Span] = []
    for span in spans:
        if gathered and span.end - gathered[-1].start <= PIECE_SECONDS:
            gathered[-1] = Span(gathered[-1].start, span.end)
        else:
            gathered.append(span)
    return gathered


def with_margins(spans: Sequence[Span]) -> list[Span]:
    """Each with up to MARGIN of the quiet around it, so that none reaches into its neighbour."""
    if not spans:
        return []
    borders = [0.0, *((before.end + after.start) / 2 for before, after in pairwise(spans)), math.inf]
    return [
        Span(max(span.start - MARGIN, before), min(span.end + MARGIN, after))
        for span, (before, after) in zip(spans, pairwise(borders), strict=True)
    ]


class Tape:
    """A channel's samples, read forward: what lies before a cut is let go."""

    def __init__(self, blocks: Iterable[NDArray[np.int16]]) -> None:
        self._blocks = iter(blocks)
        self._held = np.empty(0, np.int16)
        self._end = 0  # of what was read

    def cut(self, first: int, last: int) -> NDArray[np.float32]:
        """The samples [first, last), or those of them that there are. Later cuts begin at `last` or after it."""
        parts = [self._held]
        while self._end < last and (block := next(self._blocks, None)) is not None:
            self._end += len(block)
            parts = [*parts, block] if self._end > first else []
        joined = np.concatenate([self._held[:0], *parts])
        start = self._end - len(joined)
        self._held = joined[max(0, last - start) :].copy()
        return as_float(joined[max(0, first - start) : max(0, last - start)])


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
