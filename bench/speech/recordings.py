"""What is heard: recordings of a directory, with what is known of them, and the project's own, spoken by espeak-ng."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import av
import msgspec
import numpy as np

from tests.transcription import sounds

SOUNDS: Final = {".wav", ".mp3", ".m4a", ".ogg", ".webm", ".flac"}
SIDES: Final = {"L": "channel-1", "R": "channel-2"}
LONG_SECONDS: Final = 300  # it gets a process of its own: its memory and speed count
OWN: Final = "own"
AT_ONCE: Final = "own/two at once.wav"
SILENCE: Final = "own/ten minutes of silence.flac"
TWO_HOURS: Final = "own/two hours.mp3"
ENGLISH: Final = (
    "Good morning. How is your blood pressure today?",
    "It was quite high this morning. I feel a little dizzy.",
    "Please take one tablet of amlodipine every morning, and metoprolol twice a day.",
    "I stopped the metformin because of my stomach. May I take aspirin with clopidogrel?",
)
MANDARIN: Final = ("今天天气很好，我们去公园。", "你好，你今天感觉怎么样？", "请早上量一次血压。")
LEFT: Final = "I took the tablets after breakfast, as you told me last week."
RIGHT: Final = "Please measure your blood pressure twice a day."


class Utterance(msgspec.Struct):
    """Who speaks when, in seconds, in a recording that has a speaker on each channel."""

    speaker: str
    start: float
    end: float


class Heard(msgspec.Struct):
    """One recording, and what should be heard in it where that is known."""

    name: str
    path: str
    reference: str = ""
    utterances: list[Utterance] = msgspec.field(default_factory=list)

    @property
    def alone(self) -> bool:
        """Whether it is long enough to be measured in a process of its own; a silence is not."""
        return not self.reference and self.name != SILENCE and _seconds(self.path) >= LONG_SECONDS


def found(root: Path) -> Iterator[Heard]:
    """Every recording below a directory. `references.json` maps a path to what is said; NAME.json beside a recording of two channels
    lists {channel: L or R, start, end}."""
    references = _json(root / "references.json") or {}
    for path in sorted(root.rglob("*")):
        if path.suffix not in SOUNDS:
            continue
        name = path.relative_to(root).as_posix()
        timeline = _json(path.with_suffix(".json")) or []
        said = [Utterance(SIDES[one["channel"]], one["start"], one["end"]) for one in timeline]
        yield Heard(name, str(path), references.get(name, ""), said)


def made(place: Path, *, long: bool) -> Iterator[Heard]:
    """The project's own, written below `place`."""
    (place / OWN).mkdir()
    for voice, language, texts in ((sounds.ENGLISH, "en", ENGLISH), (sounds.MANDARIN, "zh", MANDARIN)):
        for number, text in enumerate(texts):
            yield _kept(place, f"{OWN}/{language}-{number}.wav", sounds.encoded(sounds.spoken(text, voice)), text)
    left, right = sounds.spoken(LEFT), sounds.spoken(RIGHT, "en+f3")
    both = [Utterance("channel-1", 0, len(left) / sounds.RATE), Utterance("channel-2", 0, len(right) / sounds.RATE)]
    yield _kept(place, AT_ONCE, sounds.encoded(left, right), utterances=both)
    yield _kept(place, SILENCE, sounds.encoded(sounds.silence(600), container="flac"))
    if long:
        yield _kept(place, TWO_HOURS, two_hours())


def two_hours() -> bytes:
    """A call of nearly two hours on two channels: two people who say the same sentences in turn, then half a minute of quiet, on and on."""
    turn = sounds.in_turn(*(part for text in ENGLISH[:2] for part in (sounds.spoken(text), sounds.silence(2))))
    quiet, rest = np.zeros_like(turn), sounds.silence(30)
    times = int(1.98 * 3600 * sounds.RATE / (2 * len(turn) + len(rest)))
    left, right = sounds.in_turn(turn, quiet, rest), sounds.in_turn(quiet, turn, rest)
    return sounds.encoded(np.tile(left, times), np.tile(right, times), container="mp3")


def _kept(place: Path, name: str, data: bytes, reference: str = "", utterances: list[Utterance] | None = None) -> Heard:
    path = place / name
    path.write_bytes(data)
    return Heard(name, str(path), reference, utterances or [])


def _seconds(path: str) -> float:
    """As the file says; 0 when it says nothing, or cannot be read."""
    try:
        with av.open(path) as container:
            return float((container.duration or 0) / av.time_base)
    except (av.error.FFmpegError, UnicodeDecodeError):
        return 0.0


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
