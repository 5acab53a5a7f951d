"""A keyring may be a network away: the thread that writes everybody's messages never waits for it."""

import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from typing import Any
from typing import cast as cast_to

import pytest
from django.conf import settings

from consult.commands import Caller
from consult.protocol import MessageSend
from consult.sockets.consumers import Connection
from consult.writing import posting
from consult.writing.acts import Committed, Outcome
from consult.writing.writer import writer
from records.vault import Retention, keyring, keys
from records.vault.keyring.file import FileKeyring
from records.vault.keyring.wrapped import Wrapped
from tests.cast import client_id, consultation, id_of
from tests.consult.test_batch import new_session
from tests.deployment import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)


class Distant(FileKeyring):
    """The key file, which notes on whose thread it was asked."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.asked_on: list[str] = []

    def wrap(self, secret: bytes, context: bytes) -> Wrapped:
        self.asked_on.append(threading.current_thread().name)
        return super().wrap(secret, context)

    def unwrap(self, wrapped: Wrapped, context: bytes) -> bytes:
        self.asked_on.append(threading.current_thread().name)
        return super().unwrap(wrapped, context)


@pytest.fixture
def distant(monkeypatch: pytest.MonkeyPatch) -> Iterator[Distant]:
    ring = Distant(settings.XINQIAO_KEYFILE)
    monkeypatch.setattr(keyring, "_opened", [ring])
    yield ring
    writer.stop()
    keys.cache.clear()


def by_the_writer(ring: Distant) -> list[str]:
    return [name for name in ring.asked_on if name == "writer"]


def test_a_consultation_gets_its_key_when_it_is_opened(distant: Distant, cast: None) -> None:
    case = consultation("wang", "zhao")
    assert distant.asked_on
    posting.commit(id_of("wang"), None, MessageSend("m", case.id, client_id(), "早上头晕"))
    assert by_the_writer(distant) == []


def test_after_a_restart_a_request_opens_the_key_before_the_writer_needs_it(distant: Distant, cast: None) -> None:
    case = consultation("wang", "zhao")
    keys.cache.clear()
    distant.asked_on.clear()
    posting.commit(id_of("wang"), None, MessageSend("m", case.id, client_id(), "早上头晕"))
    assert len(distant.asked_on) == 1
    assert by_the_writer(distant) == []


def test_who_reads_a_thread_on_a_socket_has_its_key_open_even_when_there_is_nothing_new(distant: Distant, cast: None) -> None:
    case = consultation("wang", "zhao")
    keys.cache.clear()
    distant.asked_on.clear()
    caller = Caller(id_of("wang"), new_session())
    page = Connection._first_page(cast_to("Any", caller), case.id, 99)
    assert page.events == []
    assert keys.cache.newest(case.id, Retention.DIALOGUE)
    answers: Queue[Outcome] = Queue()
    posting.submit(caller.person, None, MessageSend("m", case.id, client_id(), "早上头晕"), answers.put)
    assert isinstance(answers.get(timeout=PATIENCE_SECONDS), Committed)
    assert by_the_writer(distant) == []
