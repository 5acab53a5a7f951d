"""What the process of `bench.speech.hearing` does, once Django is set up."""

from __future__ import annotations

import resource
import time
from pathlib import Path
from typing import Any

from bench.speech.hearing import Hearing, HearingTask, Outcome
from bench.speech.recordings import Heard, Utterance
from transcription import engines, vocabulary
from transcription.audio import decode
from transcription.failures import CannotTranscribe
from transcription.listening import Track, listen

TERMS = vocabulary.read(vocabulary.OURS)


def measure(task: HearingTask) -> Hearing:
    engine = engines.load(task.engine)
    outcomes = [_heard(recording, engine) for recording in task.recordings]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Hearing(engine.model, engine.model_version, outcomes, peak)


def _heard(recording: Heard, engine: engines.Engine) -> Outcome:
    wall, cpu, path = time.monotonic(), time.process_time(), Path(recording.path)
    with path.open("rb") as file:
        try:
            audio = decode(file, path.stat().st_size)
            said = listen([Track(None, 0.0, audio)], engine, "auto", lambda _: None, TERMS)
        except CannotTranscribe as refused:
            return Outcome(recording.name, failure=refused.kind.code)
    segments, coverage = said.body["segments"], said.body["coverage"]
    return Outcome(
        recording.name,
        seconds=audio.seconds,
        wall_s=time.monotonic() - wall,
        cpu_s=time.process_time() - cpu,
        language=said.language,
        text=" ".join(line["text"] for line in segments),
        lines=[(line["start"], line["speaker"], line["text"]) for line in segments],
        covered_s=coverage["covered_s"],
        speech_s=coverage["speech_s"],
        warnings=said.warnings,
        right=sum(_right(one, recording.utterances, segments) for one in recording.utterances),
    )


def _right(one: Utterance, all_: list[Utterance], segments: list[dict[str, Any]]) -> bool:
    """Whether an utterance has a line of its speaker, and none of anybody who does not speak meanwhile."""
    within = {line["speaker"] for line in segments if one.start <= (line["start"] + line["end"]) / 2 <= one.end}
    speaking = {other.speaker for other in all_ if other.start < one.end and one.start < other.end}
    return one.speaker in within and within <= speaking
