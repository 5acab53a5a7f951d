"""Tables that people open in a spreadsheet program: UTF-8 with a byte order mark, RFC 4180, and no cell that runs as a formula."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

BOM: Final = b"\xef\xbb\xbf"  # without it Excel reads Chinese as Latin-1
TYPE: Final = "text/csv; charset=utf-8"
# What spreadsheet programs begin a formula with, also in the full width that Chinese keyboards type (OWASP, "CSV Injection").
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def lines(rows: Iterable[Iterable[object]]) -> bytes:
    """The rows as bytes, every cell quoted; None is empty."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().encode()


def _cell(value: object) -> str:
    """A formula becomes text by an apostrophe before it; what only looks like one is shown with it too. Leading blanks hide nothing."""
    text = "" if value is None else str(value)
    begins = text.lstrip(" \u00a0\u3000").startswith(FORMULA) or text.startswith(FORMULA)
    return f"'{text}" if begins else text
