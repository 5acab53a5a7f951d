"""`make bench-speech`: how well, how fast and in how much memory each model transcribes.

Besides the project's own recordings, those of a directory (SPEECH="DIRECTORY", or XINQIAO_SPEECH_RECORDINGS), see `recordings.found`.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench import document, report
from bench.speech import report as speech_report
from bench.speech.hearing import Hearing, HearingTask, Outcome
from bench.speech.isolation import isolation
from bench.speech.recordings import Heard, found, made
from bench.speech.report import Measured
from bench.stages import process
from tests.deployment import ROOT

DOCUMENT: Final = ROOT / "docs" / "benchmarks.md"
PATIENCE: Final = 4 * 3600.0


def words(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.speech", description=__doc__)
    parser.add_argument("path", nargs="?", type=Path, default=os.environ.get("XINQIAO_SPEECH_RECORDINGS"), help="a directory")
    parser.add_argument(
        "--models",
        default="",
        help="with commas between them: sizes and directories, `openai-whisper:` before those of that engine",
    )
    parser.add_argument("--long", action="store_true", help="two hours of talk as well")
    parser.add_argument("--text", action="store_true", help="print what was heard")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/benchmarks.md")
    parser.add_argument(
        "--isolation", type=Path, metavar="FILE", help="only measure an event loop beside a transcription of it"
    )
    return parser.parse_args(argv)


def main() -> None:
    options = words()
    if options.isolation:
        isolation(options.isolation)
        return
    with tempfile.TemporaryDirectory(prefix="xq-speech-") as directory:
        place = Path(directory)
        about = report.machine(place)
        recordings = [*(found(Path(options.path)) if options.path else ()), *made(place, long=options.long)]
        models = [_measured(name, recordings) for name in options.models.split(",")]
        about["after"] = round(os.getloadavg()[0], 1)
        text = speech_report.markdown(about, recordings, models)
    if options.text:
        print("\n".join(_lines(models)))
    print(text)
    if options.write:
        document.write(DOCUMENT, "speech", text)


def _measured(name: str, recordings: Sequence[Heard]) -> Measured:
    """A process for all clips of a model, and one for each long recording."""
    engine, _, model = name.rpartition(":")
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "chat_server.settings", "XINQIAO_SPEECH_MODEL": model}

    def heard(of: list[Heard]) -> Hearing:
        return process("bench.speech.hearing", HearingTask(engine or "faster-whisper", of), Hearing, env, PATIENCE)

    clips = heard([one for one in recordings if not one.alone])
    alone = {one.name: heard([one]) for one in recordings if one.alone}
    return Measured(
        name=f"{engine}: {clips.model}" if engine else clips.model,
        outcomes={one.name: one for one in clips.outcomes},
        alone={one: hearing.outcomes[0] for one, hearing in alone.items()},
        peaks={one: hearing.peak_mb for one, hearing in alone.items()},
        clips_peak=clips.peak_mb,
    )


def _lines(models: Sequence[Measured]) -> list[str]:
    outcomes: list[tuple[str, Outcome]] = [(m.name, one) for m in models for one in (*m.outcomes.values(), *m.alone.values())]
    return [
        f"{model}  {one.name}" + "".join(f"\n    {start:8.2f} {speaker:10} {text}" for start, speaker, text in one.lines)
        for model, one in outcomes
    ]


if __name__ == "__main__":
    main()
