"""Two who come at the same moment, on a database that locks rows: whoever is later waits, and nobody is turned away."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from records import outcomes
from records.plans import FollowUp
from tests.cast import client_id, who
from tests.deployment import PATIENCE_SECONDS
from tests.transcription.exchange import hand_over, told
from transcription.exchanges import Credentials

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"

pytestmark = [pytest.mark.production, pytest.mark.django_db(transaction=True)]


@contextmanager
def beside(answers: list[int], given: Credentials, planned: FollowUp) -> Iterator[None]:
    """The exchange hands the call over in a thread of its own, and is over at the end."""

    def work() -> None:
        try:
            answers.append(hand_over(given, told(planned)).status_code)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()


def somebody_waits() -> None:
    """Return once another connection waits for what this one holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        while cursor.fetchone() == (0,):
            assert time.monotonic() < deadline
            time.sleep(0.02)
            cursor.execute(WAITING)


def test_a_file_that_comes_while_its_call_is_reported_waits_for_the_report(given: Credentials, follow_up: FollowUp) -> None:
    answers: list[int] = []
    with beside(answers, given, follow_up), transaction.atomic():
        FollowUp.objects.select_for_update().get(id=follow_up.id)  # as `report` begins
        somebody_waits()
        said = outcomes.Report(outcomes.Outcome.NEEDS_DOCTOR, outcomes.Consent.GRANTED, "胸口痛", None)
        outcomes.report(who("sun"), follow_up.id, client_id(), said)
    assert answers == [201]
    follow_up.refresh_from_db()
    assert follow_up.state == "needs_doctor"
