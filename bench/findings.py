"""Everything that one run on one back-end has found, and the goals that are read from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple

import msgspec

from bench.burst import Burst
from bench.calls import Calls
from bench.evidence import Evidence
from bench.growth import Step
from bench.history import Length
from bench.idle import Cost
from bench.run import Result
from bench.sealing import Sealed
from bench.stages import Load

LAST_SCREENS: Final = ("last screen, HTTP", "last screen, socket")


@dataclass
class Findings:
    """`missing`: why a server was not measured. `kept`: how many messages each was sent, and how many its database has."""

    about: dict[str, Any]
    missing: dict[str, str] = field(default_factory=dict)
    measured: dict[Load, list[Result]] = field(default_factory=dict)
    kept: dict[str, tuple[int, int]] = field(default_factory=dict)
    idle: dict[str, Cost] = field(default_factory=dict)
    sockets: list[Step] = field(default_factory=list)
    history: list[Length] = field(default_factory=list)
    burst: Burst | None = None
    calls: Calls | None = None
    evidence: Evidence | None = None
    sealing: list[Sealed] = field(default_factory=list)
    slow: dict[Load, list[Result]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)  # of whole parts

    def save(self, path: Path) -> None:
        """Write every single measurement."""
        parts = {name: value for name, value in vars(self).items() if name not in {"measured", "slow"}}
        for name in ("measured", "slow"):
            loads = getattr(self, name).items()
            parts[name] = [{"server": load.target, "load": load.label, "rounds": results} for load, results in loads]
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(msgspec.json.format(msgspec.json.encode(parts), indent=1))

    def figure(self, load: Load, figure: Callable[[Result], float]) -> float | None:
        """The median over the rounds, or None where this was not measured."""
        results = self.measured.get(load)
        return median(figure(result) for result in results) if results else None

    def times(self, other: str, figure: Callable[[Result], float]) -> float | None:
        """How often a figure of the product at 100 in flight contains the same figure of another server."""
        ours, theirs = (self.figure(Load(name, 100), figure) for name in ("product", other))
        return ours / theirs if ours and theirs else None


class Goal(NamedTuple):
    what: str
    bound: str
    found: float | None
    reached: bool


def goals(findings: Findings) -> list[Goal]:
    """What was measured of the goals that a run can measure."""
    hundred, one = Load("product", 100), Load("product", 1)
    p50 = findings.figure(one, lambda r: r.acks[0])
    rows = (
        ("CPU a message at 100 in flight, us", "<=", 120.0, findings.figure(hundred, lambda r: r.server_us)),
        ("messages/s at 100 in flight, times ejabberd's", ">=", 2.5, findings.times("ejabberd", lambda r: r.per_second)),
        ("messages/s at 100 in flight, times Synapse's", ">=", 100.0, findings.times("synapse", lambda r: r.per_second)),
        ("ack p99 at 100 in flight, ms", "<=", 25.0, findings.figure(hundred, lambda r: r.acks[1])),
        ("ack p50 at 1 in flight beyond one sync, ms", "<=", 2.0, None if p50 is None else p50 - findings.about["sync_ms"]),
        (
            "relay p95 of 20 calls beside 50 chatting pairs, ms",
            "<=",
            15.0,
            findings.calls.relays[1] if findings.calls else None,
        ),
        ("KiB an idle socket", "<=", 60.0, findings.sockets[-1].cost.kib if findings.sockets else None),
        (
            "CPU a message beside the most idle sockets, times that beside the fewest",
            "<=",
            1.25,
            _sockets_grow(findings.sockets),
        ),
        *(
            (f"CPU of the {name}, longest consultation times second longest", "<=", 1.25, _grows(findings.history, name))
            for name in LAST_SCREENS
        ),
    )
    return [
        Goal(what, f"{sign} {bound:g}", found, found is not None and (found <= bound if sign == "<=" else found >= bound))
        for what, sign, bound, found in rows
        if found is not None
    ]


def _sockets_grow(steps: Sequence[Step]) -> float | None:
    if len(steps) < 2:
        return None
    few, many = (median(result.server_us for result in step.talk[0]) for step in (steps[0], steps[-1]))
    return many / few


def _grows(lengths: Sequence[Length], name: str) -> float | None:
    """The second longest, because a consultation of ten messages fills no screen."""
    if len(lengths) < 2 or not lengths[-2].openings[name].cpu_us:
        return None
    return lengths[-1].openings[name].cpu_us / lengths[-2].openings[name].cpu_us
