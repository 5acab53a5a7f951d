"""A process that loads one model, reads one `HearingTask` and prints what it heard of every recording, and what that cost."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Final

import django
import msgspec

from bench.speech.recordings import Heard

CORES: Final = 2


class HearingTask(msgspec.Struct):
    engine: str
    recordings: list[Heard]


class Outcome(msgspec.Struct):
    """Of one recording. `failure`: the code of why there is no transcript. `right`: how many utterances have their speaker alone."""

    name: str
    seconds: float = 0.0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    language: str = ""
    text: str = ""
    lines: list[tuple[float, str, str]] = msgspec.field(default_factory=list)
    covered_s: float = 0.0
    speech_s: float = 0.0
    warnings: list[str] = msgspec.field(default_factory=list)
    right: int = 0
    failure: str = ""


class Hearing(msgspec.Struct):
    """`peak_mb`: the most memory that the process had resident."""

    model: str
    version: str
    outcomes: list[Outcome]
    peak_mb: float


if __name__ == "__main__":
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    django.setup()
    work = import_module("bench.speech.work")  # its imports need the settings
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=HearingTask)
    sys.stdout.buffer.write(msgspec.json.encode(work.measure(task)))
