"""What was heard as Markdown: errors, speed and memory of each model, and whether the goals are reached."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

import jiwer

from bench.report import table
from bench.speech.hearing import Outcome
from bench.speech.recordings import OWN, SILENCE, TWO_HOURS, Heard

READ_WER: Final = 2.0
READ_CER: Final = 10.0
RTF: Final = 0.06
PEAK_MB: Final = 1000.0
_CHINESE: Final = re.compile(r"[㐀-鿿]")


@dataclass
class Measured:
    """One model. `peaks` and the outcomes in `alone` are of processes that heard one recording each."""

    name: str
    outcomes: dict[str, Outcome]
    alone: dict[str, Outcome]
    peaks: dict[str, float]
    clips_peak: float


def markdown(about: dict[str, Any], recordings: Sequence[Heard], models: Sequence[Measured]) -> str:
    head = f"{about['date']}; {about['processor']}, 2 of {about['cores']} cores, load {about['load']} before, {about['after']} after."
    parts = [
        head,
        errors_table(recordings, models),
        long_table(models),
        other_table(recordings, models[0]),
        goals(recordings, models[0]),
    ]
    return "\n\n".join(part for part in parts if part)


def errors_table(recordings: Sequence[Heard], models: Sequence[Measured]) -> str:
    """Errors in percent of all words (English) or characters (Mandarin) of a set; what it was spoken by is in its name."""
    sets = {
        f"{'project: ' if own else ''}{'Mandarin, CER' if chinese else 'English, WER'}": _set(
            recordings, own=own, chinese=chinese
        )
        for own in (False, True)
        for chinese in (False, True)
    }
    used = {name: of for name, of in sets.items() if of}
    head = ["model", *(f"{name} % ({len(of)} clips)" for name, of in used.items()), "CPU s per s of clips", "peak MB"]
    rows = [[model.name, *(_errors(of, model) for of in used.values()), *_clips(used.values(), model)] for model in models]
    return table(head, rows)


def _errors(recordings: Sequence[Heard], model: Measured) -> str:
    """Nothing for a language that the model does not know."""
    known = not _CHINESE.search(recordings[0].reference) or any(model.outcomes[one.name].language == "zh" for one in recordings)
    return f"{errors(recordings, model):.1f}" if known else "-"


def _clips(sets: Iterable[Sequence[Heard]], model: Measured) -> list[str]:
    spent = [model.outcomes[one.name] for of in sets for one in of]
    seconds = sum(one.seconds for one in spent)
    return [f"{sum(one.cpu_s for one in spent) / seconds:.2f}" if seconds else "-", f"{model.clips_peak:.0f}"]


def _set(recordings: Iterable[Heard], *, own: bool, chinese: bool) -> list[Heard]:
    with_reference = [one for one in recordings if one.reference]
    return [
        one for one in with_reference if one.name.startswith(OWN) is own and bool(_CHINESE.search(one.reference)) is chinese
    ]


def errors(recordings: Sequence[Heard], model: Measured) -> float:
    """Percent, over the set as a whole. Without punctuation, in small letters; `counselled` and `counseled` are one word."""
    expected = [plain(one.reference) for one in recordings]
    said = [plain(model.outcomes[one.name].text) for one in recordings]
    if _CHINESE.search(expected[0]):
        return 100 * float(jiwer.cer([_closed(text) for text in expected], [_closed(text) for text in said]))
    return 100 * float(jiwer.wer(expected, said))


def plain(text: str) -> str:
    words = re.sub(r"[^\w\s']", " ", text.casefold())
    return " ".join(re.sub(r"ll(ed|ing|ers?)\b", r"l\1", words).split())


def _closed(text: str) -> str:
    return re.sub(r"\s", "", text)


def long_table(models: Sequence[Measured]) -> str:
    """Recordings that were heard alone, in a process of their own."""
    rows = [
        [model.name, name, f"{one.seconds:,.0f}", f"{one.wall_s / one.seconds:.3f}", f"{one.cpu_s / one.seconds:.3f}",
         f"{model.peaks[name]:.0f}", f"{one.covered_s:,.1f} of {one.speech_s:,.1f}", ", ".join(one.warnings) or "-"]
        for model in models
        for name, one in model.alone.items()
    ]  # fmt: skip
    head = ["model", "recording", "seconds", "real-time factor", "CPU s per s", "peak MB", "speech covered, s", "warnings"]
    return table(head, rows) if rows else ""


def other_table(recordings: Sequence[Heard], model: Measured) -> str:
    """What has no text to compare with: who spoke, or the named reason why there is nothing."""
    rows = [
        [one.name, _end(one, model.outcomes[one.name])]
        for one in recordings
        if one.name in model.outcomes and not one.reference
    ]
    return table(["recording", f"ends as ({model.name})"], rows) if rows else ""


def _end(recording: Heard, outcome: Outcome) -> str:
    if outcome.failure:
        return f"`{outcome.failure}`"
    speakers = (
        f", {outcome.right} of {len(recording.utterances)} utterances on the right speaker" if recording.utterances else ""
    )
    return f"{len(outcome.lines)} lines{speakers}" + "".join(f", `{code}`" for code in outcome.warnings)


def goals(recordings: Sequence[Heard], model: Measured) -> str:
    """The goals that this run can answer for its first model."""
    rows = [
        [what, bound, measured, "yes" if reached else "**no**"] for what, bound, measured, reached in _goals(recordings, model)
    ]
    return table(["goal", "bound", "measured", "reached"], rows)


def _goals(recordings: Sequence[Heard], model: Measured) -> Iterator[tuple[str, str, str, bool]]:
    for chinese, what, bound in ((False, "English read, WER %", READ_WER), (True, "Mandarin read, CER %", READ_CER)):
        if of := _set(recordings, own=False, chinese=chinese):
            found = errors(of, model)
            yield what, f"<= {bound}", f"{found:.1f}", found <= bound
    if calls := [one for name, one in model.alone.items() if name != TWO_HOURS]:
        factor = median(one.wall_s / one.seconds for one in calls)
        yield "consultation of ten minutes, real-time factor", f"<= {RTF}", f"{factor:.3f}", factor <= RTF
    peak = max([model.clips_peak, *model.peaks.values()])
    yield "peak MB of any process", f"<= {PEAK_MB:.0f}", f"{peak:.0f}", peak <= PEAK_MB
    meant = sum(len(one.utterances) for one in recordings)
    right = sum(model.outcomes[one.name].right for one in recordings if one.utterances)
    yield "utterances of two channels on the right speaker", str(meant), str(right), right == meant
    silent = model.outcomes[SILENCE]
    yield (
        "ten minutes of silence, words",
        "0",
        str(len(silent.text.split())),
        not silent.text and silent.failure == "audio.silent",
    )
