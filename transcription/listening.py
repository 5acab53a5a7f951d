"""Listening to a recording: every speaker alone, silence never shown to the model, gaps heard a second time, one dialogue. No database."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from transcription import dialogue, speech
from transcription.audio import RATE, Audio
from transcription.dialogue import NO_TERMS
from transcription.failures import CROWDED, CUT_OFF, GAPS, PHANTOM, REPEATED, SILENT, TRUNCATED, CannotTranscribe
from transcription.plain import UNKNOWN_SPEAKER
from transcription.speech import Span
from transcription.vocabulary import checked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from transcription.engines import Engine, Word
    from transcription.vocabulary import Terms

SECOND_HEARINGS: Final = 5  # a piece; each is short
SURE: Final = 10.0  # how many times as likely another language must be than that of the voice that speaks most


class Track(NamedTuple):
    """`speaker`: whom alone the sound lets hear, as lines name her; None: a speaker for each of its channels.

    `offset`: seconds from the beginning of the call to its first sample.
    """

    speaker: str | None
    offset: float
    audio: Audio


@dataclass(frozen=True, slots=True)
class Transcription:
    """What was heard. `body` is what is sealed; `warnings` are codes of failures.WARNINGS."""

    body: dict[str, Any]
    language: str
    lines: int
    warnings: list[str]


@dataclass(slots=True)
class Voice:
    """One speaker on one track. `speech` and `words` are in seconds of the track."""

    speaker: str
    track: Track
    channel: int | None
    speech: list[Span]
    words: Sequence[Word] = ()

    @property
    def spoken_seconds(self) -> float:
        return sum(span.seconds for span in self.speech)

    def said(self) -> list[Word]:
        """The words in seconds of the call."""
        return _later(self.words, self.track.offset)

    def gaps(self) -> list[Span]:
        """Where in the call it is heard, but not understood."""
        offset = self.track.offset
        return [Span(gap.start + offset, gap.end + offset) for gap in speech.uncovered(self.speech, self.words)]


def listen(
    tracks: Sequence[Track], engine: Engine, chosen: str, progress: Callable[[float], None], terms: Terms = NO_TERMS
) -> Transcription:
    """Transcribe tracks of one call into one dialogue. `chosen` is auto, zh or en. Raises CannotTranscribe when nobody speaks."""
    started = time.monotonic()
    voices = [voice for track in tracks for voice in _voices(track)]
    total = sum(voice.spoken_seconds for voice in voices)
    truncated = any(track.audio.truncated for track in tracks)
    if total == 0:
        raise CannotTranscribe(CUT_OFF if truncated else SILENT)
    language = _hear_all(voices, Ear(engine, terms), None if chosen == "auto" else chosen, Progress(total, progress))
    said = dialogue.compose([(voice.speaker, voice.said()) for voice in voices], terms)
    if not said.lines:
        raise CannotTranscribe(CUT_OFF if truncated else SILENT)
    gaps = [gap for voice in voices for gap in voice.gaps()]
    findings = {TRUNCATED: truncated, GAPS: gaps, REPEATED: said.looped, PHANTOM: said.invented, CROWDED: said.crowded}
    body = {
        "segments": dialogue.as_segments(said.lines),
        "coverage": _coverage(total, gaps),
        "language": language,
        "rtf": round((time.monotonic() - started) / max(track.offset + track.audio.seconds for track in tracks), 3),
    }
    return Transcription(body, language, len(said.lines), [kind.code for kind, found in findings.items() if found])


def _voices(track: Track) -> Iterator[Voice]:
    audio = track.audio
    if track.speaker is not None or audio.channels == 1:
        yield Voice(track.speaker or UNKNOWN_SPEAKER, track, None, speech.spoken(audio.blocks(None)))
        return
    for channel in range(audio.channels):
        yield Voice(f"channel-{channel + 1}", track, channel, speech.spoken(audio.blocks(channel)))


class Progress:
    """How much of all speech was heard, 0..1."""

    def __init__(self, total: float, tell: Callable[[float], None]) -> None:
        self._total, self._tell = total, tell
        self._done = 0.0

    def of(self, seconds: float) -> Callable[[float], None]:
        """What the engine calls with 0..1 while it hears the next `seconds` of speech."""
        before = self._done
        self._done += seconds
        return lambda value: self._tell(min(1.0, (before + value * seconds) / self._total))


def _hear_all(voices: Sequence[Voice], ear: Ear, chosen: str | None, progress: Progress) -> str:
    """Fill the words of every voice, each in its own language; return that of the one that speaks most."""
    most = chosen
    for voice in sorted(voices, key=lambda item: item.spoken_seconds, reverse=True):
        words: list[Word] = []
        language = chosen
        for span, samples in speech.pieces(voice.track.audio.blocks(voice.channel), voice.speech):
            piece = Piece(span.start, samples, [one for one in voice.speech if span.start <= one.start < span.end])
            language = language or _language(piece, ear.engine, most)
            most = most or language
            words += _heard(piece, ear, language, progress.of(piece.seconds))
        voice.words = words
    return most or ""


def _language(piece: Piece, engine: Engine, most: str | None) -> str:
    """What a voice speaks. One that says little is understood as the voice that speaks `most`, unless another language is far likelier."""
    likely = engine.languages(piece.spoken())
    best = max(likely, key=likely.__getitem__)
    return best if most is None or likely[best] >= SURE * likely[most] else most


class Ear(NamedTuple):
    engine: Engine
    terms: Terms


class Piece(NamedTuple):
    """A stretch of one voice: its first second, its samples, and where in the track somebody speaks."""

    start: float
    samples: NDArray[np.float32]
    speech: list[Span]

    @property
    def seconds(self) -> float:
        """Of speech."""
        return sum(span.seconds for span in self.speech)

    def spoken(self) -> NDArray[np.float32]:
        """The samples in which somebody speaks."""
        return np.concatenate([self.part(span) for span in self.speech])

    def part(self, span: Span) -> NDArray[np.float32]:
        return self.samples[int((span.start - self.start) * RATE) : int((span.end - self.start) * RATE)]


def _heard(piece: Piece, ear: Ear, language: str, progress: Callable[[float], None]) -> list[Word]:
    """The words of a piece, in seconds of the track."""
    words = _later(ear.engine.hear(piece.samples, language, ear.terms, progress), piece.start)
    for gap in speech.uncovered(piece.speech, words)[:SECOND_HEARINGS]:
        words += _heard_again(piece, ear, language, gap)
    words = speech.trimmed(words, piece.speech)
    for span in piece.speech:
        words = _without_echo(piece, ear, language, words, span)
    return words


def _without_echo(piece: Piece, ear: Ear, language: str, words: list[Word], span: Span) -> list[Word]:
    """Where the words of a span are nothing but the hint, what is heard there without it counts, unless it sounds like the same names: a
    model that does not understand half a sentence repeats what it was told."""
    inside = [word for word in words if span.start <= word.start < span.end]
    if not ear.terms.hinted("".join(word.text for word in inside), language):
        return words
    again = list(_heard_again(piece, Ear(ear.engine, NO_TERMS), language, span))
    if any(word.term for word in checked(again, ear.terms)):
        return words
    return [word for word in words if word not in inside] + speech.trimmed(again, [span])


def _heard_again(piece: Piece, ear: Ear, language: str, gap: Span) -> Iterator[Word]:
    """What the engine hears when it is given the gap alone, without what it had already heard around it."""
    (around,) = speech.with_margins([gap])
    start = max(around.start, piece.start)
    heard = ear.engine.hear(piece.part(Span(start, around.end)), language, ear.terms, lambda _: None)
    for word in _later(heard, start):
        if gap.start <= (word.start + word.end) / 2 <= gap.end:
            yield word


def _later(words: Iterable[Word], seconds: float) -> list[Word]:
    return [word._replace(start=word.start + seconds, end=word.end + seconds) for word in words]


def _coverage(total: float, gaps: Sequence[Span]) -> dict[str, Any]:
    missed = sum(gap.seconds for gap in gaps)
    return {
        "speech_s": round(total, 2),
        "covered_s": round(total - missed, 2),
        "gaps": [[round(gap.start, 2), round(gap.end, 2)] for gap in sorted(gaps)],
    }
