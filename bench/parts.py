"""The parts of a run. Each measures on the servers that are there and puts what it found into the `Findings`."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Final

import psycopg

from bench import growth, slow, stages
from bench.burst import Burst, BurstTask
from bench.calls import Calls, CallsTask
from bench.evidence import Evidence, EvidenceTask
from bench.findings import Findings
from bench.history import HistoryTask, Length
from bench.peers import ejabberd, synapse
from bench.peers.private import Unavailable
from bench.run import Result
from bench.sealing import Sealed, SealingTask
from bench.settled import settle
from bench.stages import LONG, SHORT, Load, task_of
from bench.targets import Target, floors, product
from tests.deployment import new_deployment, seeded
from tools.steps import Failure

FLOORS: Final = {"tutorial", "echo"}
IDLE_ALONE: Final = 1000  # on the floor that is compared
SHORT_LENGTHS: Final = (10, 1000)
BURST: Final = 2000
SEALED_SIZES: Final = [200, 16_384, 262_144]  # a message, a page of a document, a segment of a recording
SUITES: Final = ("cobblestone", "sm")
ENTRIES: Final = 1000  # of the case that is packed
OTHERS: Final = Load("product", rate=200)
CHATTING, CALLS = 50, 20  # pairs
CALLS_SECONDS: Final = 20.0
CALL_FRAMES_A_SECOND: Final = 15.0  # of each device
FEW_ROUNDS: Final = 2  # where the figures of one size stand beside those of the next
PEERS: Final[dict[str, Callable[..., AbstractContextManager[Target]]]] = {
    "ejabberd": ejabberd.ejabberd,
    "synapse": synapse.synapse,
}
VERSIONS: Final = {"ejabberd": ejabberd.version, "synapse": synapse.version}

Targets = Mapping[str, Target]


def everybody(stack: ExitStack, place: Path, options: argparse.Namespace, findings: Findings) -> dict[str, Target]:
    """Start the wanted servers. A peer that cannot be had is named in the findings."""
    targets: dict[str, Target] = {}
    lengths = len(SHORT_LENGTHS) + 1 if {"history", "burst"} & set(options.parts) else 0
    if not options.only or "product" in options.only:
        idlers = options.idle if "sockets" in options.parts else 0
        targets["product"] = stack.enter_context(product(place / "product", options.pairs, idlers, lengths))
    if wanted := FLOORS & set(options.peers):
        found = stack.enter_context(floors(place / "floors", options.pairs))
        targets |= {name: found[name] for name in found if name in wanted}
    for name in PEERS:
        if name in options.peers:
            try:
                peer = PEERS[name](place / name, options.pairs, on_postgresql=options.on_postgresql)
                targets[name] = stack.enter_context(peer)
                findings.about["versions"][name] = VERSIONS[name]()
            except (Unavailable, Failure, OSError, psycopg.Error) as reason:
                findings.missing[name] = " ".join(str(reason).split())[:300]
    settle(target.database for target in targets.values())
    findings.about["durability"] = {
        name: target.population.durability for name, target in targets.items() if name not in FLOORS
    }
    return targets


def rounds(targets: Targets, options: argparse.Namespace, findings: Findings) -> None:
    """All servers under all loads, in turns; then whether their databases hold what was sent."""
    loads = [load for load in (LONG if options.long else SHORT) if load.target in targets]
    findings.measured = measured = in_turns(targets, loads, options.rounds, options.seconds, findings)
    for name in (name for name in targets if name != "echo"):
        sent = sum(result.sent for load in measured if load.target == name for result in measured[load])
        findings.kept[name] = (sent, targets[name].kept())


def sockets(targets: Targets, options: argparse.Namespace, findings: Findings) -> None:
    """More and more idle sockets beside the talk, and the floor's."""
    if not options.idle:
        return
    sizes = [size for size in growth.SIZES if size < options.idle] + [options.idle]
    findings.idle = growth.alone({name: targets[name] for name in targets if name == "echo"}, min(IDLE_ALONE, options.idle))
    findings.sockets = growth.beside_talk(targets["product"], sizes, min(options.rounds, FEW_ROUNDS), options.seconds)


