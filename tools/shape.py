"""The limits on length that no linter has: lines of a file and lines of a function."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tools.steps import ROOT, Failure

FILE_LINES = 300
FUNCTION_LINES = 40
GENERATED = ("/migrations/", "/generated/")
# One file that a stranger downloads and reads from top to bottom, needing nothing else of ours.
ALONE = {"records/pack/verify_pack.py"}
SOURCES = (".py", ".ts", ".tsx")


def check() -> None:
    """Raise Failure naming every source file and every Python function that is too long."""
    found = [problem for path in sources() for problem in problems(path)]
    if found:
        raise Failure("too long:\n" + "\n".join(found))


def sources() -> list[Path]:
    """Return the source files that git knows or would add, generated ones left out."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    kept = [name for name in listed if name.endswith(SOURCES) and not any(mark in f"/{name}" for mark in GENERATED)]
    return [ROOT / name for name in kept if (ROOT / name).exists()]


def problems(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT)
    lines = text.count("\n")
    if lines > FILE_LINES and str(name) not in ALONE:
        yield f"{name}: {lines} lines, at most {FILE_LINES}"
    if path.suffix != ".py":
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _length(node) > FUNCTION_LINES:
            yield f"{name}:{node.lineno}: {node.name} has {_length(node)} lines, at most {FUNCTION_LINES}"


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1
