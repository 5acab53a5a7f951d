"""Puts tables into a document, between the two comments that mark their place."""

from __future__ import annotations

from pathlib import Path


def write(path: Path, name: str, text: str) -> None:
    """Replace what stands between `<!-- figures: NAME -->` and `<!-- end: NAME -->`. ValueError where they are not."""
    before, after = f"<!-- figures: {name} -->", f"<!-- end: {name} -->"
    head, start, rest = path.read_text(encoding="utf-8").partition(before)
    _, end, tail = rest.partition(after)
    if not start or not end:
        raise ValueError(f"{path.name} has no place for {name}")
    path.write_text(f"{head}{before}\n\n{text}\n\n{after}{tail}", encoding="utf-8")
