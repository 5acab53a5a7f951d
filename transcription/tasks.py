"""Celery's side of transcription: messages carry ids, the rows carry everything else, and a repeated message does no harm."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import suppress
from typing import Any, Final
from uuid import UUID, uuid4

import structlog
from celery import shared_task
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections

from transcription import folder, jobs, notes, receiving
from transcription.failures import OUT_OF_TIME
from transcription.tracks import captures

log = structlog.get_logger(__name__)

LOOK_SECONDS: Final = 1.0
RENEW_SECONDS: Final = 3.0  # and so long a cancelled job keeps the processor at most
# Below the broker's visibility timeout (12 h), after which a message is delivered again.
LIMIT_SECONDS: Final = 6 * 3600


@shared_task(name=jobs.TASK, acks_late=True, ignore_result=True)
def transcribe(recording_id: str) -> None:
    """Do the job whose turn it is in a process of its own while this one keeps its lease."""
    holder = uuid4()
    recording = jobs.take_next(UUID(recording_id), holder)
    if recording is None:
        return
    worker = start(recording, holder)
    lost = False
    try:
        _attend(worker, recording, holder)
    except jobs.LeaseLost:
        lost = True
    finally:
        worker.kill()
        worker.communicate()
    if jobs.ended(recording, holder):  # also where its process had not left yet: what ended has no lease to renew
        jobs.hand_on(recording)
    elif lost or worker.returncode == 0:
        log.warning("transcription.lease_lost", recording=str(recording))
    else:
        log.error("transcription.worker_died", recording=str(recording), status=worker.returncode)
        jobs.release(recording, holder)


def start(recording: UUID, holder: UUID) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "transcription.worker", str(recording), str(holder)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=settings.BASE_DIR)  # noqa: S603


def _attend(worker: subprocess.Popen[bytes], recording: UUID, holder: UUID) -> None:
    """Renew the lease until the worker ends. Raises LeaseLost."""
    began = renewed = time.monotonic()
    while worker.poll() is None:
        time.sleep(LOOK_SECONDS)
        now = time.monotonic()
        if now - began > LIMIT_SECONDS:
            jobs.fail(recording, holder, OUT_OF_TIME)
            return
        if now - renewed >= RENEW_SECONDS:
            renewed = now
            close_old_connections()
            _renew(recording, holder)


def _renew(recording: UUID, holder: UUID) -> None:
    """Raises LeaseLost. A database that does not answer ends nothing: if the lease runs out meanwhile, the next renewal says so."""
    try:
        jobs.renew(recording, holder)
    except (OperationalError, InterfaceError) as error:
        log.warning("transcription.not_renewed", recording=str(recording), reason=type(error).__name__)


@shared_task(name=captures.TASK, acks_late=True, ignore_result=True)
def settle(capture_id: str) -> None:
    """Join a call's tracks, in a process of its own."""
    capture, holder = UUID(capture_id), uuid4()
    if not captures.claim(capture, holder):
        return
    command = [sys.executable, "-m", "transcription.tracks.worker", capture_id, str(holder)]
    worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, cwd=settings.BASE_DIR)  # noqa: S603
    try:
        _keep(worker, capture, holder)
    finally:
        worker.kill()
        worker.communicate()
    if worker.returncode != 0:
        log.error("capture.worker_died", capture=capture_id, status=worker.returncode)
        captures.release(capture, holder)


def _keep(worker: subprocess.Popen[bytes], capture: UUID, holder: UUID) -> None:
    """Renew the lease until the worker ends, or has had its time."""
    for _ in range(round(captures.MOST / captures.RENEW)):
        with suppress(subprocess.TimeoutExpired):
            worker.wait(captures.RENEW.total_seconds())
            return
        close_old_connections()
        try:
            captures.renew(capture, holder)
        except (OperationalError, InterfaceError) as error:
            log.warning("capture.not_renewed", capture=str(capture), reason=type(error).__name__)
    log.warning("capture.out_of_time", capture=str(capture))


@shared_task(name="transcription.sweep", ignore_result=True)
def sweep() -> dict[str, Any]:
    """Run by beat: jobs whose worker died or whose message was lost, captures that are complete, and voice notes nobody sent."""
    return {"jobs": jobs.sweep(), "captures": captures.sweep(), "unsent": notes.clear_unsent()}


@shared_task(name="transcription.clear_abandoned", ignore_result=True)
def clear_abandoned() -> dict[str, int]:
    """Run by beat, seldom: it looks at every directory there is. What uploads left that broke off, and tracks that no recording holds."""
    return {"uploads": receiving.clear_abandoned(), "captures": captures.unsealed()}


@shared_task(name="transcription.take_calls", ignore_result=True)
def take_calls() -> int:
    """Run by beat: what telephone exchanges put into their folders."""
    return folder.take_all()
