"""Finding words in a text as a reader would: whatever the case, the width of the letters or the form of the accents. Pure."""

from __future__ import annotations

import unicodedata
from typing import Final, NamedTuple

EXCERPT_CHARS: Final = 120
BEFORE_CHARS: Final = 30  # shown before the first match
MAX_WORDS: Final = 8
CUT: Final = "…"


class Excerpt(NamedTuple):
    """Part of a text. `marks`: [start, end) of what matched, ascending, in UTF-16 units as JavaScript counts."""

    text: str
    marks: list[tuple[int, int]]


def words_of(query: str) -> list[str]:
    """The folded words of a query, each once; none when there is nothing to look for."""
    return list(dict.fromkeys(fold(query).split()))[:MAX_WORDS]


def fold(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def matches(text: str, words: list[str]) -> bool:
    """Whether every word stands somewhere in the text. Chinese has no spaces: a word may be part of a longer one."""
    folded = fold(text)
    return all(word in folded for word in words)


def excerpt(text: str, words: list[str]) -> Excerpt:
    """The neighbourhood of the first match, on one line."""
    line = "".join(" " if char.isspace() else char for char in text)
    found = _marks(line, words)
    start = max(0, found[0][0] - BEFORE_CHARS) if found else 0
    end = min(len(line), start + EXCERPT_CHARS)
    head = CUT if start else ""
    shown = head + line[start:end] + (CUT if end < len(line) else "")
    within = [(a - start + len(head), min(b, end) - start + len(head)) for a, b in found if a < end]
    return Excerpt(shown, [(_units(shown[:a]), _units(shown[:b])) for a, b in within])


def _marks(text: str, words: list[str]) -> list[tuple[int, int]]:
    """[start, end) of every match in `text`, ascending, overlapping ones as one."""
    folded, places = _folded_places(text)
    spans = sorted(span for word in words for span in _spans(folded, word))
    merged: list[tuple[int, int]] = []
    for start, end in ((places[a][0], places[b - 1][1]) for a, b in spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _spans(folded: str, word: str) -> list[tuple[int, int]]:
    spans, at = [], folded.find(word)
    while at >= 0:
        spans.append((at, at + len(word)))
        at = folded.find(word, at + len(word))
    return spans


def _folded_places(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The folded text, and for each of its characters the [start, end) that it came from: a letter with its accents."""
    folded: list[str] = []
    places: list[tuple[int, int]] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        piece = fold(text[start:end])
        folded.append(piece)
        places.extend([(start, end)] * len(piece))
        start = end
    return "".join(folded), places


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
