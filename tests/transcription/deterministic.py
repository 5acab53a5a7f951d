"""An engine without a model, for tests of everything around it: a word every half second, numbered by its place."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from transcription.engines import Word
from transcription.vocabulary import Terms

STEP = 0.5


class Deterministic:
    name = "deterministic"
    model = "numbered"
    model_version = "1"

    def languages(self, samples: NDArray[np.float32]) -> dict[str, float]:
        return {"zh": 0.0, "en": 1.0}

    def hear(self, samples: NDArray[np.float32], language: str, terms: Terms, progress: Callable[[float], None]) -> list[Word]:
        count = int(len(samples) / 16_000 / STEP)
        progress(0.5)
        words = [Word(f" w{n}", n * STEP, n * STEP + 0.45, 0.5) for n in range(count)]
        progress(1.0)
        return words


def load() -> Deterministic:
    return Deterministic()
