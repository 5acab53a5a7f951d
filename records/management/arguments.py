"""What operators type, as acts take it."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from records.errors import ErrorKind, Refused

NUMBER: Final = re.compile("[0-9]{1,9}")
NO_DAY: Final = ErrorKind("argument.day", 422, "日期写作 2027-12-31。", "A day is written 2027-12-31.")
NO_NUMBERS: Final = ErrorKind(
    "argument.numbers",
    422,
    "数字写作 40 或 40,120，或写 none 表示不限。",
    "Numbers are written 40 or 40,120; none means without bound.",
)


def day(text: str | None) -> date | None:
    """Raises Refused(NO_DAY)."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise Refused(NO_DAY) from error


def parts(text: str | None) -> set[str]:
    """What stands between the commas."""
    return {part for part in (text or "").split(",") if part}


def numbers(text: str, count: int) -> list[int | None]:
    """So many numbers with commas between, or None so many times for `none`. Raises Refused(NO_NUMBERS)."""
    if text == "none":
        return [None] * count
    found = text.split(",")
    if len(found) != count or not all(NUMBER.fullmatch(part) for part in found):
        raise Refused(NO_NUMBERS)
    return [int(part) for part in found]
