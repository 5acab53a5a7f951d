"""A plugin of pytest: runs each watched test of the chosen attacks without its defence, and says whether the test noticed.

XINQIAO_WITHOUT: numbers of attacks. The defence goes after the fixtures were made and comes back before they end. A test notices by an
assertion that fails or an exception that does not come; anything else is a removal that broke more than it should, and is said.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
from _pytest.outcomes import Failed

from tests.attacks.catalogue import ATTACKS

CHOSEN = [int(number) for number in os.environ.get("XINQIAO_WITHOUT", "").split(",") if number]
REMOVED = {(number, test): without for number in CHOSEN for test, without in ATTACKS[number].defences.items()}
outcomes: dict[tuple[int, str], list[str]] = {watched: [] for watched in REMOVED}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Without the defence; of a test with parameters one that notices is enough."""
    watched = [key for key in REMOVED if key[1] == item.nodeid.split("[")[0]]
    if not watched:
        return (yield)
    patch = pytest.MonkeyPatch()
    for key in watched:
        REMOVED[key](patch)
    said = "passes"
    try:
        yield
    except (AssertionError, Failed):
        said = "noticed"
    except BaseException as error:  # noqa: BLE001 - it is named
        said = f"{type(error).__name__}: {error}"[:200]
    finally:
        patch.undo()
    for key in watched:
        outcomes[key].append(said)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for number in CHOSEN:
        verdicts = {_verdict(said) for (one, _), said in outcomes.items() if one == number}
        terminalreporter.write_line(f"WITHOUT {number}: {'; '.join(sorted(verdicts))}")


def _verdict(said: list[str]) -> str:
    if "noticed" in said:
        return "noticed"
    others = sorted(set(said) - {"passes"})
    return "; ".join(others) or ("the test passes without it" if said else "not run")
