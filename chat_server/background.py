"""Threads that work beside the server in the embedded deployment: Celery workers, beat, the ledger's sequencer
and what shows its checkpoints to witnesses.

In production nothing is started here; each part is a process of its own and `parts_alive` is empty.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog
from celery import Celery, beat
from celery.platforms import EX_OK
from celery.worker import WorkController, state

from records.ledger import sequencer, witnessing

log = structlog.get_logger(__name__)

# A transcription keeps a thread for minutes: with a worker of its own it never stands before a scheduled message, nor before a voice note.
QUEUES = {"default": 2, "transcription": 1, "voice": 1}
START_SECONDS = 20
STOP_SECONDS = 10


@dataclass(frozen=True)
class Part:
    name: str
    thread: threading.Thread


_parts: list[Part] = []
_beats: list[beat.Service] = []
_leave = threading.Event()


def parts_alive() -> dict[str, bool]:
    """Return each started part with whether its thread still runs."""
    return {part.name: part.thread.is_alive() for part in _parts}


def start() -> None:
    """Start every part; return when the workers consume.

    Raises RuntimeError when a worker is not ready within START_SECONDS.
    """
    for queue, concurrency in QUEUES.items():
        _start_worker(queue, concurrency)
    # A short interval, because beat notices the end only when it wakes.
    service = beat.Service(worker_app(), max_interval=1, scheduler_cls=beat.Scheduler)
    _beats.append(service)
    _run("beat", service.start)
    _leave.clear()
    _run("sequencer", lambda: sequencer.run_forever(_leave))
    for witness in witnessing.configured():
        _run(f"witness:{witness.verifier.name}", partial(witnessing.follow, witness, _leave))


def stop() -> bool:
    """Let running jobs finish for up to STOP_SECONDS; return whether all did.

    A job that is cut off stays a row and is swept up after the next start.
    """
    _leave.set()
    for service in _beats:
        service.stop()
    state.should_stop = EX_OK  # type: ignore[assignment]  # the stubs know only its first value
    deadline = time.monotonic() + STOP_SECONDS
    for part in _parts:
        part.thread.join(max(0.0, deadline - time.monotonic()))
    finished = not any(part.thread.is_alive() for part in _parts)
    state.should_stop = None
    _parts.clear()
    _beats.clear()
    return finished


def worker_app() -> Celery:
    """Return a Celery application with the same settings and the same shared tasks.

    One application a worker, because the queues that a worker consumes are kept on its application.
    """
    app = Celery("xinqiao", set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.autodiscover_tasks()
    return app


def _start_worker(queue: str, concurrency: int) -> None:
    consuming = threading.Event()
    worker = WorkController(
        app=worker_app(),
        hostname=f"{queue}@embedded",
        queues=[queue],
        pool="threads",
        concurrency=concurrency,
        ready_callback=lambda _consumer: consuming.set(),
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        use_eventloop=False,
    )
    _run(f"worker:{queue}", worker.start)
    if not consuming.wait(START_SECONDS):
        raise RuntimeError(f"the worker for queue {queue} did not start within {START_SECONDS} s")


def _run(name: str, work: Callable[[], object]) -> None:
    def until_it_ends() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 (a thread has no caller; readiness fails from here on)
            log.critical("background_part_died", part=name, error=type(error).__name__, reason=str(error))

    thread = threading.Thread(target=until_it_ends, name=name, daemon=True)
    _parts.append(Part(name, thread))
    thread.start()
