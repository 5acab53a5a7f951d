"""`make bench`: the product beside its peers and its floors, on the back-end of the environment (DATABASE_URL and REDIS_URL, or SQLite)."""

from __future__ import annotations

import argparse
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Final

from bench import document, growth, report
from bench.findings import Findings
from bench.parts import PARTS, everybody
from bench.stages import SERVERS
from tests.deployment import ROOT

OUT: Final = ROOT / "bench" / "out"
DOCUMENT: Final = ROOT / "docs" / "benchmarks.md"
BESIDE: Final = SERVERS[1:]


def words(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--long", action="store_true", help="more loads, 7 rounds of 5 s")
    parser.add_argument("--rounds", type=int, help="how often each load is measured (default: 3)")
    parser.add_argument("--seconds", type=float, help="how long one measurement lasts (default: 2)")
    parser.add_argument("--pairs", type=int, default=20, help="consultations with two people each (default: %(default)s)")
    parser.add_argument(
        "--idle", type=int, default=growth.SIZES[-1], help="idle sockets at most; 0: none (default: %(default)s)"
    )
    parser.add_argument("--messages", type=int, default=100_000, help="longest consultation (default: %(default)s)")
    parser.add_argument(
        "--leaves", type=int, default=100_000, help="leaves of the ledger that is checked (default: %(default)s)"
    )
    parser.add_argument(
        "--peers", type=listed(BESIDE), default=list(BESIDE), help=f"beside the product: {','.join(BESIDE)}, or none"
    )
    parser.add_argument("--parts", type=listed(PARTS), default=list(PARTS), help=f"some of {','.join(PARTS)}")
    parser.add_argument("--only", type=listed(SERVERS), help="measure these servers alone, in rounds")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/benchmarks.md")
    options = parser.parse_args(argv)
    options.on_postgresql = bool(os.environ.get("DATABASE_URL"))
    options.rounds = options.rounds or (7 if options.long else 3)
    options.seconds = options.seconds or (5.0 if options.long else 2.0)
    if options.only:
        options.peers, options.parts = [name for name in options.only if name != "product"], ["rounds"]
    return options


def listed(known: Iterable[str]) -> Callable[[str], list[str]]:
    """A parser of names with commas between them; `none` is nothing."""

    def names(text: str) -> list[str]:
        found = [] if text == "none" else text.split(",")
        if unknown := set(found) - set(known):
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}")
        return found

    return names


def main() -> None:
    options = words()
    signal.signal(signal.SIGTERM, ended)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    backend = "postgresql" if options.on_postgresql else "sqlite"
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="xq-bench-", ignore_cleanup_errors=True)))
        place.chmod(0o755)  # PostgreSQL runs as somebody else
        findings = Findings(report.machine(place))
        targets = everybody(stack, place, options, findings)
        findings.about |= {"rounds": options.rounds, "seconds": options.seconds}
        for part in options.parts:
            print(f"==> {part} ({backend})", flush=True)
            try:
                PARTS[part](targets, options, findings)
            except (RuntimeError, subprocess.SubprocessError) as failure:  # the other parts are still worth having
                findings.failures.append(f"{part}: {failure}")
        findings.about["load_after"] = round(os.getloadavg()[0], 1)
        show(findings, backend, options)
    if findings.failures:
        sys.exit("\n".join(findings.failures))


def ended(number: int, frame: FrameType | None) -> None:
    """Turn a signal into an exit: every server ends with its block."""
    sys.exit(128 + number)


def show(findings: Findings, backend: str, options: argparse.Namespace) -> None:
    text = report.markdown(findings)
    print(f"\n### {backend}\n\n{text}\n", flush=True)
    findings.save(OUT / f"{backend}.json")
    if options.write:
        document.write(DOCUMENT, backend, text)


if __name__ == "__main__":
    main()
