"""What turns speech into words. A new engine is one file and one line in ENGINES."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol, cast

from transcription.failures import NO_MODEL, CannotTranscribe

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from transcription.captions import LiveEar
    from transcription.vocabulary import Terms

# What the hospital speaks: a short or noisy file must not be taken for a third language.
LANGUAGES: Final = ("zh", "en")


class Word(NamedTuple):
    """One word (in Chinese: one character) as it joins the text, with its leading space where the language has one.

    `start` and `end` are seconds from the beginning of the recording; `confidence` is 0..1. `term`: the name of the vocabulary that a
    doubtful word may have been.
    """

    text: str
    start: float
    end: float
    confidence: float
    term: str | None = None


class Engine(Protocol):
    """A loaded model."""

    name: str
    model: str
    model_version: str  # digest of the weights

    def languages(self, samples: NDArray[np.float32]) -> Mapping[str, float]:
        """How likely each of LANGUAGES is what is spoken in samples as `hear` takes them: 0..1."""
        ...

    def hear(
        self, samples: NDArray[np.float32], language: str, terms: Terms, progress: Callable[[float], None]
    ) -> Sequence[Word]:
        """Transcribe one channel, 16 kHz mono in -1..1, in one of LANGUAGES.

        `terms.hint(language)` is what the model is told before. Calls `progress` with 0..1, rising.
        """
        ...


# Name -> module with `load() -> Engine`. Imported only when chosen: each needs packages that the others do not.
ENGINES: Final[dict[str, str]] = {
    "faster-whisper": "transcription.engines.faster_whisper",
    "openai-whisper": "transcription.engines.openai_whisper",
}


def load(name: str) -> Engine:
    """Load the engine called `name`. Raises KeyError for an unknown name, CannotTranscribe(NO_MODEL) without its parts."""
    return cast("Engine", import_module(ENGINES[name]).load())


def ears(name: str) -> Callable[[], LiveEar]:
    """What captions are made with: load the engine's model for one thread; each call gives an ear for one speaker.

    Raises KeyError for an unknown name, CannotTranscribe(NO_MODEL) without its parts or where the engine is none for captions.
    """
    module = import_module(ENGINES[name])
    if not hasattr(module, "ears"):
        raise CannotTranscribe(NO_MODEL)
    return cast("Callable[[], LiveEar]", module.ears())
