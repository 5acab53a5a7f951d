"""Listening to one recording: each channel on its own, silence never shown to the model, gaps heard a second time. No database."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from transcription import dialogue, speech
from transcription.audio import RATE, Audio
from transcription.failures import CUT_OFF, GAPS, PHANTOM, REPEATED, SILENT, TRUNCATED, CannotTranscribe
from transcription.speech import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from transcription.engines import Engine, Word

SECOND_HEARINGS: Final = 20  # a channel; each is short
AROUND: Final = 0.3  # seconds of context before and after a gap


@dataclass(frozen=True, slots=True)
class Transcription:
    """What was heard. `body` is what is sealed; `warnings` are codes of failures.WARNINGS."""

    body: dict[str, Any]
    language: str
    lines: int
    warnings: list[str]


@dataclass(slots=True)
class Channel:
    samples: NDArray[np.float32]
    speech: list[Span]
    words: Sequence[Word] = ()

    @property
    def spoken_seconds(self) -> float:
        return sum(span.seconds for span in self.speech)


def listen(audio: Audio, engine: Engine, chosen: str, progress: Callable[[float], None]) -> Transcription:
    """Transcribe. `chosen` is auto, zh or en. Raises CannotTranscribe when nobody speaks."""
    started = time.monotonic()
    channels = [_channel(samples) for samples in audio.channels]
    total = sum(channel.spoken_seconds for channel in channels)
    if total == 0:
        raise CannotTranscribe(CUT_OFF if audio.truncated else SILENT)
    language = None if chosen == "auto" else chosen
    done = 0.0
    # The channel with the most speech says which language it is.
    for channel in sorted(channels, key=lambda item: item.spoken_seconds, reverse=True):
        share = channel.spoken_seconds / total
        if channel.speech:
            language = _hear(channel, engine, language, _part(progress, done, share))
        done += share
    said = dialogue.compose([channel.words for channel in channels], language or "")
    if not said.lines:
        raise CannotTranscribe(CUT_OFF if audio.truncated else SILENT)
    gaps = [gap for channel in channels for gap in speech.uncovered(channel.speech, channel.words)]
    findings = {TRUNCATED: audio.truncated, GAPS: gaps, REPEATED: said.looped, PHANTOM: said.credited}
    body = {
        "segments": dialogue.as_segments(said.lines),
        "coverage": _coverage(total, gaps),
        "language": language,
        "rtf": round((time.monotonic() - started) / audio.seconds, 3),
    }
    return Transcription(body, language or "", len(said.lines), [kind.code for kind, found in findings.items() if found])


def _channel(samples: NDArray[np.int16]) -> Channel:
    values = speech.as_float(samples)
    return Channel(values, speech.spoken(values))


def _hear(channel: Channel, engine: Engine, language: str | None, progress: Callable[[float], None]) -> str:
    """Fill the channel's words; return the language."""
    hearing = engine.hear(channel.samples, language, progress)
    words = list(hearing.words)
    for gap in speech.uncovered(channel.speech, words)[:SECOND_HEARINGS]:
        words += _hear_again(channel, engine, hearing.language, gap)
    channel.words = speech.trimmed(words, channel.speech)
    return hearing.language


def _hear_again(channel: Channel, engine: Engine, language: str, gap: Span) -> Iterable[Word]:
    """What the engine hears when it is given the gap alone, without what it had already heard around it."""
    start = max(0.0, gap.start - AROUND)
    clip = channel.samples[int(start * RATE) : int((gap.end + AROUND) * RATE)]
    for word in engine.hear(clip, language, lambda _: None).words:
        middle = start + (word.start + word.end) / 2
        if gap.start <= middle <= gap.end:
            yield word._replace(start=word.start + start, end=word.end + start)


def _coverage(total: float, gaps: Sequence[Span]) -> dict[str, Any]:
    missed = sum(gap.seconds for gap in gaps)
    return {
        "speech_s": round(total, 2),
        "covered_s": round(total - missed, 2),
        "gaps": [[round(gap.start, 2), round(gap.end, 2)] for gap in sorted(gaps)],
    }


def _part(progress: Callable[[float], None], done: float, share: float) -> Callable[[float], None]:
    return lambda value: progress(done + share * value)
