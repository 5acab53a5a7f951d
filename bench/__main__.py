"""`make bench`: measures the back-end of the environment (DATABASE_URL and REDIS_URL, or SQLite and memory) beside two floors."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from bench import report, stages
from bench.population import Idler
from bench.run import Result
from bench.stages import LONG, SHORT, Load
from bench.targets import Target, floors, product

OUT = Path(__file__).resolve().parent / "out"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--long", action="store_true", help="more loads, 7 rounds of 5 s")
    parser.add_argument("--rounds", type=int, help="how often each load is measured (default: 3)")
    parser.add_argument("--seconds", type=float, help="how long one measurement lasts (default: 2.5)")
    parser.add_argument("--pairs", type=int, default=20, help="consultations with two people each (default: %(default)s)")
    parser.add_argument("--idle", type=int, default=1000, help="idle sockets; 0 leaves them out (default: %(default)s)")
    parser.add_argument("--only", help="measure one server alone: product, tutorial or echo")
    options = parser.parse_args()
    options.rounds = options.rounds or (7 if options.long else 3)
    options.seconds = options.seconds or (5.0 if options.long else 2.5)
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="xinqiao-bench-")))
        targets = {"product": stack.enter_context(product(place / "product", options.pairs, options.idle))}
        if options.only != "product":
            targets |= stack.enter_context(floors(place / "floors", options.pairs))
        run(options, place, targets)


def run(options: argparse.Namespace, place: Path, targets: Mapping[str, Target]) -> None:
    backend = "PostgreSQL, Redis" if os.environ.get("DATABASE_URL") else "SQLite, memory"
    about = {
        **report.machine(place),
        "backend": backend,
        "durability": targets["product"].population.durability,
        "rounds": options.rounds,
        "seconds": options.seconds,
    }
    print(f"\n### {backend}\n\n{about}\n", flush=True)
    costs = {}
    if options.idle:
        nobody = [Idler("", "")] * options.idle
        costs = {
            name: stages.idle(targets[name], path, targets[name].population.idlers or nobody)
            for name, path in (("product", "/ws/"), ("echo", "/echo/"))
            if name in targets and options.only in {None, name}
        }
    loads = tuple(load for load in (LONG if options.long else SHORT) if options.only in {None, load.target})
    measured: dict[Load, list[Result]] = {load: [] for load in loads}
    for load, result in stages.rounds(targets, loads, options.rounds, options.seconds):
        measured[load].append(result)
        if result.lost or result.errors:
            print(f"WRONG {load}: {result.lost} of {result.sent} lost; {result.errors}", flush=True)
    print(report.table(measured), end="\n\n", flush=True)
    print(report.idle_table(costs, options.idle), end="\n\n", flush=True)
    report.save(OUT / f"{'postgresql' if os.environ.get('DATABASE_URL') else 'sqlite'}.json", about, measured, costs)


if __name__ == "__main__":
    main()
