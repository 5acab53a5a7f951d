"""An engine without a model, for tests of everything around it: a word every half second, numbered by its place."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from transcription.engines import Hearing, Word
from transcription.vocabulary import Terms

STEP = 0.5


class Deterministic:
    name = "deterministic"
    model = "numbered"
    model_version = "1"

    def hear(
        self, samples: NDArray[np.float32], language: str | None, terms: Terms, progress: Callable[[float], None]
    ) -> Hearing:
        count = int(len(samples) / 16_000 / STEP)
        progress(0.5)
        words = [Word(f" w{n}", n * STEP, n * STEP + 0.45, 0.5) for n in range(count)]
        progress(1.0)
        return Hearing(words, language or "en")


def load() -> Deterministic:
    return Deterministic()
