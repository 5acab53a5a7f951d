"""What is measured, in which order: rounds in which every server has its turn, so that a noisy minute meets all of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from bench.idle import Cost, IdleTask
from bench.population import Idler
from bench.run import Result, Task
from bench.targets import Target
from tests.deployment import ROOT

T = TypeVar("T")
GENERATOR_SECONDS = 120


@dataclass(frozen=True)
class Load:
    """One row of the report: which server, and how it is driven. `rate` 0 is a closed loop."""

    target: str
    inflight: int = 0
    rate: float = 0.0

    @property
    def label(self) -> str:
        return f"open loop, {self.rate:,.0f}/s" if self.rate else f"{self.inflight} in flight"


SHORT = (
    Load("product", 1),
    Load("product", 20),
    Load("product", 100),
    Load("product", rate=2000),
    Load("tutorial", 20),
    Load("tutorial", 100),
    Load("echo", 20),
    Load("echo", 100),
)
LONG = (*SHORT, Load("tutorial", 1), Load("echo", 1), Load("product", rate=6000), Load("product", rate=10_000))


def rounds(targets: Mapping[str, Target], loads: tuple[Load, ...], count: int, seconds: float) -> Iterator[tuple[Load, Result]]:
    """Yield each measurement as it is made, `count` rounds of all loads."""
    for number in range(count):
        for load in loads if number % 2 == 0 else reversed(loads):
            yield load, once(targets[load.target], load, seconds)


def once(target: Target, load: Load, seconds: float) -> Result:
    task = Task(
        target.client,
        target.host,
        target.port,
        target.population.pairs,
        target.roots,
        seconds,
        inflight=load.inflight,
        rate=load.rate,
        delivers=load.target != "echo",
    )
    return _process("bench.load", task, Result)


def idle(target: Target, path: str, idlers: list[Idler], **seconds: float) -> Cost:
    return _process("bench.idle", IdleTask(target.host, target.port, path, idlers, target.server, **seconds), Cost)


def _process(module: str, task: msgspec.Struct, answer: type[T]) -> T:
    """Run a load generator as a process of its own. Raises RuntimeError with what it said when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", module],
        input=msgspec.json.encode(task),
        cwd=ROOT,
        capture_output=True,
        timeout=GENERATOR_SECONDS,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module} failed: {done.stderr.decode()[-2000:]}")
    return msgspec.json.decode(done.stdout, type=answer)
