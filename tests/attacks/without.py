"""A plugin of pytest: runs each watched test of the chosen attacks without its defence, and says whether the test noticed.

XINQIAO_WITHOUT: numbers of attacks. The defence goes after the fixtures were made and comes back before they end. A test notices by an
assertion that fails or an exception that does not come; anything else is a removal that broke more than it should, and is said.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Generator

import pytest
from _pytest.outcomes import Failed

from tests.attacks.catalogue import ATTACKS

CHOSEN = [int(number) for number in os.environ.get("XINQIAO_WITHOUT", "").split(",") if number]
WATCHED = defaultdict(list)
for number in CHOSEN:
    WATCHED[ATTACKS[number].watched].append(number)
outcomes: dict[int, list[str]] = {number: [] for number in CHOSEN}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Without the defence; of a test with parameters one that notices is enough."""
    numbers = WATCHED[item.nodeid.split("[")[0]]
    if not numbers:
        return (yield)
    patch = pytest.MonkeyPatch()
    for number in numbers:
        without = ATTACKS[number].without
        assert without is not None
        without(patch)
    said = "passes"
    try:
        yield
    except (AssertionError, Failed):
        said = "noticed"
    except BaseException as error:  # noqa: BLE001 - it is named
        said = f"{type(error).__name__}: {error}"[:200]
    finally:
        patch.undo()
    for number in numbers:
        outcomes[number].append(said)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for number, said in outcomes.items():
        others = sorted(set(said) - {"noticed", "passes"})
        verdict = "noticed" if "noticed" in said else "; ".join(others) or ("the test passes without it" if said else "not run")
        terminalreporter.write_line(f"WITHOUT {number}: {verdict}")
