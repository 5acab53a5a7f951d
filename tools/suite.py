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
from tools.steps import ROOT, Failure, captured, command, end_children, say, teed, timed

CORES = 2
# `make test` runs three pytest side by side, two workers each: a test waits for its server, its browser or a clock as often as it
# works, and while one run collects or waits for its last test, the two others have the cores.
LANE_WORKERS = ("-n", "2", "--dist", "worksteal")
# The lane with the most tests, and `make faults`, which runs one pytest at a time.
WORKERS = ("-n", "3", "--dist", "worksteal")
TESTS_FAILED, NO_TESTS_COLLECTED = 1, 5
ROUNDS = "20"
FAULTS = (
    "tests/faults",
    "tests/records/ledger/test_kill.py",
    "tests/records/pack/test_several.py",
    "tests/consult/test_histories.py",
    "tests/consult/test_batch.py",
)
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
    given_up: bool = False

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

    def side_by_side(self, *lanes: Callable[[], None]) -> None:
        """Run lanes of stages at once, the stages of each in turn. Whoever ends this process ends them all."""
        with ThreadPoolExecutor(len(lanes)) as pool:
            try:
                for done in [pool.submit(lane) for lane in lanes]:
                    done.result()
            except BaseException:
                self.given_up = True  # before the pool waits for its threads
                end_children()
                raise

    def aside(self, title: str, words: Sequence[str | Path], cwd: Path, env: Mapping[str, str] | None = None) -> None:
        """Run a command while others run; what it printed is shown when it has ended, in one piece."""
        started = time.monotonic()
        code, output = captured(*words, cwd=cwd, env=env)
        if code:
            self.failures.append(f"FAILED {title}: ended with code {code}")
        say(f"==> {title}\n{output}    {title}: {time.monotonic() - started:.1f} s" + (", FAILED" if code else ""))

    def tests(self, title: str, *words: str, env: Mapping[str, str], again: bool = False) -> None:
        """Run pytest in a process of its own. Selecting no test is no failure: stages select by mark.

        `again`: what failed runs once more, alone, and both results are among the last lines: a browser that shares two cores with
        five other runs may be late for reasons that are not the product's.
        """

        def run(*more: str) -> tuple[int, str]:
            cache = f"cache_dir=.pytest_cache/{title}"
            code, last = teed(install.PYTHON, "-m", "pytest", "--color=no", "-o", cache, *words, *more, env=env, name=title)
            self.pytest.append(f"{title}: {last}")
            return code, last

        def work() -> None:
            code, last = run()
            if again and code == TESTS_FAILED:
                say(f"{title}: once more, alone, what failed")
                code, last = run("--last-failed", "--last-failed-no-failures", "none", "-n", "0")
            if code not in {0, NO_TESTS_COLLECTED}:
                raise Failure(last or f"pytest ended with code {code}")

        if not self.given_up:
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
    """The linters, and the tests on both back-ends but those marked `long`, which `faults` runs."""
    with timed("install"):
        install.system_packages()
        install.to_test()
    report = Report()
    with timed("everything"), production() as services, TemporaryDirectory(prefix="xq-templates-") as templates:
        made = {**services, "XINQIAO_TEMPLATES": templates}
        report.stage("lengths", shape.check)
        report.stage("locks", locks.check)
        report.together([*unit_tests_and_templates(made), *linters()])
        lanes = [partial(server_tests, report, name, env) for name, env in back_ends(made).items()]
        report.side_by_side(partial(browser_tests, report, made), *lanes)
    report.finish()


def server_tests(report: Report, name: str, env: Mapping[str, str]) -> None:
    workers = LANE_WORKERS if env["DATABASE_URL"] else WORKERS
    report.tests(f"tests ({name})", "tests", *workers, "-m", "not long", env=env)


def browser_tests(report: Report, services: Mapping[str, str]) -> None:
    """A process apart: Playwright's sync interface and pytest-asyncio both want the event loop."""
    for name, env in back_ends(services).items():
        report.tests(f"browser ({name})", "tests/e2e", *LANE_WORKERS, "-m", "not long", env=env, again=True)


def faults() -> None:
    """Every fault and every history on both back-ends, ROUNDS seeds each, and the long tests in a browser; says how long each took."""
    install.system_packages()
    install.wanted_packages()
    install.to_test()
    report = Report()
    with timed("every fault"), production() as services:
        for name, env in back_ends(services).items():
            rounds = {"XINQIAO_FAULT_ROUNDS": os.environ.get("ROUNDS", ROUNDS)}
            timed_words = (*WORKERS, "--durations=0", "--durations-min=5")
            report.tests(f"faults ({name})", *FAULTS, *timed_words, env={**env, **rounds})
            report.tests(f"long in the browser ({name})", "tests/e2e", *timed_words, "-m", "long", env=env)
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


def bench_speech(words: Sequence[str] = ()) -> None:
    """Speech models on recordings. `words` are for `python -m bench.speech`."""
    install.system_packages()
    install.to_test()
    with timed("bench of speech"):
        command(install.PYTHON, "-m", "bench.speech", *words)


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
