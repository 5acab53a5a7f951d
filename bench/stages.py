"""What is measured, in which order: rounds in which every server has its turn, so that a noisy minute meets all of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec

from bench.run import Result, Task
from bench.targets import Target
from tests.deployment import ROOT

T = TypeVar("T")
PROCESS_SECONDS: Final = 300


@dataclass(frozen=True)
class Load:
    """One row of the report: which server, and how it is driven. `rate` 0 is a closed loop."""

    target: str
    inflight: int = 0
    rate: float = 0.0

    @property
    def label(self) -> str:
        return f"open loop, {self.rate:,.0f}/s" if self.rate else f"{self.inflight} in flight"


SERVERS: Final = ("product", "ejabberd", "synapse", "tutorial", "echo")
# An open loop must be one that the server can follow: else it measures the length of a queue.
SHORT: Final = (
    *(Load(name, inflight) for name in ("product", "ejabberd", "synapse") for inflight in (1, 20, 100)),
    *(Load(name, inflight) for name in ("tutorial", "echo") for inflight in (20, 100)),
    Load("product", rate=2000),
    Load("product", rate=200),
    Load("ejabberd", rate=200),
    Load("synapse", rate=20),
    Load("tutorial", rate=100),
)
MORE: Final = (
    Load("tutorial", 1),
    Load("echo", 1),
    Load("product", rate=6000),
    Load("product", rate=10_000),
    Load("ejabberd", rate=500),
)
LONG: Final = (*SHORT, *MORE)


def rounds(
    targets: Mapping[str, Target], loads: Sequence[Load], count: int, seconds: float
) -> Iterator[tuple[Load, Result | str]]:
    """Yield each measurement as it is made, `count` rounds of all loads; where one failed, what was said of it."""
    for number in range(count):
        for load in loads if number % 2 == 0 else reversed(loads):
            try:
                yield load, once(targets[load.target], load, seconds)
            except (RuntimeError, subprocess.TimeoutExpired) as failure:  # the others are still worth measuring
                yield load, f"{load.target}, {load.label}: {failure}"


def once(target: Target, load: Load, seconds: float) -> Result:
    return process("bench.load", task_of(target, load, seconds), Result)


def task_of(target: Target, load: Load, seconds: float) -> Task:
    return Task(
        target.client,
        target.host,
        target.port,
        target.population.pairs,
        target.roots,
        seconds,
        target.warm_up,
        inflight=load.inflight,
        rate=load.rate,
        delivers=target.client != "echo",
    )


def process(
    module: str, task: msgspec.Struct, answer: type[T], env: Mapping[str, str] | None = None, seconds: float = PROCESS_SECONDS
) -> T:
    """Run what measures as a process of its own. Raises RuntimeError with what it said when it fails."""
    done = subprocess.run(
        [sys.executable, "-m", module],
        input=msgspec.json.encode(task),
        cwd=ROOT,
        env=env,
        capture_output=True,
        timeout=seconds,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{module} failed: {done.stderr.decode()[-2000:]}")
    return msgspec.json.decode(done.stdout, type=answer)
