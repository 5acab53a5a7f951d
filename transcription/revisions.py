"""What a person changes in a transcript: the text of lines, who said them, and which doubtful words are right after all. Pure.

Words keep their times through a change of the text, so that a click still plays the second in which a word was said: what stayed
keeps its own, and what was put in shares out the time of what it replaced.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from records.errors import BAD_INPUT, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

MOST_EDITS: Final = 5000
MOST_SPEAKERS: Final = 32
# A Chinese character, a run of other letters and digits, or one of what stands between.
_TOKEN: Final = re.compile(r"[㐀-鿿]|(?:(?![㐀-鿿])\w)+(?:['’.-](?:(?![㐀-鿿])\w)+)*|[^\w\s]")


class Edit(NamedTuple):
    """Of the line with this id. `accepted`: places of words, in the version that is changed, that a person heard and found right."""

    segment: int
    text: str | None = None
    speaker: str | None = None
    accepted: tuple[int, ...] = ()


class Revision(NamedTuple):
    """`speakers`: what the speakers are called, by key; None leaves their names alone."""

    edits: tuple[Edit, ...]
    speakers: Mapping[str, str] | None = None


def revised(body: Mapping[str, Any], revision: Revision) -> dict[str, Any]:
    """A transcript's body as it reads after a revision. Raises Refused(BAD_INPUT) for a line or a word that is not there."""
    lines = {line["id"]: dict(line) for line in body["segments"]}
    for edit in revision.edits:
        if edit.segment not in lines:
            raise Refused(BAD_INPUT, {"segment": {"zh": "没有这一句。", "en": "There is no such line."}})
        lines[edit.segment] = _changed(lines[edit.segment], edit)
    names = body.get("speakers", {}) if revision.speakers is None else dict(revision.speakers)
    return {**body, "segments": list(lines.values()), "speakers": names}


def doubts(body: Mapping[str, Any], below: float) -> int:
    """How many words of a transcript are doubtful: their confidence is lower."""
    return sum(word["confidence"] < below for line in body["segments"] for word in line["words"])


def _changed(line: dict[str, Any], edit: Edit) -> dict[str, Any]:
    words = [dict(word) for word in line["words"]]
    for place in edit.accepted:
        if not 0 <= place < len(words):
            raise Refused(BAD_INPUT, {"accepted": {"zh": "没有这个词。", "en": "There is no such word."}})
        words[place] = {name: value for name, value in words[place].items() if name != "term"} | {"confidence": 1.0}
    text = line["text"] if edit.text is None else edit.text
    if text != line["text"]:
        words = realigned(words, text, line["start"], line["end"])
    mean = sum(word["confidence"] for word in words) / len(words) if words else 1.0
    speaker = line["speaker"] if edit.speaker is None else edit.speaker
    return {**line, "text": text, "speaker": speaker, "words": words, "confidence": round(mean, 3)}


class _Kept(NamedTuple):
    """A word that the new text still says, at [start, end) of it."""

    word: dict[str, Any]
    start: int
    end: int


def realigned(words: Sequence[Mapping[str, Any]], text: str, start: float, end: float) -> list[dict[str, Any]]:
    """The words of `text`, said between `start` and `end` (seconds), with their times. Joined they are `text` again."""
    new: list[dict[str, Any]] = []
    at, since = 0, start
    for kept in _kept(words, text):
        new += _spread(text[at : kept.start], since, float(kept.word["start"]))
        new.append({**kept.word, "text": text[kept.start : kept.end]})
        at, since = kept.end, float(kept.word["end"])
    new += _spread(text[at:], since, end)
    return _with_spaces(new, text)


def _kept(words: Sequence[Mapping[str, Any]], text: str) -> Iterator[_Kept]:
    """The words whose every token stands in the new text, side by side."""
    found = [(match.group(), match.start(), match.end()) for match in _TOKEN.finditer(text)]
    old = [_TOKEN.findall(str(word["text"])) for word in words]
    blocks = SequenceMatcher(None, [t for tokens in old for t in tokens], [t for t, _, _ in found], autojunk=False)
    where = {a + i: b + i for a, b, size in blocks.get_matching_blocks() for i in range(size)}
    place = 0
    for word, tokens in zip(words, old, strict=True):
        places = [where.get(place + i, -1) for i in range(len(tokens))]
        place += len(tokens)
        if places and places[0] >= 0 and places == list(range(places[0], places[0] + len(places))):
            yield _Kept(dict(word), found[places[0]][1], found[places[-1]][2])


def _spread(text: str, start: float, end: float) -> list[dict[str, Any]]:
    """The tokens of what was put in, each with its share of the time by its length. A person wrote them: there is no doubt."""
    tokens = [match.group() for match in _TOKEN.finditer(text)]
    each = max(0.0, end - start) / max(1, sum(map(len, tokens)))
    words, at = [], start
    for token in tokens:
        until = at + each * len(token)
        words.append({"text": token, "start": round(at, 2), "end": round(until, 2), "confidence": 1.0})
        at = until
    return words


def _with_spaces(words: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    """Each word with what stands before it, the last one with what stands after it too."""
    at = 0
    for place, word in enumerate(words):
        until = text.index(word["text"], at) + len(word["text"])
        word["text"] = text[at : len(text) if place == len(words) - 1 else until]
        at = until
    return words
