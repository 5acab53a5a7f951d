"""How cost grows with the sockets that are open: idle patients beside the pairs that talk."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

import msgspec

from bench.idle import AT_ONCE, Cost, IdleTask
from bench.population import Idler
from bench.run import Result
from bench.stages import Load, once
from bench.targets import Target
from tests.deployment import ROOT

SIZES: Final = (100, 1000, 5000)
LOADS: Final = (Load("product", 100), Load("product", rate=1000))
PATHS: Final = {"product": "/ws/", "echo": "/echo/"}
END_SECONDS: Final = 20


class Step(msgspec.Struct):
    """What idle sockets cost, and what the talk beside them cost: one list of results for each of LOADS."""

    cost: Cost
    talk: list[list[Result]]


@contextmanager
def idle_sockets(target: Target, idlers: Sequence[Idler], **seconds: float) -> Iterator[Callable[[int], Cost]]:
    """Yield a function that has so many sockets open; they are closed when the block ends."""
    task = IdleTask(target.host, target.port, PATHS[target.client], list(idlers), target.server, **seconds)
    words = [sys.executable, "-m", "bench.idle"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        told, heard = process.stdin, process.stdout

        def grow(wanted: int) -> Cost:
            told.write(b"%d\n" % wanted)
            told.flush()
            return msgspec.json.decode(heard.readline(), type=Cost)

        try:
            told.write(msgspec.json.encode(task) + b"\n")
            yield grow
            told.close()
            process.wait(END_SECONDS)
        finally:
            process.kill()


def beside_talk(target: Target, sizes: Sequence[int], rounds: int, seconds: float) -> list[Step]:
    """The pairs talk beside more and more idle sockets, beginning with AT_ONCE."""
    steps = []
    with idle_sockets(target, target.population.idlers) as grow:
        for size in (AT_ONCE, *sizes):
            cost = grow(size)
            steps.append(Step(cost, [[once(target, load, seconds) for _ in range(rounds)] for load in LOADS]))
    return steps


def alone(targets: Mapping[str, Target], count: int) -> dict[str, Cost]:
    """So many idle sockets on each of PATHS that runs, one server after the other."""
    costs = {}
    for name, target in targets.items():
        if name in PATHS:
            idlers = target.population.idlers[:count] or [Idler("", "")] * count
            with idle_sockets(target, idlers) as grow:
                costs[name] = grow(count)
    return costs
