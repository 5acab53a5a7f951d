"""The sequencer is killed at any moment, again and again: no leaf is lost, placed twice, or signed in two trees."""

import random
import subprocess
import sys
import time

import pytest

from tests.deployment import ROOT, Deployment

LEAVES = 4000
FILL = f"""
import uuid
from django.db import transaction
from records.ledger import chains
from records.ledger.models import Chain
for _ in range(4):
    with transaction.atomic():
        chain = Chain.objects.create(kind="system")
        with chains.extend(chain.id) as tail:
            for _ in range({LEAVES // 4}):
                tail.add("session.started", actor=uuid.uuid4())
"""
COUNT = "from records.ledger.models import PendingLeaf; print(PendingLeaf.objects.count())"


@pytest.mark.heavy
def test_killed_while_it_works_the_sequencer_continues_one_tree(hospital: Deployment, rounds: int) -> None:
    hospital.manage("shell", "-v", "0", "-c", FILL)
    chance = random.Random(7)
    for _ in range(rounds):
        words = [sys.executable, "manage.py", "sequence"]
        with subprocess.Popen(words, cwd=ROOT, env=hospital.env, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            assert running.stdout.readline().startswith("Log ")
            time.sleep(chance.uniform(0, 0.08))
            running.kill()
    hospital.manage("verify_ledger", "--language", "en")
    hospital.manage("sequence", "--once")
    assert hospital.manage("shell", "-v", "0", "-c", COUNT).split() == ["0"]
    assert "The ledger is intact." in hospital.manage("verify_ledger", "--language", "en")
