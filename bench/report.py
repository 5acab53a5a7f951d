"""Medians with their spread, as a table to read and a file to compare."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

import msgspec

from bench.idle import Cost
from bench.run import Result
from bench.stages import Load

NAMES: Final = {
    "product": "Xinqiao (sealed, chained, durable)",
    "tutorial": "floor: Channels the tutorial way (ORM, in clear)",
    "echo": "floor: Channels echo, nothing kept",
}
COLUMNS: Final = (
    "server", "load", "messages/s", "ack p50 ms", "p99", "delivery p50 ms", "p99", "server CPU us/message", "generator us",
)  # fmt: skip
SYNC_TRIES: Final = 100

Measured = Mapping[Load, Sequence[Result]]


def machine(place: Path) -> dict[str, Any]:
    """Where it was measured. `sync_ms`: median of one 4 KiB write with fdatasync where the databases are; load: of the last minute."""
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "sync_ms": round(_sync_ms(place / "sync-probe"), 2),
        "load": round(os.getloadavg()[0], 1),
    }


def table(measured: Measured) -> str:
    """Markdown. Every figure is a median over the rounds, throughput and CPU with the least and the most."""
    rows = [f"| {' | '.join(COLUMNS)} |", "|---" * len(COLUMNS) + "|"]
    for load, results in measured.items():
        cells = (
            NAMES[load.target],
            load.label,
            _spread(results, lambda r: r.per_second),
            *(_milliseconds(results, lambda r, i=i: r.acks[i]) for i in (0, 1)),  # type: ignore[misc]
            *(_milliseconds(results, lambda r, i=i: r.deliveries[i]) for i in (0, 1)),  # type: ignore[misc]
            _spread(results, lambda r: r.server_us),
            f"{_median(results, lambda r: r.generator_us):.0f}",
        )
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def idle_table(costs: Mapping[str, Cost], count: int) -> str:
    rows = [f"| {count:,} idle sockets | KiB each | CPU to open each, us | cores all together |", "|---|---|---|---|"]
    rows += [f"| {NAMES[n]} | {c.kib:.1f} | {c.open_us:.0f} | {c.idle_cores:.3f} |" for n, c in costs.items()]
    return "\n".join(rows)


def save(path: Path, about: dict[str, Any], measured: Measured, costs: Mapping[str, Cost]) -> None:
    """Write every single measurement."""
    loads = [{"server": load.target, "load": load.label, "rounds": list(results)} for load, results in measured.items()]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode({**about, "loads": loads, "idle": dict(costs)}), indent=1))


def _median(results: Sequence[Result], figure: Callable[[Result], float]) -> float:
    return median(figure(result) for result in results)


def _milliseconds(results: Sequence[Result], figure: Callable[[Result], float]) -> str:
    value = _median(results, figure)
    return f"{value:.2f}" if value else "-"


def _spread(results: Sequence[Result], figure: Callable[[Result], float]) -> str:
    values = [figure(result) for result in results]
    return f"{median(values):,.0f} ({min(values):,.0f}-{max(values):,.0f})"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _sync_ms(path: Path) -> float:
    times = []
    with path.open("wb", buffering=0) as file:
        for _ in range(SYNC_TRIES):
            file.write(bytes(4096))
            start = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - start)
    path.unlink()
    return median(times) * 1e3
