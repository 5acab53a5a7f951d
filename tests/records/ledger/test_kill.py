"""The sequencer is killed at any moment, again and again: no leaf is lost, placed twice, or signed in two trees."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.deployment import ROOT, Deployment, wait_until
from tests.faults.tables import rows

MOST_TRIES = 5  # a busy machine may let it finish before it is killed
BACKLOG = 4000  # leaves that wait, always: whoever sequences has several batches before it
FILL = f"""
import sys, threading, uuid
from django.db import transaction
from records.ledger import chains
from records.ledger.models import Chain, PendingLeaf
over, said = threading.Event(), 0
threading.Thread(target=lambda: (sys.stdin.read(), over.set())).start()
while not over.is_set():
    if PendingLeaf.objects.count() > {BACKLOG}:
        over.wait(0.01)
        continue
    with transaction.atomic():
        chain = Chain.objects.create(kind="system")
        with chains.extend(chain.id) as tail:
            for _ in range(1000):
                tail.add("session.started", actor=uuid.uuid4())
    said += 1000
print(said)
"""
PLACES = "SELECT count(*) FROM records_treeentry"
WAITING = "SELECT count(*) FROM records_pendingleaf"
WHOLE = 'SELECT count(*), count(DISTINCT leaf_id), max("index") + 1 FROM records_treeentry'


def one(hospital: Deployment, statement: str) -> int:
    return rows(hospital, statement)[0][0]


@contextmanager
def people_who_act(hospital: Deployment) -> Iterator[list[int]]:
    """More to sequence than can be, for as long as the block lasts; behind it the list holds how many leaves that was."""
    words, said = [sys.executable, "manage.py", "shell", "-v", "0", "-c", FILL], list[int]()
    with subprocess.Popen(
        words, cwd=ROOT, env=hospital.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as acting:
        wait_until(lambda: one(hospital, WAITING) > BACKLOG, what="the first leaves to wait")
        yield said
        said.append(int(acting.communicate()[0]))


def killed_at_work(hospital: Deployment, seconds: float) -> bool:
    """Start one, and `seconds` after its first batch is committed end it as a power cut would. Returns whether it had more to do."""
    before, words = one(hospital, PLACES), [sys.executable, "manage.py", "sequence"]
    with subprocess.Popen(words, cwd=ROOT, env=hospital.env, stdout=subprocess.DEVNULL) as running:
        wait_until(lambda: one(hospital, PLACES) > before, what="the first batch")
        time.sleep(seconds)
        running.kill()
    return one(hospital, WAITING) > 0


@pytest.mark.heavy
def test_killed_while_it_works_the_sequencer_continues_one_tree(hospital: Deployment, rounds: int) -> None:
    chance, before = random.Random(7), one(hospital, PLACES) + one(hospital, WAITING)
    with people_who_act(hospital) as said:
        hits = tries = 0
        while hits < rounds:
            tries += 1
            assert tries <= rounds * MOST_TRIES, f"of so many kills {hits} came while there was work"
            hits += killed_at_work(hospital, chance.uniform(0, 0.03))
    hospital.manage("verify_ledger", "--language", "en")
    hospital.manage("sequence", "--once")
    assert rows(hospital, WHOLE) == [(before + sum(said),) * 3], "every leaf has one place, and no place is empty"
    assert one(hospital, WAITING) == 0
    assert "The ledger is intact." in hospital.manage("verify_ledger", "--language", "en")
