"""Live captions of one speaker in a call: samples in as they come, lines out while they are said. No socket, no database, nothing kept.

A line has a number. It is shown again and again while its words become clearer, and for the last time when the speaker pauses. The
model hears the line from its beginning each time, one core at most: when it is slow, lines are shown less often, never later and later.
"""

from __future__ import annotations

import time
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import numpy as np

from transcription import speech
from transcription.audio import RATE
from transcription.guards import is_credit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

STEP_SECONDS: Final = 0.8  # of new sound between two showings of a line
PAUSE_SECONDS: Final = 0.6  # of quiet end a line
LONGEST_LINE: Final = 12.0
LEAD_SECONDS: Final = 0.5  # of quiet before a line that are kept: a word begins before the detector is sure
BUSY: Final = 1.5  # of the time that the model took pass before it is asked again


class Caption(NamedTuple):
    """What is known of line `number` (from 0) so far; `start` in seconds from the first sample. A `final` one stays as it is."""

    number: int
    start: float
    text: str
    final: bool


class LiveEar(Protocol):
    def text(self, samples: NDArray[np.float32], *, final: bool) -> str:
        """What is said in up to LONGEST_LINE seconds, 16 kHz mono in -1..1; `final`: this is all of the line."""
        ...


def captions(chunks: Iterable[NDArray[np.int16]], ear: LiveEar) -> Iterator[Caption]:
    """Captions of 16 kHz mono samples, in chunks of any length; what was still being said when they end becomes final."""
    line = Line(0, 0.0)
    for chunk in chunks:
        line.add(speech.as_float(chunk))
        if line.ended:
            yield from line.shown(ear, final=True)
            line = line.following()
        elif line.is_due:
            yield from line.shown(ear, final=False)
    yield from line.shown(ear, final=True)


class Line:
    """What is being said. `start`: seconds from the first sample of the call to the first one held here."""

    def __init__(self, number: int, start: float) -> None:
        self.number, self.start = number, start
        self._samples = np.empty(0, np.float32)
        self._spans: list[speech.Span] = []
        self._heard = 0.0  # seconds when the model was last asked
        self._wait = STEP_SECONDS

    @property
    def seconds(self) -> float:
        return len(self._samples) / RATE

    def add(self, samples: NDArray[np.float32]) -> None:
        """Take more samples; quiet before the line is let go."""
        self._samples = np.concatenate([self._samples, samples])
        self._spans = speech.found(self._samples)
        if not self._spans and self.seconds > LEAD_SECONDS:
            quiet = len(self._samples) - int(LEAD_SECONDS * RATE)
            self._samples = self._samples[quiet:]
            self.start += quiet / RATE

    @property
    def ended(self) -> bool:
        return bool(self._spans) and (self._paused or self.seconds >= LONGEST_LINE)

    @property
    def _paused(self) -> bool:
        return self.seconds - self._spans[-1].end >= PAUSE_SECONDS

    @property
    def is_due(self) -> bool:
        return bool(self._spans) and self.seconds - self._heard >= self._wait

    def shown(self, ear: LiveEar, *, final: bool, sharing: int = 1) -> Iterator[Caption]:
        """Ask the model, which `sharing` people use. Nothing is shown of quiet, nor of what it writes although nobody said it."""
        if not self._spans:
            return
        began = time.monotonic()
        text = ear.text(self._samples[: self._cut] if final else self._samples, final=final).strip()
        self._heard, self._wait = self.seconds, max(STEP_SECONDS, sharing * BUSY * (time.monotonic() - began))
        if text and not is_credit(text):
            yield Caption(self.number, self.start + self._spans[0].start, text, final)

    @property
    def _cut(self) -> int:
        """Where the line ends: one that is too long in its last pause, if its second half has one."""
        if self._paused or self.seconds < LONGEST_LINE:
            return len(self._samples)
        pauses = [(before.end + after.start) / 2 for before, after in pairwise(self._spans)]
        late = [pause for pause in pauses if pause > LONGEST_LINE / 2]
        return int(late[-1] * RATE) if late else len(self._samples)

    def following(self) -> Line:
        """The line after this one, with what was said of it already."""
        line = Line(self.number + 1, self.start + self._cut / RATE)
        line.add(self._samples[self._cut :])
        return line
