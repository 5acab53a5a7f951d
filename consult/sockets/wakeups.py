"""Calls on the event loop from other threads: what one commit has to say wakes the loop once, not once a message."""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable

logger = logging.getLogger(__name__)


class Wakeups:
    """Calls are made in the order in which they were put in."""

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop
        self._calls: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque()
        self._rung = False

    def put(self, call: Callable[..., None], *arguments: Any) -> None:
        """Have `call` made on the loop. From any thread; raises RuntimeError when the loop is closed."""
        self._calls.append((call, arguments))
        if not self._rung:
            self._rung = True
            self._loop.call_soon_threadsafe(self._open)

    def _open(self) -> None:
        self._rung = False  # before looking: what comes in meanwhile is read now or rings again
        while self._calls:
            call, arguments = self._calls.popleft()
            try:
                call(*arguments)
            except Exception:
                logger.exception("a call from another thread failed")
