"""Each of the thirty attacks has its tests, they are really there, and the watched one fails on a build without the defence."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.attacks.catalogue import ATTACKS

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 900


def test_all_thirty_are_there() -> None:
    assert sorted(ATTACKS) == list(range(1, 31))
    for number, attack in ATTACKS.items():
        assert bool(attack.tests) != bool(attack.reason), f"{number}: tests, or the reason why there are none yet"
        assert bool(attack.defences) == bool(attack.tests), number
    assert not [number for number, attack in ATTACKS.items() if attack.reason]


def test_every_test_that_is_named_is_there() -> None:
    """A renamed or deleted test cannot leave an attack uncovered unnoticed."""
    for number, attack in ATTACKS.items():
        for test in attack.tests:
            file, name = test.split("::")
            defined = re.search(rf"^(?:async )?def {name}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
            assert defined, f"attack {number}: {test} is not there"


@pytest.mark.heavy
@pytest.mark.once
def test_a_build_without_the_defence_fails_the_test_that_watches_it() -> None:
    """In a process of its own: each watched test, with its one defence taken away while it runs."""
    chosen = [number for number, attack in ATTACKS.items() if attack.defences]
    command = [sys.executable, "-m", "pytest", "-p", "tests.attacks.without", "-p", "no:cacheprovider", "-q", "--no-header"]
    ids = [test for number in chosen for test in ATTACKS[number].defences]
    env = {**os.environ, "XINQIAO_WITHOUT": ",".join(map(str, chosen))}
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_ADDOPTS"):
        env.pop(name, None)
    done = subprocess.run([*command, *ids], cwd=ROOT, env=env, capture_output=True, text=True, timeout=SECONDS, check=False)
    verdicts = dict(re.findall(r"^WITHOUT (\d+): (.+)$", done.stdout, re.MULTILINE))
    assert verdicts == dict.fromkeys(map(str, chosen), "noticed"), done.stdout[-4000:] + done.stderr[-2000:]
