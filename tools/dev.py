"""One door to everything: `python3 -m tools.dev COMMAND`, each also a target of the Makefile."""

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType

from tools import audit, demo, suite
from tools.steps import Failure, end_children, say

OLDEST_PYTHON = (3, 11)
WITH_ARGUMENTS: dict[str, Callable[[Sequence[str]], None]] = {
    "run": demo.run,
    "bench": suite.bench,
    "bench-speech": suite.bench_speech,
    "audit": audit.audit,
}
COMMANDS = {"test": suite.test, "check": suite.check, "faults": suite.faults}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python3 -m tools.dev", description=__doc__)
    parser.add_argument("command", choices=[*WITH_ARGUMENTS, *COMMANDS])
    options, rest = parser.parse_known_args()
    if rest and options.command not in WITH_ARGUMENTS:
        parser.error(f"unknown arguments: {' '.join(rest)}")
    if sys.version_info < OLDEST_PYTHON:
        say(f"Python {'.'.join(map(str, OLDEST_PYTHON))} or newer is needed, this is {sys.version.split()[0]}.")
        return 1
    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGHUP, leave)
    try:
        if options.command in WITH_ARGUMENTS:
            WITH_ARGUMENTS[options.command](rest)
        else:
            COMMANDS[options.command]()
    except Failure as failure:
        say(str(failure))
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        end_children()
    return 0


def leave(number: int, frame: FrameType | None) -> None:
    """Turn a signal into an exit that runs every `finally`, so that nothing started here survives."""
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
