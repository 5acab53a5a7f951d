"""The embedded broker: kombu's memory transport, whose workers sleep until there is a message.

The stock transport looks into its queues every `polling_interval`: often costs the interpreter's lock all day long, seldom makes jobs
wait. Messages, and the acknowledgements that let a worker take its next one, come from threads of this process and can wake it.
"""

import threading
import time
from queue import Empty
from typing import Any, Final

from kombu.transport import memory

LOOK_SECONDS: Final = 1.0  # looked at anyway, should something else than those two ever make a message ready


class _Arrivals:
    """Counts what may have made a message ready, and wakes who waits for the next."""

    def __init__(self) -> None:
        self.count = 0
        self._changed = threading.Condition()

    def note(self) -> None:
        with self._changed:
            self.count += 1
            self._changed.notify_all()

    def wait(self, seen: int, seconds: float) -> None:
        """Return when the count is no longer `seen`, or after `seconds`."""
        with self._changed:
            self._changed.wait_for(lambda: self.count != seen, seconds)


_arrivals: Final = _Arrivals()


class Channel(memory.Channel):
    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:
        super()._put(queue, message, **kwargs)
        _arrivals.note()

    def _put_fanout(self, exchange: str, message: Any, routing_key: str | None = None, **kwargs: Any) -> None:
        super()._put_fanout(exchange, message, routing_key, **kwargs)
        _arrivals.note()

    def basic_ack(self, delivery_tag: Any, multiple: bool = False) -> None:  # noqa: FBT001, FBT002 (kombu's signature)
        super().basic_ack(delivery_tag, multiple)
        _arrivals.note()

    def basic_reject(self, delivery_tag: Any, requeue: bool = False) -> None:  # noqa: FBT001, FBT002 (kombu's signature)
        super().basic_reject(delivery_tag, requeue)
        _arrivals.note()


class Transport(memory.Transport):
    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None, **kwargs: Any) -> None:
        """Deliver one message. Raises TimeoutError (kombu's `socket.timeout`) when none came within `timeout` seconds."""
        assert self.cycle is not None, "made with the transport"
        end = time.monotonic() + timeout if timeout is not None else float("inf")
        while True:
            seen = _arrivals.count
            try:
                self.cycle.get(self._deliver, timeout=timeout)
            except Empty:
                left = end - time.monotonic()
                if left <= 0:
                    raise TimeoutError from None
                _arrivals.wait(seen, min(left, LOOK_SECONDS))
            else:
                return
