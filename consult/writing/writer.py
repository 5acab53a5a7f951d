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

from consult.writing.batch import commit
from consult.writing.rows import bare_transaction
from records.errors import UNAVAILABLE, Refused
from records.vault import is_open
from records.vault.models import Retention

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from consult.writing.acts import Delta, Submission

logger = logging.getLogger(__name__)

MAX_BATCH: Final = 512
# From here on senders wait until it is half empty; nothing queued is dropped. Sockets do not read meanwhile, requests wait a while.
FULL: Final = 4096
FULL_BYTES: Final = 16 * 1024 * 1024


class Writer:
    """The thread and its queue. `listen` is told of every commit, after it, on the writer's thread."""

    def __init__(self) -> None:
        self._queue: deque[Submission] = deque()
        self._bytes = 0
        lock = threading.RLock()
        self._wake, self._half_empty = threading.Condition(lock), threading.Condition(lock)
        self._thread: threading.Thread | None = None
        self._stopping = False
        self.full = False  # whether senders should wait
        self._listeners: list[Callable[[Sequence[Delta]], None]] = []
        self._waiting: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[Sequence[Delta]], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def submit(self, submission: Submission) -> None:
        """Queue an act. Thread-safe, never blocks. Raises `Refused(UNAVAILABLE)` when the writer is stopping.

        It is for senders to wait while the queue is `full`: each that does not adds one act more.
        """
        with self._wake:
            if self._stopping:
                raise Refused(UNAVAILABLE)
            self._queue.append(submission)
            self._bytes += len(submission.body)
            self.full = self.full or len(self._queue) >= FULL or self._bytes >= FULL_BYTES
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
                self._thread.start()
            self._wake.notify()

    def wait_for_room(self, seconds: float) -> bool:
        """Block while the queue is full, for at most so long; return whether there is room."""
        with self._wake:
            return self._half_empty.wait_for(lambda: not self.full, seconds)

    def when_room(self, call: Callable[[], None]) -> None:
        """Have `call` made once the queue is not full: now, or on the writer's thread."""
        with self._wake:
            if self.full:
                self._waiting.append(call)
                return
        call()

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
        told: list[Callable[[], None]] = []
        with self._wake:
            while not self._queue and not self._stopping:
                self._wake.wait()
            batch = [self._queue.popleft() for _ in range(min(len(self._queue), MAX_BATCH))]
            self._bytes -= sum(len(submission.body) for submission in batch)
            if self.full and len(self._queue) <= FULL // 2 and self._bytes <= FULL_BYTES // 2:
                self.full = False
                told, self._waiting = self._waiting, []
                self._half_empty.notify_all()
        for call in told:
            _tell(lambda _, call=call: call(), None)  # type: ignore[misc]
        return batch

    def _write(self, batch: list[Submission]) -> None:
        try:
            # Below Django's cursors nobody translates the driver's errors, or notices that the connection is gone.
            with connection.wrap_database_errors, self._transaction(batch):
                outcomes, deltas = commit(batch)
        except Exception as error:  # noqa: BLE001 - the thread must outlive any batch
            self._failed(batch, error)
            return
        for listener in self._listeners:
            _tell(listener, deltas)
        for submission, outcome in zip(batch, outcomes, strict=True):
            _tell(submission.done, outcome)

    @staticmethod
    def _transaction(batch: list[Submission]) -> AbstractContextManager[None]:
        """A new data key is kept for later once its row is committed, which only Django's transaction tells."""
        threads = {submission.consultation.int: submission.consultation for submission in batch}
        known = all(is_open(thread, Retention.DIALOGUE) for thread in threads.values())
        return bare_transaction() if known else transaction.atomic()

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
