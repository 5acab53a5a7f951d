"""`make test` and its parts: linters, unit tests, both back-ends, the browser. Every stage runs; one failure fails the whole."""

import argparse
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tools import install, locks, peers, shape
from tools.services import production
from tools.steps import ROOT, Failure, captured, command, say, teed, timed

CORES = 2
# More than there are cores: a test that runs a server or a browser waits for it as often as it works.
WORKERS = ("-n", "3", "--dist", "worksteal")
# Kills, restarts and lost networks are waited for even more.
WAITING_WORKERS = ("-n", "4", "--dist", "worksteal")
NO_TESTS_COLLECTED = 5
ROUNDS = "20"
FAULTS = ("tests/faults", "tests/consult/test_histories.py", "tests/consult/test_batch.py")
EMBEDDED = {"DATABASE_URL": "", "REDIS_URL": ""}
MAKE_TEMPLATES = "from tests import templates; templates.hospital()"


class Step(NamedTuple):
    title: str
    words: Sequence[str | Path]
    cwd: Path
    env: Mapping[str, str] | None = None


@dataclass
class Report:
    """What failed, and the last line of every pytest run, in order."""

    failures: list[str] = field(default_factory=list)
    pytest: list[str] = field(default_factory=list)

    def stage(self, title: str, work: Callable[[], None]) -> None:
        with timed(title):
            try:
                work()
            except Failure as failure:
                self.failures.append(f"FAILED {title}: {failure}")
                say(self.failures[-1])

    def together(self, steps: Sequence["Step"]) -> None:
        """Run commands of which each uses one core, in this order and one more at once than there are cores: some wait, too."""
        with ThreadPoolExecutor(CORES + 1) as pool:
            for done in [pool.submit(self.aside, *step) for step in steps]:
                done.result()

    def aside(self, title: str, words: Sequence[str | Path], cwd: Path, env: Mapping[str, str] | None = None) -> None:
        """Run a command while others run; what it printed is shown when it has ended, in one piece."""
        started = time.monotonic()
        code, output = captured(*words, cwd=cwd, env=env)
        if code:
            self.failures.append(f"FAILED {title}: ended with code {code}")
        say(f"==> {title}\n{output}    {title}: {time.monotonic() - started:.1f} s" + (", FAILED" if code else ""))

    def tests(self, title: str, *words: str, env: Mapping[str, str]) -> None:
        """Run pytest in a process of its own. Selecting no test is no failure: stages select by mark."""

        def work() -> None:
            code, last = teed(install.PYTHON, "-m", "pytest", "--color=no", *words, env=env)
            self.pytest.append(f"{title}: {last}")
            if code not in {0, NO_TESTS_COLLECTED}:
                raise Failure(last or f"pytest ended with code {code}")

        self.stage(title, work)

    def finish(self) -> None:
        """Say what failed and what pytest counted; raise Failure when anything failed."""
        for line in [*self.failures, *self.pytest]:
            say(line)
        if self.failures:
            raise Failure(f"{len(self.failures)} stages failed")


def check() -> None:
    """The linters alone."""
    install.to_test()
    report = Report()
    report.stage("lengths", shape.check)
    report.stage("locks", locks.check)
    report.together(linters())
    report.finish()


def test() -> None:
    """The linters, and every test on both back-ends."""
    with timed("install"):
        install.system_packages()
        install.to_test()
    report = Report()
    with timed("everything"), production() as services, TemporaryDirectory(prefix="xq-templates-") as templates:
        made = {**services, "XINQIAO_TEMPLATES": templates}
        report.stage("lengths", shape.check)
        report.stage("locks", locks.check)
        report.together([*unit_tests_and_templates(made), *linters()])
        for name, env in back_ends(made).items():
            # Those that run servers, models and kills of their own come after the many small ones.
            report.tests(f"tests ({name})", "tests", *WORKERS, "-m", "not heavy", env=env)
            report.tests(f"heavy tests ({name})", "tests", *WAITING_WORKERS, "-m", "heavy", env=env)
        for name, env in back_ends(made).items():
            # A process apart: Playwright's sync interface and pytest-asyncio both want the event loop.
            report.tests(f"browser ({name})", "tests/e2e", *WORKERS, env=env)
    report.finish()


def faults() -> None:
    """Every fault and every history on both back-ends, ROUNDS seeds each; says how long each took."""
    install.system_packages()
    install.to_test()
    report = Report()
    with timed("every fault"), production() as services:
        for name, env in back_ends(services).items():
            rounds = {"XINQIAO_FAULT_ROUNDS": os.environ.get("ROUNDS", ROUNDS)}
            report.tests(f"faults ({name})", *FAULTS, *WORKERS, "--durations=0", "--durations-min=5", env={**env, **rounds})
    report.finish()


def bench(words: Sequence[str] = ()) -> None:
    """The product beside other servers. `words`: `--on sqlite` or `--on postgresql` for one back-end, the rest is for `python -m bench`."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.dev bench", add_help=False, allow_abbrev=False)
    parser.add_argument("--on", choices=["sqlite", "postgresql"])
    options, rest = parser.parse_known_args(words)
    install.system_packages()
    install.to_test()
    peers.peers()
    report = Report()
    with production() as services:
        for name, env in back_ends(services).items():
            if not options.on or name.lower().startswith(options.on):
                report.stage(f"bench ({name})", partial(command, install.PYTHON, "-m", "bench", *rest, env=env))
    report.finish()


def back_ends(services: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
    return {"SQLite, memory": {**services, **EMBEDDED}, "PostgreSQL, Redis": services}


def linters() -> list[Step]:
    """The longest first."""
    tool = install.VENV / "bin"
    return [
        Step("mypy", (tool / "mypy", "."), ROOT),
        Step("eslint", ("npm", "run", "--silent", "lint"), install.FRONTEND),
        Step("tsc", ("npm", "run", "--silent", "typecheck"), install.FRONTEND),
        Step("import directions", (tool / "lint-imports",), ROOT),
        Step("size of the patient's pages", ("npm", "run", "--silent", "size"), install.FRONTEND),
        Step("ruff", (tool / "ruff", "check", "--quiet", "."), ROOT),
        Step("ruff format", (tool / "ruff", "format", "--check", "--quiet", "."), ROOT),
    ]


def unit_tests_and_templates(services: Mapping[str, str]) -> list[Step]:
    """What also uses one core: the front end's tests, and the databases that the other tests copy (tests/templates.py)."""
    templates = (install.PYTHON, "-c", MAKE_TEMPLATES)
    made = [Step(f"template ({name})", templates, ROOT, env) for name, env in back_ends(services).items()]
    return [Step("front-end unit tests", ("npm", "test", "--silent"), install.FRONTEND), *made]
