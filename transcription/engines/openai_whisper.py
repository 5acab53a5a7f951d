"""OpenAI's own Whisper on PyTorch. Optional: `pip install openai-whisper` (never `whisper`, which is another program).

XINQIAO_SPEECH_MODEL is a size name, or a .pt file; the package itself checks what it downloads against pinned digests.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

from transcription import speech
from transcription.audio import RATE
from transcription.engines import LANGUAGES, Word
from transcription.failures import NO_MODEL, CannotTranscribe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from transcription.vocabulary import Terms

NAME: Final = "openai-whisper"
DEFAULT_SIZE: Final = "base"


class OpenAIWhisper:
    name = NAME

    def __init__(self, whisper: Any, size: str) -> None:
        directory = settings.XINQIAO_DATA / "models" / "openai"
        self._whisper = whisper
        self._model = whisper.load_model(size, download_root=str(directory))
        self.model = f"whisper-{Path(size).stem}"
        file = Path(size) if Path(size).is_file() else directory / f"{size}.pt"
        with file.open("rb") as weights:
            self.model_version = hashlib.file_digest(weights, "sha256").hexdigest()

    def languages(self, samples: NDArray[np.float32]) -> dict[str, float]:
        """From the first half minute."""
        if not self._model.is_multilingual:
            return {language: float(language == "en") for language in LANGUAGES}
        mel = self._whisper.log_mel_spectrogram(self._whisper.pad_or_trim(samples), n_mels=self._model.dims.n_mels)
        _, likely = self._model.detect_language(mel.to(self._model.device))
        return {language: float(likely[language]) for language in LANGUAGES}

    def hear(
        self, samples: NDArray[np.float32], language: str, terms: Terms, progress: Callable[[float], None]
    ) -> Sequence[Word]:
        spans = [moment for span in speech.with_margins(speech.found(samples)) for moment in span]
        if not spans:
            return []
        seconds = len(samples) / RATE
        result = self._model.transcribe(
            samples,
            language=language,
            initial_prompt=terms.hint(language) or None,
            clip_timestamps=[min(moment, seconds) for moment in spans],  # it invents words in silence
            word_timestamps=True,
            condition_on_previous_text=False,
            fp16=False,
        )
        progress(1.0)
        return list(_words(result["segments"]))


def _words(segments: Iterable[dict[str, Any]]) -> Iterable[Word]:
    for segment in segments:
        for word in segment["words"]:
            yield Word(word["word"], float(word["start"]), float(word["end"]), float(word["probability"]))


def load() -> OpenAIWhisper:
    """Raises CannotTranscribe(NO_MODEL) when the package or the weights are missing."""
    try:
        import whisper  # type: ignore[import-not-found]  # noqa: PLC0415 (an optional extra)

        return OpenAIWhisper(whisper, settings.XINQIAO_SPEECH_MODEL or DEFAULT_SIZE)
    except (ImportError, OSError, RuntimeError) as error:
        raise CannotTranscribe(NO_MODEL) from error