def lengths(targets: Targets, options: argparse.Namespace, findings: Findings) -> None:
    """Longer and longer consultations."""
    target = targets["product"]
    talk = task_of(target, Load("product"), options.seconds)
    talk.pairs = target.population.spare
    findings.history = stages.process("bench.history", HistoryTask(talk, [*SHORT_LENGTHS, options.messages]), list[Length])


def burst(targets: Targets, options: argparse.Namespace, findings: Findings) -> None:
    """One sender says very much at once while the others talk."""
    target = targets["product"]
    task = BurstTask(task_of(target, OTHERS, 2 * options.seconds), target.population.spare[0], BURST)
    findings.burst = stages.process("bench.burst", task, Burst)


def slow_disk(targets: Targets, options: argparse.Namespace, findings: Findings) -> None:
    """On PostgreSQL only."""
    if not options.on_postgresql:
        return
    chosen = {name: target for name, target in targets.items() if name in {load.target for load in slow.LOADS}}
    loads = [load for load in slow.LOADS if load.target in chosen]
    with slow.flushes(chosen):
        findings.slow = in_turns(chosen, loads, min(options.rounds, FEW_ROUNDS), options.seconds, findings)


def in_turns(
    targets: Targets, loads: Sequence[Load], count: int, seconds: float, findings: Findings
) -> dict[Load, list[Result]]:
    """The results of each load that could be measured. A message that was lost or refused is a failure of the run."""
    measured: dict[Load, list[Result]] = {load: [] for load in loads}
    for load, result in stages.rounds(targets, loads, count, seconds):
        if isinstance(result, str):
            findings.failures.append(result)
            continue
        measured[load].append(result)
        if result.lost or result.errors:
            findings.failures.append(f"WRONG {load}: {result.lost} of {result.sent} lost; {result.errors}")
            print(findings.failures[-1], flush=True)
    return {load: results for load, results in measured.items() if results}


def proofs(targets: Targets, options: argparse.Namespace, findings: Findings) -> None:
    """Sequencing and checking a ledger, making and verifying a pack, beside one SHA-256 of the same bytes."""
    with tempfile.TemporaryDirectory(prefix="xq-evidence-") as place, new_deployment(Path(place) / "hospital") as made:
        seeded(made)
        task = EvidenceTask(options.leaves, ENTRIES)
        findings.evidence = stages.process("bench.evidence", task, Evidence, made.env)


def sealing(targets: Targets, options: argparse.Namespace, findings: Findings) -> None:
    """Sealing and opening a message and a segment with each suite, beside raw AES-GCM of the same bytes."""
    with tempfile.TemporaryDirectory(prefix="xq-sealing-") as place:
        for suite in SUITES:
            own = {"XINQIAO_DATA": place, "XINQIAO_SUITE": suite, "DJANGO_SETTINGS_MODULE": "chat_server.settings"}
            own |= {
                "DATABASE_URL": "",
                "REDIS_URL": "",
            }  # no database is asked; production's settings would want a secret of their own
            findings.sealing += stages.process("bench.sealing", SealingTask(SEALED_SIZES), list[Sealed], {**os.environ, **own})


def calls(targets: Targets, options: argparse.Namespace, findings: Findings) -> None:
    """The signalling of calls beside people who chat, on a server of its own."""
    with tempfile.TemporaryDirectory(prefix="xq-calls-") as place:
        Path(place).chmod(0o755)
        with product(Path(place) / "product", CHATTING, 0, CALLS) as target:
            others = task_of(target, OTHERS, CALLS_SECONDS)
            task = CallsTask(others, target.population.spare, CALL_FRAMES_A_SECOND)
            findings.calls = stages.process("bench.calls", task, Calls)


PARTS: Final = {
    "rounds": rounds,
    "sockets": sockets,
    "history": lengths,
    "burst": burst,
    "slow": slow_disk,
    "calls": calls,
    "evidence": proofs,
    "sealing": sealing,
}
