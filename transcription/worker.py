"""One transcription in a process of its own: `python -m transcription.worker RECORDING HOLDER`.

A process and not a thread, because it parses files from outside with C decoders (a crash must not end conversations), because
its 900 MB go back when it ends, and because its threads then stand behind the chat's (see docs/decisions/0012). It ends
when its parent does: the parent holds the other end of its standard input.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from typing import Final
from uuid import UUID

import django

NICENESS: Final = 10


def main(recording_id: UUID, holder: UUID) -> None:
    django.setup()
    from transcription import failures, jobs  # noqa: PLC0415 (models exist only after setup)

    with contextlib.suppress(jobs.LeaseLost):
        try:
            from transcription.work import run  # noqa: PLC0415
        except ImportError:  # the speech extra is not installed
            jobs.fail(recording_id, holder, failures.NO_MODEL)
        else:
            run(recording_id, holder)


def end_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)  # not through sys.stdin, whose lock the interpreter wants when it ends
    os._exit(1)


if __name__ == "__main__":
    os.nice(NICENESS)
    threading.Thread(target=end_with_parent, daemon=True).start()
    main(UUID(sys.argv[1]), UUID(sys.argv[2]))
