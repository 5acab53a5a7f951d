"""How late a timer of an event loop fires alone, beside a transcribing thread, and beside a transcribing process."""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from bench.speech.hearing import HearingTask
from bench.speech.recordings import Heard
from transcription.worker import NICENESS

TICK: Final = 0.005
ALONE_SECONDS: Final = 5.0
LIMIT_SECONDS: Final = 600.0


def isolation(path: Path) -> None:
    import django  # noqa: PLC0415 (only this part of the bench needs the settings in this process)

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chat_server.settings")
    django.setup()
    from bench.speech import work  # noqa: PLC0415

    task = HearingTask("faster-whisper", [Heard(path.name, str(path))])
    print("alone  ", asyncio.run(lateness(lambda: True, ALONE_SECONDS)))
    thread = threading.Thread(target=work.measure, args=(task,))
    thread.start()
    print("thread ", asyncio.run(lateness(thread.is_alive)))
    command = ["nice", "-n", str(NICENESS), sys.executable, "-m", "bench.speech.hearing"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        process.stdin.write(msgspec.json.encode(task))
        process.stdin.close()
        print("process", asyncio.run(lateness(lambda: process.poll() is None)))


async def lateness(going: Callable[[], bool], seconds: float = LIMIT_SECONDS) -> str:
    late: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end and going():
        due = time.monotonic() + TICK
        await asyncio.sleep(TICK)
        late.append(1000 * (time.monotonic() - due))
    return f"p50 {statistics.median(late):.2f} ms  p99 {sorted(late)[int(len(late) * 0.99)]:.2f} ms  max {max(late):.1f} ms"
