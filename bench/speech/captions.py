"""`python -m bench.speech.captions`: what a captioned call costs, and how long after a word it is on the screen.

Two people talk in turn, in pieces of sound as their pages send them, as fast as they are said, to the process that captions them. Network
and page, some milliseconds, are not in it.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np

from bench.speech.recordings import LEFT, RIGHT
from tests.deployment import ROOT
from tests.transcription import sounds
from transcription.caption_wire import Ready, Report, Said, piece

PIECE_SECONDS: Final = 0.4
PAUSE_SECONDS: Final = 1.6  # between two sentences
ENGLISH: Final = (LEFT, RIGHT, "It was quite high this morning.", "I stopped the metformin because of my stomach.")
MANDARIN: Final = ("请早上量一次血压。", "你今天感觉怎么样？")
HEARD: Final = 500  # of 32768: quieter is the silence that the synthesiser ends with
_read: Final = msgspec.json.Decoder(Report).decode


class Sentence(NamedTuple):
    """Seconds from the beginning of the call."""

    speaker: int
    start: float
    end: float


class Line(NamedTuple):
    at: float
    said: Said


def call(minutes: float) -> tuple[list[sounds.Samples], list[Sentence]]:
    """The tracks of two speakers, equally long, and who says what when."""
    spoken = [_trimmed(sounds.spoken(text)) for text in ENGLISH]
    spoken += [_trimmed(sounds.spoken(text, sounds.MANDARIN)) for text in MANDARIN]
    parts: list[list[sounds.Samples]] = [[], []]
    sentences, at = [], 0.0
    for turn, samples in enumerate(itertools.cycle(spoken)):
        if at > 60 * minutes:
            break
        length = len(samples) / sounds.RATE
        sentences.append(Sentence(turn % 2, at, at + length))
        parts[turn % 2] += [samples, sounds.silence(PAUSE_SECONDS)]
        parts[1 - turn % 2].append(sounds.silence(length + PAUSE_SECONDS))
        at += length + PAUSE_SECONDS
    return [sounds.in_turn(*one) for one in parts], sentences


def _trimmed(samples: sounds.Samples) -> sounds.Samples:
    loud = np.flatnonzero(np.abs(samples) > HEARD)
    return samples[loud[0] : loud[-1] + 1]


def measure(minutes: float) -> None:
    tracks, sentences = call(minutes)
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "chat_server.settings", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "transcription.captioner"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=env) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        if not isinstance(_read(process.stdout.readline()), Ready):
            sys.exit("there is no model")
        lines: list[Line] = []
        reader = threading.Thread(target=_listen, args=(process, lines))
        reader.start()
        used, began = _cpu(process.pid), time.monotonic()
        _speak(process, tracks, began)
        time.sleep(5)  # for the last words
        used, lasted = _cpu(process.pid) - used, time.monotonic() - began
        peak = _peak_mb(process.pid)
        process.stdin.close()
        reader.join()
    _tell(sentences, [Line(at - began, said) for at, said in lines], used, lasted, peak)


def _listen(process: subprocess.Popen[bytes], lines: list[Line]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        report = _read(line)
        if isinstance(report, Said):
            lines.append(Line(time.monotonic(), report))


def _speak(process: subprocess.Popen[bytes], tracks: list[sounds.Samples], began: float) -> None:
    """Each piece when its last sample was said."""
    assert process.stdin is not None
    step = int(PIECE_SECONDS * sounds.RATE)
    for at in range(0, len(tracks[0]), step):
        time.sleep(max(0.0, began + at / sounds.RATE + PIECE_SECONDS - time.monotonic()))
        for speaker, track in enumerate(tracks):
            if np.abs(track[at : at + step]).max() > 0 or at == 0:  # pages send no silence
                process.stdin.write(piece(speaker, track[at : at + step].tobytes()))
        process.stdin.flush()


def _tell(sentences: list[Sentence], lines: list[Line], used: float, lasted: float, peak: int) -> None:
    first, final = [], []
    for one in sentences:
        mine = [line for line in lines if line.said.speaker == one.speaker and line.at > one.start]
        first += [line.at - one.start for line in mine[:1]]
        final += [line.at - one.end for line in mine if line.said.final and line.at > one.end][:1]
    spoken = sum(one.end - one.start for one in sentences)
    print(f"{spoken:.0f} s of speech in {lasted:.0f} s, {len(sentences)} sentences; load {os.getloadavg()[0]:.1f}")
    print(f"CPU: {60 * used / spoken:.1f} s a minute of speech, {used / lasted:.2f} of a core over the call; {peak} MB at most")
    for name, delays in (("first words after a sentence begins", first), ("final line after it ends", final)):
        print(f"{name}: p50 {statistics.median(delays):.1f} s, max {max(delays):.1f} s ({len(delays)})")


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak_mb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.speech.captions", description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0)
    measure(parser.parse_args().minutes)
