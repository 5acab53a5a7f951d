"""A call recording of the project's own: espeak-ng speaks both sides, one to a channel."""

import subprocess
import wave
from pathlib import Path

import numpy as np

MANDARIN = "cmn-latn-pinyin+f3"  # plain "cmn" reads the tones aloud, as numbers
SIDES = {
    "zh": ("cmn", ["您好，这里是医院，您这两天还头晕吗？", "早上有一点，晚上好多了。"]),
    "en": ("en-gb", ["Good morning, this is the hospital. Are you still dizzy?", "A little in the morning. Better at night."]),
}
GAP_SECONDS = 0.6
AUDIBLE = 500  # of 32,768


def call_recording(place: Path, language: str) -> Path:
    """A two-channel WAV file: the nurse on the left, then the patient on the right."""
    voice, lines = SIDES[language]
    spoken = [_speak(place, voice, line) for line in lines]
    rate = spoken[0][0]
    gap = b"\0\0" * int(rate * GAP_SECONDS)
    left = spoken[0][1] + gap + bytes(len(spoken[1][1]))
    right = bytes(len(spoken[0][1])) + gap + spoken[1][1]
    path = place / f"call-{language}.wav"
    with wave.open(str(path), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(b"".join(left[i : i + 2] + right[i : i + 2] for i in range(0, len(left), 2)))
    return path


def turns(place: Path, language: str) -> list[float]:
    """When in that recording each side begins, in seconds."""
    voice, lines = SIDES[language]
    rate, samples = _speak(place, voice, lines[0])
    return [0.0, len(samples) / 2 / rate + GAP_SECONDS]


def spoken_note(place: Path, text: str, voice: str = "en-gb", *, before: float = 0, after: float = 1) -> Path:
    """One sentence as a WAV file, with so many seconds of silence around it."""
    rate, samples = _speak(place, voice, text)
    path = place / "note.wav"
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(bytes(2 * int(before * rate)) + samples + bytes(2 * int(after * rate)))
    return path


def seconds_to_say(place: Path, text: str, voice: str) -> float:
    """From the first sound of a text to its last: where the word after it begins, to about a fifth of a second."""
    rate, samples = _speak(place, voice, text)
    return float(np.flatnonzero(np.abs(np.frombuffer(samples, np.int16)) > AUDIBLE)[-1]) / rate


def _speak(place: Path, voice: str, text: str) -> tuple[int, bytes]:
    """Sample rate and 16-bit samples of one line."""
    path = place / "line.wav"
    subprocess.run(["espeak-ng", "-v", voice, "-s", "140", "-w", str(path), text], check=True)
    with wave.open(str(path), "rb") as read:
        return read.getframerate(), read.readframes(read.getnframes())
