"""A transcript as one piece of text, with the places of the words that the machine doubts. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

UNKNOWN_SPEAKER: Final = "unknown"
# Below this the machine is not sure of a word; the pages underline it.
DOUBTFUL: Final = 0.6


class Plain(NamedTuple):
    """`low`: [start, end) of doubtful stretches of `text`, in characters (code points), ascending, apart from each other."""

    text: str
    low: list[tuple[int, int]]


def plain(segments: Sequence[Mapping[str, Any]]) -> Plain:
    """The lines of a stored transcript, joined by single spaces."""
    text = ""
    low: list[tuple[int, int]] = []
    for line in segments:
        text += " " if text else ""
        low += [(len(text) + start, len(text) + end) for start, end in _doubtful(line)]
        text += line["text"]
    return Plain(text, _joined(low))


def _doubtful(line: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
    """Where the words of low confidence stand in a line's text. Words that the text no longer says are passed over."""
    position = 0
    for word in line["words"]:
        said = word["text"].strip()
        start = line["text"].find(said, position) if said else -1
        if start < 0:
            continue
        position = start + len(said)
        if word["confidence"] < DOUBTFUL:
            yield start, position


def _joined(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Neighbours as one: in Chinese every character is a word."""
    joined: list[tuple[int, int]] = []
    for start, end in ranges:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined
