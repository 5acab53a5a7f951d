"""Findings as Markdown: medians with the least and the most."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench.burst import Burst
from bench.calls import Calls
from bench.evidence import Evidence
from bench.findings import Findings, goals
from bench.growth import LOADS, Step
from bench.history import Length
from bench.idle import AT_ONCE, Cost
from bench.run import Result
from bench.sealing import Sealed
from bench.stages import Load

NAMES: Final = {
    "product": "Xinqiao (sealed, chained, durable)",
    "ejabberd": "ejabberd with its archive",
    "synapse": "Synapse",
    "tutorial": "floor: Channels the tutorial way (ORM, in clear)",
    "echo": "floor: Channels echo, nothing kept",
}
TALK: Final = (
    "server", "load", "messages/s", "ack p50 ms", "p99", "delivery p50 ms", "p99", "server CPU us/message", "generator us",
    "Xinqiao: messages/s", "CPU",
)  # fmt: skip
SYNC_TRIES: Final = 100


def machine(place: Path) -> dict[str, Any]:
    """Where it was measured. `sync_ms`: median of one 4 KiB write with fdatasync where the databases are; load: of the last minute."""
    return {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "sync_ms": round(_sync_ms(place / "sync-probe"), 2),
        "load": round(os.getloadavg()[0], 1),
        "versions": {},
        "durability": {},
    }


def markdown(findings: Findings) -> str:
    """Every table that this run can fill."""
    parts = [_about(findings.about), *(f"Not measured: {NAMES[name]}. {why}." for name, why in findings.missing.items())]
    if findings.measured:
        parts += [talk_table(findings.measured), _kept(findings.kept)]
    if findings.idle or findings.sockets:
        parts += [idle_table(findings.idle), sockets_table(findings.sockets)]
    if findings.history:
        parts.append(history_table(findings.history))
    parts += _beside_talk(findings)
    if findings.slow:
        parts += ["Every flush of PostgreSQL's log made 2 ms slower (`commit_delay = 2000`, `commit_siblings = 0`):"]
        parts.append(talk_table(findings.slow))
    if findings.evidence:
        parts.append(evidence_table(findings.evidence))
    if findings.sealing:
        parts.append(sealing_table(findings.sealing))
    reached = [(goal.what, goal.bound, f"{goal.found:.2f}", "yes" if goal.reached else "**no**") for goal in goals(findings)]
    parts.append(table(("goal", "bound", "measured", "reached"), reached) if reached else "")
    return "\n\n".join(part for part in parts if part)


def _beside_talk(findings: Findings) -> list[str]:
    burst = [_burst(findings.burst)] if findings.burst else []
    return burst + ([_calls(findings.calls)] if findings.calls else [])


def talk_table(measured: Mapping[Load, Sequence[Result]]) -> str:
    """Its last columns divide the product's figure by that of the row's server under the same load."""
    rows = []
    for load, results in measured.items():
        ours = measured.get(Load("product", load.inflight, load.rate), ()) if load.target != "product" else ()
        row = (
            NAMES[load.target],
            load.label,
            _spread(results, lambda r: r.per_second),
            *_milliseconds(results, lambda r: r.acks),
            *_milliseconds(results, lambda r: r.deliveries),
            _spread(results, lambda r: r.server_us),
            f"{_median(results, lambda r: r.generator_us):.0f}",
            _times(ours, results, lambda r: r.per_second),
            _times(ours, results, lambda r: r.server_us),
        )
        rows.append(row)
    return table(TALK, rows)


def idle_table(costs: Mapping[str, Cost]) -> str:
    rows = [
        (NAMES[name], f"{cost.sockets:,}", f"{cost.kib:.1f}", f"{cost.open_us:,.0f}", f"{cost.idle_cores:.3f}")
        for name, cost in costs.items()
    ]
    return table(("server", "idle sockets", "KiB each", "CPU to open each, us", "cores all together"), rows) if rows else ""


def sockets_table(steps: Sequence[Step]) -> str:
    """The talk of the pairs beside idle sockets, one row for each number of them."""
    names = [name for load in LOADS for name in (f"{load.label}: CPU us/message", "ack p50 ms", "p99")]
    rows = []
    for step in steps:
        talk = []
        for results in step.talk:
            talk += [_spread(results, lambda r: r.server_us), *_milliseconds(results, lambda r: r.acks)]
        cost = step.cost
        counted = cost.sockets > AT_ONCE  # the first pay for what is made only once
        each = (f"{cost.kib:.1f}", f"{cost.open_us:,.0f}") if counted else ("-", "-")
        rows.append((f"{cost.sockets:,}", *each, f"{cost.idle_cores:.3f}", *talk))
    return table(("idle sockets", "KiB each", "CPU to open each, us", "cores in silence", *names), rows) if rows else ""


def history_table(lengths: Sequence[Length]) -> str:
    """One row for each thing done, one pair of columns for each length."""
    head = ("done once", *(f"{length.messages:,} messages: {unit}" for length in lengths for unit in ("ms", "CPU us")))
    rows = [(name, *(cell for length in lengths for cell in _opening(length, name))) for name in lengths[-1].openings]
    filled = ", ".join(f"{length.fill_per_second:,.0f}/s to {length.messages:,}" for length in lengths[1:])
    searched = ", ".join(f"{length.searched:,} of {length.messages:,}" for length in lengths)
    return (
        f"{table(head, rows)}\n\nOne sender with 200 messages in flight filled them: {filled}. "
        f"A page of the search looked at {searched} messages; the next page goes on from there."
    )


def evidence_table(found: Evidence) -> str:
    """What is done, what it costs, and what its floor costs: one SHA-256 over the same bytes, or an INSERT of a message in clear."""
    own = found.verify_ms - found.start_ms
    leaves = (
        (f"give {found.leaves:,} leaves their places and sign", found.sequence_us),
        (f"check {found.leaves:,} leaves in full", found.check_us),
    )
    packs = (
        (f"make a pack of {found.entries:,} entries ({found.pack_bytes / 1e6:.1f} MB)", found.build_ms),
        (f"verify it ({found.start_ms:,.0f} ms of Python's start left out)", own),
    )
    message = f"seal, chain and store a message with its receipt ({found.receipt_us:.1f} us of it), {found.messages} a commit"
    inserted = f"{found.insert_us:.1f} us: an INSERT in clear"
    rows = [(message, f"{found.message_us:.1f} us", inserted, _ratio(found.message_us, found.insert_us))]
    rows += [
        (what, f"{us:.1f} us a leaf", f"{found.floor_us:.1f} us a leaf", _ratio(us, found.floor_us)) for what, us in leaves
    ]
    rows += [(what, f"{ms:,.0f} ms", f"{found.hash_ms:.1f} ms", _ratio(ms, found.hash_ms)) for what, ms in packs]
    return table(("evidence", "cost", "floor: SHA-256 of the same bytes", "times the floor"), rows)


def sealing_table(found: Sequence[Sealed]) -> str:
    rows = [
        (
            each.suite,
            f"{each.size:,} bytes",
            *(
                f"{us:.1f} ({_ratio(us, floor)})"
                for us, floor in ((each.seal_us, each.floor_seal_us), (each.open_us, each.floor_open_us))
            ),
            f"{each.floor_seal_us:.1f}",
        )
        for each in found
    ]
    return table(("suite", "content", "seal us (times the floor)", "open us", "floor: AES-256-GCM us"), rows)


def _ratio(cost: float, floor: float) -> str:
    return f"x {cost / floor:.3g}" if floor else "-"


def _opening(length: Length, name: str) -> tuple[str, str]:
    opening = length.openings.get(name)
    return (f"{opening.ms:.2f}", f"{opening.cpu_us:,.0f}") if opening else ("-", "-")


def _burst(burst: Burst) -> str:
    before, during = (f"p50 {acks[0]:.2f} ms, p99 {acks[1]:.2f} ms" for acks in (burst.before, burst.during))
    return (
        f"A burst of {burst.count:,} messages from one sender was acknowledged within {burst.seconds:.2f} s "
        f"({burst.count / burst.seconds:,.0f}/s), {burst.lost} lost. "
        f"Acknowledgements of the others: {before} before it, {during} while it lasted."
    )


def _calls(found: Calls) -> str:
    before, during = (f"p50 {acks[0]:.2f} ms, p99 {acks[1]:.2f} ms" for acks in found.acks)
    return (
        f"{found.calls} calls whose devices said {found.per_second:,.0f} descriptions and candidates a second to each other: "
        f"from one to the other p50 {found.relays[0]:.2f} ms, p95 {found.relays[1]:.2f} ms, p99 {found.relays[2]:.2f} ms, "
        f"{found.lost} lost; it rang after p50 {found.rings[0]:.1f} ms, {found.rings[1]:.1f} ms at most. "
        f"Cores of the server with its database: {found.cores[0]:.2f} before, {found.cores[1]:.2f} during. "
        f"Acknowledgements of those who chat: {before} before, {during} during."
    )


def _kept(kept: Mapping[str, tuple[int, int]]) -> str:
    said = "; ".join(f"{NAMES[name]} {found:,} of {sent:,}" for name, (sent, found) in kept.items())
    return f"Messages that stand in the database afterwards, of those sent: {said}." if said else ""


def _about(about: Mapping[str, Any]) -> str:
    """Where and when, and what each database says about the durability of its commits."""
    versions = "".join(f", {NAMES[name]} {version}" for name, version in about["versions"].items())
    where = (
        f"{about['date']}; {about['processor']}, {about['cores']} cores, Python {about['python']}{versions}. "
        f"{about['rounds']} rounds of {about['seconds']:g} s; a 4 KiB write with fdatasync takes {about['sync_ms']} ms; "
        f"load {about['load']} before, {about.get('load_after', '?')} after."
    )
    said = "; ".join(
        f"{NAMES[server]} {', '.join(f'{name}={value}' for name, value in settings.items())}"
        for server, settings in about["durability"].items()
    )
    return f"{where}\n\nThe databases say: {said}."


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _median(results: Sequence[Result], figure: Callable[[Result], float]) -> float:
    return median(figure(result) for result in results)


def _times(ours: Sequence[Result], theirs: Sequence[Result], figure: Callable[[Result], float]) -> str:
    if not ours or not (of := _median(theirs, figure)):
        return "-"
    return f"x {_median(ours, figure) / of:.3g}"


def _milliseconds(results: Sequence[Result], figure: Callable[[Result], tuple[float, ...]]) -> list[str]:
    """p50 and p99."""
    values = [median(figure(result)[part] for result in results) for part in (0, 1)]
    return [f"{value:.2f}" if value else "-" for value in values]


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
