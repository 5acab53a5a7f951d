"""What models write although nobody said it: loops, and the subtitle credits of the videos they learned from. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transcription.engines import Word

LONGEST_LOOP: Final = 16  # words
# People do say "no, no, no" and 对对对对: one word must come back more often than a phrase before it counts as a loop.
TIMES_WORD: Final = 8
TIMES_PHRASE: Final = 4
KEPT: Final = 2

_CREDITS: Final = re.compile(
    r"""^\W*(?:
    (?:thank\ you|thanks)\ (?:so\ much\ |very\ much\ )?for\ (?:watching|listening)(?:\ (?:and|this\ video|the\ video).*)?
    | (?:please\ )?(?:like,?\ )?(?:and\ )?subscribe\ (?:to\ )?(?:my|our|the)\ channel.*
    | subtitles?\ by.* | (?:transcription|captions?)\ by.* | .*amara\.org.*
    | (?:中文)?字幕(?:由|製作|制作|志愿者|志願者|提供|组|組|君)?.*(?:提供|制作|製作|志愿者|志願者|字幕组|字幕組).*
    | (?:请|請)不吝(?:点赞|點贊|點讚).* | .*(?:明镜与点点|明鏡與點點).*
    | (?:谢谢|謝謝|感谢|感謝)(?:大家|您|你们|你們|各位)?(?:的)?(?:观看|觀看|收看|收聽|收听)
    )\W*$""",
    re.IGNORECASE | re.VERBOSE,
)


def is_credit(text: str) -> bool:
    """Whether a whole line is a subtitle credit, in simplified or traditional characters."""
    return bool(_CREDITS.match(text.strip()))


def without_loops(words: Sequence[Word]) -> tuple[list[Word], bool]:
    """The words with every loop cut to its first KEPT rounds, and whether there was one."""
    said = [word.text.strip(" ,.，。!！?？").casefold() for word in words]
    kept: list[Word] = []
    position, found = 0, False
    while position < len(words):
        length, times = _loop_at(said, position)
        if times:
            kept.extend(words[position : position + KEPT * length])
            position += times * length
            found = True
        else:
            kept.append(words[position])
            position += 1
    return kept, found


def _loop_at(said: Sequence[str], position: int) -> tuple[int, int]:
    """(words in the phrase, rounds) of the shortest loop that begins here; (0, 0) when none does."""
    for length in range(1, LONGEST_LOOP + 1):
        phrase = said[position : position + length]
        times = 1
        while said[position + times * length : position + (times + 1) * length] == phrase:
            times += 1
        if times >= (TIMES_WORD if length == 1 else TIMES_PHRASE):
            return length, times
    return 0, 0
