"""The names of medicines: a hint for the model, and a check of what it wrote. Pure, but for reading the files.

A model that never saw a name writes what sounds like it: "met a prolobe" for metoprolol, 安绿地平 for 氨氯地平. What comes close to a
name without being it is marked with that name and doubted; nothing is ever replaced.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pypinyin import Style, pinyin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from transcription.engines import Word

OURS: Final = Path(__file__).with_name("terms.txt")
# More names mislead more than they help: a dozen turned 语音识别 into 云食别, fifteen "stuff it" into "stuffed".
HINTED: Final = {"zh": 6, "en": 8}
BETWEEN: Final = {"zh": ("、", "。"), "en": (", ", ".")}
# A name that was hinted at is believed only when the model is surer than of other words; a doubted one gets this confidence at most.
SURE: Final = 0.8
DOUBTED: Final = 0.5
MOST_JOINED: Final = 3  # English words that may be one name
NEAR_SHARE: Final = 0.34  # of a name's letters that may differ
MOST_COUNTED: Final = 4096
SHORTEST: Final = 5  # letters of an English name that is looked for by its sound
ECHOED: Final = 3  # names one after another, and nothing else: the hint, not the speaker
CROWDED: Final = 0.6  # of the letters of a text; with so many names in it, it is listened to once more by a person

_CHINESE: Final = re.compile(r"[㐀-鿿]")
_WORDS: Final = re.compile(r"\w+")
_NO_LETTER: Final = re.compile(r"[^a-z]")
# Sounds that dialects and models confuse.
_ALIKE: Final = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("l", "n"), ("r", "n"), ("f", "h"))


@dataclass(frozen=True)
class Terms:
    """Medicines, the likeliest first, each with all its names: Chinese, or one English word in small letters."""

    medicines: tuple[tuple[str, ...], ...] = ()

    @cached_property
    def zh(self) -> tuple[str, ...]:
        return tuple(name for names in self.medicines for name in names if _CHINESE.search(name))

    @cached_property
    def en(self) -> tuple[str, ...]:
        return tuple(name for names in self.medicines for name in names if not _CHINESE.search(name))

    @cached_property
    def _any(self) -> re.Pattern[str]:
        longest_first = sorted((*self.zh, *self.en), key=len, reverse=True)
        return re.compile("|".join(map(re.escape, longest_first)) or "(?!)")

    def crowd(self, text: str) -> bool:
        """Whether a text is little else than names: a list that was asked for, or the hint among other things that nobody said."""
        found = self._any.findall(text.casefold())
        return len(found) >= ECHOED and sum(map(len, found)) >= CROWDED * sum(map(str.isalpha, text))

    def hint(self, language: str) -> str:
        """What a model is told before it hears; empty when it knows no names in this language."""
        names = {"zh": self.zh, "en": self.en}.get(language)
        if not names:
            return ""
        between, end = BETWEEN[language]
        return between.join(names[: HINTED[language]]) + end

    def hinted(self, text: str, language: str) -> bool:
        """Whether a text is nothing but names of the hint, or parts of them, and numbers: said, or repeated by a model that understood
        nothing."""
        parts = [part for part in _WORDS.findall(text.casefold()) if not part.isdigit()]
        hint = self.hint(language)
        return bool(parts) and all(len(part) > 1 and part in hint for part in parts)

    def first(self, text: str) -> Terms:
        """The same, those of which `text` contains a name before the others."""
        said = text.casefold()
        return Terms(tuple(sorted(self.medicines, key=lambda names: not any(name in said for name in names))))


def read(*paths: Path) -> Terms:
    """The medicines in these files, one a line; `#` begins a remark. Raises OSError, UnicodeDecodeError."""
    lines = [line.partition("#")[0].casefold().split() for path in paths for line in path.read_text("utf-8").splitlines()]
    return Terms(tuple(dict.fromkeys(tuple(names) for names in lines if names)))


def checked(words: Sequence[Word], terms: Terms) -> list[Word]:
    """The words, with each doubtful name marked: its confidence is lowered, and `Word.term` is the name that it may have been, unless it is
    written so."""
    marked = list(words)
    for start, end, name in (*_english(words, terms.en), *_chinese(words, terms.zh)):
        written = name in "".join(word.text for word in words[start:end]).casefold()
        for place in range(start, end):
            marked[place] = doubted(marked[place])._replace(term=None if written else name)
    return marked


def doubted(word: Word) -> Word:
    return word._replace(confidence=min(word.confidence, DOUBTED))


def is_echo(text: str, terms: Terms) -> bool:
    """Whether a whole line is a run of names, as a model repeats its hint when it hears nothing."""
    parts = [part for part in re.split(r"[\s,.;、，。；]+", text.casefold()) if part]
    return len(parts) >= ECHOED and all(part in terms.zh or part in terms.en for part in parts)


def _english(words: Sequence[Word], names: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """(first word, past the last, name) of every doubtful English name; a word is counted to one alone."""
    plain = [_NO_LETTER.sub("", word.text.casefold()) for word in words]
    known, taken = set(names), set[int]()
    taken.update(place for place, text in enumerate(plain) if text in known and words[place].confidence >= SURE)
    for count in range(1, MOST_JOINED + 1):
        for start in range(len(words) - count + 1):
            places = range(start, start + count)
            text = "".join(plain[start : start + count])
            if taken.isdisjoint(places) and all(plain[place] for place in places) and (name := _nearest(text, names)):
                taken.update(places)
                yield start, start + count, name


def _nearest(text: str, names: Iterable[str]) -> str | None:
    """The name that differs least from `text`, if any is near; itself when it is one."""
    near = [(distance, name) for name in names if (distance := _near(text, name)) is not None]
    return min(near)[1] if near else None


def _near(text: str, name: str) -> int | None:
    most = int(len(name) * NEAR_SHARE)
    if len(name) < SHORTEST or abs(len(text) - len(name)) > most:
        return None
    theirs, ours = _letters(text), _letters(name)
    if sum((theirs - ours).values()) + sum((ours - theirs).values()) > 2 * most:
        return None
    distance = _distance(text, name)
    return distance if distance <= most else None


@lru_cache(MOST_COUNTED)
def _letters(text: str) -> Counter[str]:
    return Counter(text)


def _distance(one: str, other: str) -> int:
    """Levenshtein's."""
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, start=1):
        previous, row[0] = row[0], place
        for index, across in enumerate(other, start=1):
            previous, row[index] = row[index], min(row[index] + 1, row[index - 1] + 1, previous + (letter != across))
    return row[-1]


def _chinese(words: Sequence[Word], names: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """The same for names of Chinese characters, by their syllables. A word may hold several characters."""
    text = "".join(word.text for word in words)
    holder = [place for place, word in enumerate(words) for _ in word.text]
    for name in names:
        for start in range(len(text) - len(name) + 1):
            part = text[start : start + len(name)]
            places = range(holder[start], holder[start + len(name) - 1] + 1)
            sure = part == name and min(words[place].confidence for place in places) >= SURE
            if not sure and _sounds_like(part, name):
                yield places.start, places.stop, name


def _sounds_like(part: str, name: str) -> bool:
    """Whether few syllables differ: half a one of three, one of four, one and a half of more."""
    allowed = (len(name) - 2) / 2 if len(name) < 5 else 1.5  # noqa: PLR2004
    cost = 0.0
    for heard, meant in zip(part, name, strict=True):
        cost += _apart(heard, meant)
        if cost > allowed:
            return False
    return True


@cache
def _apart(heard: str, meant: str) -> float:
    """0: they can sound the same; 0.5: they are easily confused; 1: they differ."""
    if heard == meant:
        return 0.0
    theirs, ours = _readings(heard), _readings(meant)
    if theirs & ours:
        return 0.0
    return 0.5 if {_blurred(one) for one in theirs} & {_blurred(one) for one in ours} else 1.0


@cache
def _readings(character: str) -> frozenset[str]:
    if not _CHINESE.match(character):
        return frozenset()
    return frozenset(pinyin(character, style=Style.NORMAL, heteronym=True)[0])


def _blurred(syllable: str) -> str:
    """A syllable without what is easily misheard: its exact initial, and n or ng at its end."""
    for exact, near in _ALIKE:
        if syllable.startswith(exact):
            syllable = near + syllable.removeprefix(exact)
            break
    return syllable.removesuffix("g") if syllable.endswith("ng") else syllable
