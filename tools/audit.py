"""`make audit`: the locked packages against published advisories. Needs a network; what was not asked never counts as clean.

Python: `uv audit` asks OSV, or the service that `--service-url` names. The front end: `npm audit` asks the npm registry that is configured.
"""

import json
from collections.abc import Callable, Sequence
from enum import Enum

from tools import install, locks
from tools.steps import ROOT, Failure, captured, say, timed


class Answer(Enum):
    CLEAN = "no published advisory concerns a locked version"
    FOUND = "published advisories concern locked versions"
    NOT_ASKED = "NOT CHECKED: the service of advisories did not answer"


def audit(arguments: Sequence[str] = ()) -> None:
    """Raise Failure for an advisory, and as well for a service that could not be asked. `arguments` are for `uv audit`."""
    with timed("locks"):
        locks.check()
    answers = {"Python": asked("Python", lambda: python(arguments)), "npm": asked("npm", npm)}
    wrong = [f"{name}: {answer.value}" for name, answer in answers.items() if answer is not Answer.CLEAN]
    if wrong:
        raise Failure("\n".join(wrong))


def asked(name: str, ask: Callable[[], tuple[Answer, str]]) -> Answer:
    with timed(f"advisories ({name})"):
        answer, said = ask()
        say(said.strip())
        say(f"{name}: {answer.value}")
    return answer


def python(arguments: Sequence[str]) -> tuple[Answer, str]:
    code, said = captured(install.uv(), "audit", "--frozen", *arguments, cwd=ROOT)
    return of_uv(code), said


def of_uv(code: int) -> Answer:
    """By the exit code of uv: 1 is its own for findings, anything else that is not 0 an error."""
    return {0: Answer.CLEAN, 1: Answer.FOUND}.get(code, Answer.NOT_ASKED)


def npm() -> tuple[Answer, str]:
    code, said = captured("npm", "audit", "--package-lock-only", "--json", "--loglevel=silent", cwd=install.FRONTEND)
    return of_npm(code, said), said


def of_npm(code: int, said: str) -> Answer:
    """npm ends with 1 in either case: only a report has counts, and only one without a single finding is clean."""
    try:
        counts = json.loads(said)["metadata"]["vulnerabilities"]
    except (ValueError, KeyError, TypeError):
        return Answer.NOT_ASKED
    return Answer.CLEAN if code == 0 and counts["total"] == 0 else Answer.FOUND
