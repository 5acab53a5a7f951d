"""Group commit: everything queued when the writer is free goes into one durable transaction.

The next batch gathers while this one syncs to disk, so no timer is needed: the sync is the window. Nothing is acknowledged before the
commit returns. One thread a process; on PostgreSQL several processes are ordered by the row locks of the consultations.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from django.db import close_old_connections, connection, transaction
from django.db.utils import InterfaceError, OperationalError

from consult.batch import commit
from records.errors import UNAVAILABLE, Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from consult.acts import Delta, Submission

logger = logging.getLogger(__name__)

MAX_BATCH: Final = 512
MAX_QUEUED: Final = 20_000  # beyond this, callers are told to try again; nothing queued is dropped


class Writer:
    """The thread and its queue. `listen` is told of every commit, after it, on the writer's thread."""

    def __init__(self) -> None:
        self._queue: deque[Submission] = deque()
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._listeners: list[Callable[[Sequence[Delta]], None]] = []

    def listen(self, listener: Callable[[Sequence[Delta]], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def submit(self, submission: Submission) -> None:
        """Queue an act. Thread-safe, never blocks. Raises `Refused(UNAVAILABLE)` when the queue is full or closing."""
        with self._wake:
            if self._stopping or len(self._queue) >= MAX_QUEUED:
                raise Refused(UNAVAILABLE)
            self._queue.append(submission)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
                self._thread.start()
            self._wake.notify()

    def stop(self) -> None:
        """Finish what is queued, then end the thread. The writer can be used again afterwards."""
        with self._wake:
            thread, self._stopping = self._thread, True
            self._wake.notify()
        if thread is not None:
            thread.join()
        self._thread, self._stopping = None, False

    @property
    def alive(self) -> bool:
        """False only when the thread has died: readiness must fail then."""
        return self._thread is None or self._thread.is_alive()

    def _run(self) -> None:
        try:
            while batch := self._take():
                self._write(batch)
        finally:
            connection.close()

    def _take(self) -> list[Submission]:
        """Wait for work; empty means stop."""
        with self._wake:
            while not self._queue and not self._stopping:
                self._wake.wait()
            return [self._queue.popleft() for _ in range(min(len(self._queue), MAX_BATCH))]

    def _write(self, batch: list[Submission]) -> None:
        try:
            # Below Django's cursors nobody translates the driver's errors, or notices that the connection is gone.
            with transaction.atomic(), connection.wrap_database_errors:
                outcomes, deltas = commit(batch)
        except Exception as error:  # noqa: BLE001 - the thread must outlive any batch
            self._failed(batch, error)
            return
        for listener in self._listeners:
            _tell(listener, deltas)
        for submission, outcome in zip(batch, outcomes, strict=True):
            _tell(submission.done, outcome)

    def _failed(self, batch: list[Submission], error: Exception) -> None:
        """A lost database fails the batch, to be retried by the clients; anything else fails only the act that caused it."""
        logger.error("commit of %d acts failed: %s", len(batch), type(error).__name__)
        close_old_connections()
        if isinstance(error, OperationalError | InterfaceError) or len(batch) == 1:
            for submission in batch:
                _tell(submission.done, Refused(UNAVAILABLE))
            return
        for submission in batch:
            self._write([submission])


def _tell(listener: Callable[[Any], None], news: Any) -> None:
    """What a listener does with the news cannot undo the commit, nor end the thread (a loop may close while we commit)."""
    try:
        listener(news)
    except Exception as error:  # noqa: BLE001
        logger.warning("nobody heard of a commit: %s", type(error).__name__)


writer = Writer()
