"""From the words of each channel to one dialogue: sentences in order, each with its speaker. Pure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from zhconv import zhconv as converter

from transcription.guards import is_credit, without_loops
from transcription.vocabulary import Terms, checked, doubted, is_echo

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from transcription.engines import Word

# A pause of this many seconds ends a line; after a full stop a shorter one does, and in a long line a breath.
PAUSE: Final = 0.8
STOP_PAUSE: Final = 0.15
LONG_LINE: Final = 12.0
BREATH: Final = 0.25
LONGEST_LINE: Final = 25.0
SENTENCE_ENDS: Final = (".", "?", "!", "。", "？", "！", "…")
NO_TERMS: Final = Terms()
TITLES: Final = frozenset({"dr.", "mr.", "mrs.", "ms.", "prof.", "st."})


# By its path, because the package's own way leaves the file open.
converter.loaddict(str(Path(converter.__file__).with_name("zhcdict.json")))


class Line(NamedTuple):
    """What one speaker says in one go."""

    speaker: str
    words: tuple[Word, ...]

    @property
    def start(self) -> float:
        return self.words[0].start

    @property
    def text(self) -> str:
        return "".join(word.text for word in self.words).strip()


class Dialogue(NamedTuple):
    """`looped` and `invented`: text was removed because the machine repeated itself, or quoted subtitle credits or its own hint. `crowded`:
    what is left has lines that are little else than names of medicines."""

    lines: list[Line]
    looped: bool
    invented: bool
    crowded: bool


def compose(heard: Iterable[tuple[str, Sequence[Word]]], terms: Terms = NO_TERMS) -> Dialogue:
    """Merge what was heard of each speaker, in the seconds of one clock, into a dialogue in order of time. A speaker may come twice."""
    lines: list[Line] = []
    looped = False
    for speaker, said in heard:
        words, found = without_loops(sorted(said, key=lambda word: word.start))
        looped |= found
        lines += (Line(speaker, tuple(line)) for line in split(words))
    kept = [line for line in lines if line.text and not _invented(line.text, terms)]
    kept = [Line(line.speaker, tuple(checked(simplified(line.words), terms))) for line in kept]
    crowded = _crowded(kept, terms)
    kept = [Line(line.speaker, tuple(map(doubted, line.words))) if line in crowded else line for line in kept]
    invented = any(_invented(line.text, terms) for line in lines)
    return Dialogue(sorted(kept, key=lambda line: line.start), looped, invented, bool(crowded))


def _crowded(lines: Sequence[Line], terms: Terms) -> list[Line]:
    """The lines that are little else than names, and those of a speaker who says little else."""
    whole = {line.speaker: " ".join(one.text for one in lines if one.speaker == line.speaker) for line in lines}
    return [line for line in lines if terms.crowd(line.text) or terms.crowd(whole[line.speaker])]


def _invented(text: str, terms: Terms) -> bool:
    return is_credit(text) or is_echo(text, terms)


def split(words: Iterable[Word]) -> list[list[Word]]:
    """Cut a channel's words into lines."""
    lines: list[list[Word]] = []
    for word in words:
        if lines and not _ends(lines[-1], word):
            lines[-1].append(word)
        else:
            lines.append([word])
    return lines


def _ends(line: Sequence[Word], following: Word) -> bool:
    last = line[-1]
    pause, length = following.start - last.end, last.end - line[0].start
    text = last.text.strip()
    stopped = text.endswith(SENTENCE_ENDS) and text.casefold() not in TITLES
    return (
        pause >= PAUSE
        or (stopped and (pause >= STOP_PAUSE or length >= LONG_LINE / 3))
        or (length >= LONG_LINE and pause >= BREATH)
        or length >= LONGEST_LINE
    )


def simplified_text(text: str) -> str:
    converted: str = converter.convert(text, "zh-hans")
    return converted


def simplified(words: Sequence[Word]) -> tuple[Word, ...]:
    """The same words in simplified characters. Converted as a whole, because 乾 and 發 depend on their neighbours."""
    text = simplified_text("".join(word.text for word in words))
    if len(text) != sum(len(word.text) for word in words):
        return tuple(word._replace(text=simplified_text(word.text)) for word in words)
    parts, position = [], 0
    for word in words:
        parts.append(word._replace(text=text[position : position + len(word.text)]))
        position += len(word.text)
    return tuple(parts)


def as_segments(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """The lines as they are stored and served; seconds to the hundredth."""
    return [
        {
            "id": number,
            "start": round(line.start, 2),
            "end": round(line.words[-1].end, 2),
            "speaker": line.speaker,
            "text": line.text,
            "confidence": round(sum(word.confidence for word in line.words) / len(line.words), 3),
            "words": [
                {"text": w.text, "start": round(w.start, 2), "end": round(w.end, 2), "confidence": round(w.confidence, 3)}
                | ({"term": w.term} if w.term else {})
                for w in line.words
            ],
        }
        for number, line in enumerate(lines)
    ]
