"""Whisper on CTranslate2 (faster-whisper): the default engine.

Batched decoding over the voiced parts, with word times. Measured against the sequential decoder on real calls: it loses no
utterance of a sparse track, which the sequential one with `vad_filter` did, and it is faster. See docs/decisions/0012.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from transcription import weights
from transcription.dialogue import simplified_text
from transcription.engines import LANGUAGES, Word
from transcription.failures import NO_MODEL, CannotTranscribe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from transcription.vocabulary import Terms

    Clip = tuple[float, float]  # seconds: start, end

NAME: Final = "faster-whisper"
RATE: Final = 16_000
BATCH: Final = 3  # windows of 30 s; four are no faster and take 80 MB more, eight 1.3 GB
BEAM: Final = 5
WINDOW_SECONDS: Final = 30
LEAD_SECONDS: Final = 0.3  # of the 0.4 s of quiet that a clip begins with
DETECTED_WINDOWS: Final = 4
REMEMBERED: Final = 0.4  # of what the lines before it told: a clear line counts more than all of them


class FasterWhisper:
    name = NAME

    def __init__(self, found: weights.Weights) -> None:
        from faster_whisper import BatchedInferencePipeline, WhisperModel  # noqa: PLC0415 (an optional extra)

        self.model, self.model_version = found.name, found.digest
        threads = len(os.sched_getaffinity(0))
        model = WhisperModel(
            str(found.directory), device="auto", compute_type="int8", cpu_threads=threads, local_files_only=True
        )
        self._pipeline = BatchedInferencePipeline(model)

    def languages(self, samples: NDArray[np.float32]) -> dict[str, float]:
        return spoken_languages(self._pipeline.model, samples)

    def hear(
        self, samples: NDArray[np.float32], language: str, terms: Terms, progress: Callable[[float], None]
    ) -> Sequence[Word]:
        clips = _clips(samples)
        segments, _ = self._pipeline.transcribe(
            samples,
            language=language,
            word_timestamps=True,
            beam_size=BEAM,
            batch_size=BATCH,
            initial_prompt=terms.hint(language) or None,
        )
        words = [placed(word, clips) for word in _words(segments, len(samples) / RATE, progress)]
        progress(1.0)
        return words


def spoken_languages(model: Any, samples: NDArray[np.float32]) -> dict[str, float]:
    """As `Engine.languages`, from two minutes at most; half a minute is enough when it is clear."""
    if not model.model.is_multilingual:
        return {language: float(language == "en") for language in LANGUAGES}
    _, _, found = model.detect_language(samples, language_detection_segments=DETECTED_WINDOWS)
    likely = dict(found)
    return {language: float(likely[language]) for language in LANGUAGES}


def _words(segments: Iterable[Any], seconds: float, progress: Callable[[float], None]) -> Iterable[Word]:
    for segment in segments:
        for word in segment.words or ():
            yield Word(word.word, float(word.start), float(word.end), float(word.probability))
        progress(min(1.0, float(segment.end) / seconds))


def _clips(samples: NDArray[np.float32]) -> list[Clip]:
    """The voiced clips that the pipeline lays end to end: the same detector with the pipeline's own options."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps  # noqa: PLC0415 (an optional extra)

    options = VadOptions(max_speech_duration_s=WINDOW_SECONDS, min_silence_duration_ms=160)
    return [(x["start"] / RATE, x["end"] / RATE) for x in get_speech_timestamps(samples, options)]


def placed(word: Word, clips: Sequence[Clip]) -> Word:
    """Put right a word that lies across the cut between two clips.

    The pipeline keeps such a word in the earlier clip, so that its end runs on into the silence that was cut out. But the
    silence before a word is counted to the word: when it reaches the sound of the later clip, that is where it was said.
    """
    index = next((i for i, (start, end) in enumerate(clips) if start <= word.start < end < word.end), None)
    if index is None:
        return word
    end = clips[index][1]
    if index + 1 < len(clips):
        start = clips[index + 1][0]
        if word.end - end > LEAD_SECONDS:
            return word._replace(start=start, end=start + word.end - end)
    return word._replace(end=end)


class Live:
    """The same weights for captions of one speaker (transcription.captions.LiveEar): one thread, the likeliest words, no times."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._before = dict.fromkeys(LANGUAGES, 0.0)  # how likely each is by the lines so far

    def text(self, samples: NDArray[np.float32], *, final: bool) -> str:
        language = self._language(samples, final=final)
        segments, _ = self._model.transcribe(
            samples,
            language=language,
            beam_size=1,
            temperature=0.0,
            without_timestamps=True,
            condition_on_previous_text=False,
        )
        text = "".join(segment.text for segment in segments)
        return simplified_text(text) if language == "zh" else text

    def _language(self, samples: NDArray[np.float32], *, final: bool) -> str:
        """Of this line: of a whole one by its sound, of one that is only begun by those before it. Who changes languages is followed."""
        likely = self._before
        if final or not any(likely.values()):
            found = spoken_languages(self._model, samples)
            likely = {name: REMEMBERED * before + found[name] for name, before in self._before.items()}
        if final:
            self._before = likely
        return max(likely, key=likely.__getitem__)


def ears() -> Callable[[], Live]:
    """Load the model once; each call gives an ear for one speaker. Raises CannotTranscribe(NO_MODEL)."""
    found = weights.find()
    try:
        from faster_whisper import WhisperModel  # noqa: PLC0415 (an optional extra)
    except ImportError as error:
        raise CannotTranscribe(NO_MODEL) from error
    model = WhisperModel(str(found.directory), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True)
    return partial(Live, model)


def load() -> FasterWhisper:
    """Raises CannotTranscribe(NO_MODEL) when the package or the weights are missing."""
    found = weights.find()
    try:
        return FasterWhisper(found)
    except ImportError as error:
        raise CannotTranscribe(NO_MODEL) from error
