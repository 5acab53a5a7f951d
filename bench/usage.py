"""CPU time and memory of processes, from /proc."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

TICK: Final = 1 / os.sysconf("SC_CLK_TCK")


def tree(root: int) -> list[int]:
    """A process and all its living descendants."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, waiting = list[int](), [root]
    while waiting:
        found.append(pid := waiting.pop())
        waiting.extend(parents.get(pid, []))
    return found


def cpu_seconds(roots: list[int]) -> float:
    """User and system time of these processes and their descendants, those already ended and reaped by the roots included."""
    ticks = 0
    for root in roots:
        fields = _stat(root)
        ticks += sum(int(value) for value in fields[13:15]) if fields else 0  # cutime, cstime
        ticks += sum(int(value) for pid in tree(root) for value in _stat(pid)[11:13])  # utime, stime
    return ticks * TICK


def resident_bytes(pid: int) -> int:
    """Memory that is this process's own: the anonymous part of what is resident."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Anonymous:"):
            return int(line.split()[1]) * 1024
    raise ValueError("smaps_rollup has no line Anonymous")


def parent(pid: int) -> int:
    return int(_stat(pid)[1])


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name (proc(5) counts them from 3); empty when it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []
