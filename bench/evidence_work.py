"""The work that `bench.evidence` measures. Needs Django's settings."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from django.db import connection, transaction

from bench.evidence import Evidence, EvidenceTask
from consult import consultations, timeline
from consult.models import EvidencePack
from consult.packs import exhibits
from consult.protocol import ConsultationClose, Posted, encode
from consult.writing.acts import Committed, Outcome, Submission
from consult.writing.batch import MESSAGE_KIND, commit
from records import grants
from records.ledger import chains, signing, tree
from records.ledger.full_audit import check_all
from records.ledger.models import Chain, Leaf
from records.ledger.sequencer import Sequencer
from records.pack import build
from tests.cast import client_id, consultation, who

CHAIN: Final = 1000  # leaves of one chain
COMMIT: Final = 32  # messages that the writer stores at once while a hundred people talk
COMMITS: Final = 40
TEXT: Final = "早上起来头有点晕，量了血压一百五十二。" * 4 + "Dizzy in the morning. " * 4


def measure(task: EvidenceTask) -> Evidence:
    messages = _messages()
    _sequence()
    _fill(task.leaves)
    sequence_us = _timed(_sequence) * 1e6 / task.leaves
    totals = []
    check_us = _timed(lambda: totals.append(check_all())) * 1e6
    assert not totals[0].findings, totals[0].findings[:3]
    count = totals[0].leaves
    floor_us = _timed(_hash_leaves) * 1e6
    pack, build_ms = _packed(task.entries)
    verify_ms, start_ms = _verified(pack)
    hash_ms = _timed(lambda: hashlib.sha256(pack).digest()) * 1e3
    figures = (sequence_us, check_us / count, floor_us / count)
    return Evidence(COMMIT, *messages, count, *figures, task.entries, len(pack), build_ms, verify_ms, start_ms, hash_ms)


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _messages() -> tuple[float, float, float]:
    """Microseconds a message: sealed, chained and stored as the writer does it, with its receipt; the receipt's part; the floor."""
    case = consultation("li")
    said = [[_said(case.id, number) for number in range(COMMIT)] for _ in range(COMMITS)]
    commits: list[list[Outcome]] = []
    stored = _timed(lambda: commits.extend(map(_committed, said)))
    done = [outcome for each in commits for outcome in each if isinstance(outcome, Committed)]
    assert len(done) == COMMIT * COMMITS, commits[0][:3]
    signed = _timed(lambda: [outcome.receipt for outcome in done])
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_words (id text PRIMARY KEY, words text NOT NULL)")
    floor = _timed(lambda: [_inserted(batch) for batch in said])
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_words")
    count = COMMIT * COMMITS
    return (stored + signed) * 1e6 / count, signed * 1e6 / count, floor * 1e6 / count


def _said(case: UUID, number: int) -> Submission:
    sender = who("li" if number % 2 else "zhao").id
    return Submission(case, sender, None, "message.send", MESSAGE_KIND, lambda _: None, client_id(), encode(Posted(TEXT)))


@transaction.atomic
def _committed(batch: list[Submission]) -> list[Outcome]:
    return commit(batch)[0]


@transaction.atomic
def _inserted(batch: list[Submission]) -> None:
    rows = [(said.client_id, said.body.decode()) for said in batch]
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO bench_words (id, words) VALUES (%s, %s)", rows)


def _fill(count: int) -> None:
    """Chains of CHAIN leaves that wait for their places; acts that carry no content, as sign-ins are."""
    for start in range(0, count, CHAIN):
        with transaction.atomic():
            chain = Chain.objects.create(kind=Chain.Kind.SYSTEM).id
            with chains.extend(chain) as tail:
                for _ in range(min(CHAIN, count - start)):
                    tail.add("session.started", actor=uuid4(), ids={"method": "password"})


def _sequence() -> None:
    Sequencer().drain()


def _hash_leaves() -> None:
    for data in Leaf.objects.order_by("id").values_list("data", flat=True).iterator(chunk_size=5000):
        hashlib.sha256(b"\x00" + bytes(data)).digest()


def _packed(entries: int) -> tuple[bytes, float]:
    """A closed case of so many entries as an evidence pack, with the keys; and how long it took to make."""
    row = _granted(entries)
    _sequence()
    newest = tree.latest()
    assert newest is not None
    out = io.BytesIO()
    took = _timed(lambda: build.write(exhibits.assemble(row, newest).pack, out))
    return out.getvalue(), took * 1e3


def _granted(entries: int) -> EvidencePack:
    """Through the product's own actions: opened, claimed, talked, closed, asked for, approved."""
    case = consultation()
    with transaction.atomic():
        for number in range(entries - 3):  # opened, claimed, closed
            timeline.append(case.id, "message.posted", who("wang" if number % 2 else "zhao"), Posted(TEXT), client_id())

    consultations.close(who("zhao"), ConsultationClose("r", case.id, client_id(), "好转"))
    terms = {
        "content": ["conversation"],
        "purpose": "quality",
        "case_number": "",
        "reason": "性能测量所用的一份病例，内容是虚构的。",
    }
    asked = grants.request(who("zhou"), case.id, hours=1, **terms)  # type: ignore[arg-type]
    grant = grants.decide(who("he"), asked.id, approve=True, reason="同意")
    return EvidencePack.objects.create(grant=grant, requested_by=who("zhou"))


def _verified(pack: bytes) -> tuple[float, float]:
    """How long a stranger's verifier takes, as a process of its own, and how much of it is Python's start. In ms."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "pack.zip"
        path.write_bytes(pack)
        command = [sys.executable, "-I", str(build.VERIFIER)]
        words = [*command, str(path), "--key", str(signing.verifier())]
        verdicts: list[int] = []
        took = _timed(lambda: verdicts.append(subprocess.run(words, capture_output=True, check=False).returncode))
        assert verdicts == [0], "the pack is proven and complete"
        start = _timed(lambda: subprocess.run([*command, "--help"], capture_output=True, check=True))
    return took * 1e3, start * 1e3
