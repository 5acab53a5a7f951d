"""docs/security.md names tests: they are there, so that a renamed or deleted one cannot leave a requirement without any unnoticed."""

import re

import pytest

from tests.deployment import ROOT

TEXT = (ROOT / "docs" / "security.md").read_text()
NAMED = sorted(set(re.findall(r"`(tests/[\w/.]+(?:::\w+)?)`", TEXT)))
CHAPTERS = set(range(1, 18))


def test_every_chapter_of_the_standard_has_its_rows() -> None:
    assert {int(chapter) for chapter in re.findall(r"^\| V(\d+)", TEXT, re.MULTILINE)} == CHAPTERS
    for row in re.findall(r"^\| V.*$", TEXT, re.MULTILINE):
        assert len([cell for cell in row.strip("|").split("|") if cell.strip()]) == 3, row


@pytest.mark.parametrize("name", NAMED)
def test_every_test_that_it_names_is_there(name: str) -> None:
    path, _, function = name.partition("::")
    assert (ROOT / path).exists()
    if function:
        assert re.search(rf"^(?:async )?def {function}\(", (ROOT / path).read_text(), re.MULTILINE)
