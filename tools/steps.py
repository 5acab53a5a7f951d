"""Steps that are skipped when nothing they read has changed, commands that are never left running, and a clock for both."""

import hashlib
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STAMPS = ROOT / ".dev" / "stamps"
# Every child inherits this mark, also one that leaves its session: `end_children` finds it by the mark alone.
MARK = f"XINQIAO_DEV_RUN={uuid.uuid4()}"
PYTEST_LAST_LINE = re.compile(r"^=+ .*\b(passed|failed|error|errors|deselected|no tests ran)\b.* in [\d.]+s.* ?=+$")


class Failure(Exception):
    """A step failed; the message says what a person can do about it."""


def say(text: str) -> None:
    sys.stdout.write(text + "\n")  # in one piece: stages may run side by side
    sys.stdout.flush()


@contextmanager
def timed(title: str) -> Iterator[None]:
    started = time.monotonic()
    say(f"==> {title}")
    try:
        yield
    finally:
        say(f"    {title}: {time.monotonic() - started:.1f} s")


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment with the mark and `extra`.

    Without PYTHONDONTWRITEBYTECODE, which images of CI like to set: more than half of the time in which a server starts would go into
    compiling the same modules again, and the tests start about a hundred.
    """
    name, value = MARK.split("=")
    ours = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {**ours, name: value, **(extra or {})}


def command(*words: str | Path, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> None:
    """Run a command to its end; raise Failure with its name when it fails."""
    code = subprocess.run([str(word) for word in words], cwd=cwd, env=environment(env), stdin=subprocess.DEVNULL).returncode
    if code:
        raise Failure(f"{' '.join(str(word) for word in words[:6])} ended with code {code}")


def captured(*words: str | Path, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run a command to its end; return its exit code and all it printed."""
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    return done.returncode, done.stdout


def teed(*words: str | Path, name: str, env: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run a command, passing its output on line by line with its name before it: others may run beside it.

    Returns its exit code and pytest's last line, if there was one.
    """
    process = subprocess.Popen(
        [str(word) for word in words],
        cwd=ROOT,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    assert process.stdout is not None
    last = ""
    for line in process.stdout:
        say(f"{name}: {line.rstrip()}")
        if PYTEST_LAST_LINE.match(line.strip()):
            last = line.strip()
    return process.wait(), last


def digest(inputs: Iterable[Path], *words: str) -> str:
    """Return one hash over the names and contents of files (directories: all files below) and over `words`."""
    total = hashlib.sha256("\0".join(words).encode())
    for path in sorted(file for given in inputs for file in _files(given)):
        total.update(f"\0{path.relative_to(ROOT)}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif path.is_dir():
        yield from (file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts)


def once(name: str, key: str, made: Path, work: Callable[[], None], stamps: Path = STAMPS) -> None:
    """Do `work` unless it was done for the same `key` and its result `made` is still there."""
    stamp = stamps / name
    if made.exists() and stamp.exists() and stamp.read_text() == key:
        return
    with timed(name):
        stamp.unlink(missing_ok=True)
        work()
    stamps.mkdir(parents=True, exist_ok=True)
    stamp.write_text(key)


def end_children() -> None:
    """End every process that carries this run's mark: first politely, after three seconds for good."""
    for sign, patience in ((signal.SIGTERM, 3.0), (signal.SIGKILL, 1.0)):
        for pid in marked():
            try:
                os.kill(pid, sign)
            except ProcessLookupError:
                continue
        deadline = time.monotonic() + patience
        while marked() and time.monotonic() < deadline:
            time.sleep(0.05)


def marked() -> list[int]:
    """Return the ids of living processes with the mark, this one excepted."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            dead = (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
            if not dead and MARK.encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:  # it ended meanwhile, or is another account's
            continue
    return found
