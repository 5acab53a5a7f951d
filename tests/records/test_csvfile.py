"""What leaves as a table opens as a table, whatever somebody's name begins with."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.csvfile import BOM, FORMULA, lines


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


@pytest.mark.parametrize(
    "cell", ['=HYPERLINK("http://x")', "+86 139", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", " =1", "\u3000＋1"]
)
def test_a_cell_that_would_run_is_text(cell: str) -> None:
    assert read(lines([[cell]])) == [[f"'{cell}"]]


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1), min_size=1))
def test_whatever_is_written_comes_back_and_nothing_begins_a_formula(rows: list[list[str]]) -> None:
    back = read(lines(rows))
    assert [[cell.removeprefix("'") for cell in row] for row in back] == [
        [cell.removeprefix("'") for cell in row] for row in rows
    ]
    assert not any(cell.startswith(FORMULA) for row in back for cell in row)


def test_nothing_is_an_empty_cell_and_excel_sees_what_it_is() -> None:
    assert lines([[None, "王", 3]]) == '"","王","3"\r\n'.encode()
    assert BOM.decode("utf-8-sig") == ""
