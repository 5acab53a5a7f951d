"""The embedded broker: a job is taken at once, and nothing is looked for while there is none."""

import threading
import time
from collections.abc import Iterator

import pytest
from kombu import Connection, Consumer, Queue

TRANSPORT = "chat_server.broker:Transport"


@pytest.fixture
def broker() -> Iterator[Connection]:
    with Connection("memory://localhost/", transport=TRANSPORT) as connection:
        yield connection


def test_a_job_put_by_another_thread_is_taken_at_once(broker: Connection) -> None:
    def put() -> None:
        time.sleep(0.1)
        with Connection("memory://localhost/", transport=TRANSPORT) as other:
            other.SimpleQueue("embedded-broker-test").put("job")

    queue = broker.SimpleQueue("embedded-broker-test")
    thread = threading.Thread(target=put)
    began = time.monotonic()
    thread.start()
    message = queue.get(timeout=5)
    waited = time.monotonic() - began
    message.ack()
    thread.join()
    assert message.payload == "job"
    assert waited < 0.6, "it was not found by looking once a second"


def test_waiting_for_a_job_costs_nothing(broker: Connection) -> None:
    with Consumer(broker, [Queue("embedded-broker-idle")], callbacks=[]):
        began = time.thread_time()
        with pytest.raises(TimeoutError):
            broker.drain_events(timeout=1.0)
        assert time.thread_time() - began < 0.005, "looking every 10 ms costs more"
