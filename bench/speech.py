"""How well and how fast recordings are transcribed: `python -m bench.speech DIRECTORY`.

DIRECTORY holds recordings, and where they are known, `references.json` ({path: what is said}) and beside a two-channel file
NAME.json ([{channel: L or R, start, end}], who speaks when). Every file ends in a line: seconds, real-time factor, word error rate
(characters for Chinese), lines, coverage, warnings, or the named reason why there is no transcript.
"""

import argparse
import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chat_server.settings")
django.setup()

from zhconv import zhconv  # noqa: E402

from transcription import engines  # noqa: E402
from transcription.audio import decode  # noqa: E402
from transcription.failures import CannotTranscribe  # noqa: E402
from transcription.listening import Track, Transcription, listen  # noqa: E402
from transcription.worker import NICENESS  # noqa: E402

SOUNDS = {".wav", ".mp3", ".m4a", ".ogg", ".webm", ".flac"}
CHANNELS = {"L": "channel-1", "R": "channel-2"}
TICK = 0.005
ALONE_SECONDS = 5.0
LIMIT_SECONDS = 600.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.speech", description="Real-time factor, errors and speakers of recordings.")
    parser.add_argument("path", type=Path, help="a directory, or one file")
    parser.add_argument("--isolation", action="store_true", help="measure an event loop beside a transcription of one file")
    parser.add_argument("--text", action="store_true", help="print the transcripts")
    words = parser.parse_args()
    if words.isolation:
        isolation(words.path)
        return
    root = words.path if words.path.is_dir() else words.path.parent
    references = read_json(root / "references.json") or {}
    began = time.monotonic()
    engine = engines.load("faster-whisper")
    print(
        f"model {engine.model} {engine.model_version[:12]}, loaded in {time.monotonic() - began:.1f} s, {os.cpu_count()} cores"
    )
    for path in sorted([words.path] if words.path.is_file() else root.rglob("*")):
        if path.suffix not in SOUNDS:
            continue
        name = path.relative_to(root).as_posix()
        print(f"{name:48} {measured(path, engine, references.get(name), show=words.text)}", flush=True)


def measured(path: Path, engine: engines.Engine, reference: str | None, *, show: bool) -> str:
    began = time.monotonic()
    try:
        with path.open("rb") as file:
            audio = decode(file, path.stat().st_size)
            heard = listen([Track(None, 0.0, audio)], engine, "auto", lambda _: None)
    except CannotTranscribe as refused:
        return f"{refused.kind.code}: {refused.kind.en}"
    spent = time.monotonic() - began
    coverage = heard.body["coverage"]
    parts = [
        f"{audio.seconds:6.1f} s",
        f"rtf {spent / audio.seconds:.3f}",
        f"{heard.language}",
        f"{heard.lines} lines",
        f"covers {coverage['covered_s']:.1f} of {coverage['speech_s']:.1f} s",
        *heard.warnings,
    ]
    if reference:
        parts.append(f"errors {100 * error_rate(reference, text_of(heard), heard.language):.1f} %")
    if timeline := read_json(path.with_suffix(".json")):
        parts.append(speakers(heard, timeline))
    if heard.language == "zh":
        parts.append("simplified" if is_simplified(text_of(heard)) else "NOT SIMPLIFIED")
    if show:
        parts += [f"\n    {line['start']:7.2f} {line['speaker']:10} {line['text']}" for line in heard.body["segments"]]
    return "  ".join(parts)


def speakers(heard: Transcription, timeline: Sequence[dict[str, Any]]) -> str:
    """How many utterances of the timeline have lines, and lie on the right speaker alone."""
    right = 0
    for utterance in timeline:
        within = [line for line in heard.body["segments"] if utterance["start"] <= middle(line) <= utterance["end"]]
        right += bool(within) and {line["speaker"] for line in within} == {CHANNELS[utterance["channel"]]}
    return f"{right} of {len(timeline)} utterances on the right speaker"


def middle(line: dict[str, Any]) -> float:
    return float(line["start"] + line["end"]) / 2


def text_of(heard: Transcription) -> str:
    return " ".join(line["text"] for line in heard.body["segments"])


def is_simplified(text: str) -> bool:
    return bool(zhconv.convert(text, "zh-hans") == text)


def error_rate(reference: str, text: str, language: str) -> float:
    """Edit distance over the length of the reference: characters of Chinese, words of anything else, without punctuation."""
    expected, said = units(reference, language), units(text, language)
    row = list(range(len(said) + 1))
    for place, unit in enumerate(expected, start=1):
        previous, row[0] = row[0], place
        for index, other in enumerate(said, start=1):
            previous, row[index] = row[index], min(row[index] + 1, row[index - 1] + 1, previous + (unit != other))
    return row[-1] / len(expected)


def units(text: str, language: str) -> list[str]:
    plain = re.sub(r"[^\w\s']", " ", text.casefold())
    return list(re.sub(r"\s", "", plain)) if language == "zh" else plain.split()


def read_json(path: Path) -> Any:
    return json.loads(path.read_text()) if path.exists() else None


def isolation(path: Path) -> None:
    """Print how late a timer of an event loop fires alone, beside a transcribing thread, and beside a transcribing process."""
    print("alone  ", asyncio.run(lateness(lambda: True, ALONE_SECONDS)))
    engine = engines.load("faster-whisper")
    thread = threading.Thread(target=measured, args=(path, engine, None), kwargs={"show": False})
    thread.start()
    print("thread ", asyncio.run(lateness(thread.is_alive)))
    command = ["nice", "-n", str(NICENESS), sys.executable, "-m", "bench.speech", str(path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        print("process", asyncio.run(lateness(lambda: process.poll() is None)))


async def lateness(going: Callable[[], bool], seconds: float = LIMIT_SECONDS) -> str:
    late: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end and going():
        due = time.monotonic() + TICK
        await asyncio.sleep(TICK)
        late.append(1000 * (time.monotonic() - due))
    return f"p50 {statistics.median(late):.2f} ms  p99 {sorted(late)[int(len(late) * 0.99)]:.2f} ms  max {max(late):.1f} ms"


if __name__ == "__main__":
    main()
