"""Lists cost what they show, not what was ever said: no look reads a whole table of acts."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from consult import waiting_room
from tests.cast import consultation, who

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

GROWING = ("consult_event", "records_leaf", "records_treeentry")


def scanned(looks: CaptureQueriesContext) -> list[str]:
    """The growing tables that SQLite reads from end to end for these looks, each with its look."""
    found = []
    with connection.cursor() as cursor:
        for look in looks.captured_queries:
            if not look["sql"].startswith("SELECT"):
                continue
            cursor.execute("EXPLAIN QUERY PLAN " + look["sql"])
            plan = [row[3] for row in cursor.fetchall()]
            found += [f"{step}: {look['sql']}" for step in plan if step.removeprefix("SCAN ").split(" ")[0] in GROWING]
    return found


@pytest.mark.usefixtures("cast")
def test_lists_and_headers_read_by_index() -> None:
    case = consultation(said=(("wang", "早上 168/95"), ("zhao", "左手还是右手？")))
    consultation(patient="li", doctor=None)
    with CaptureQueriesContext(connection) as looks:
        for reader in (who("wang"), who("zhao")):
            waiting_room.own(reader)
            waiting_room.one(reader, case)
        waiting_room.queue(who("zhao"))
    assert len(looks) > 10
    assert scanned(looks) == []


@pytest.mark.usefixtures("cast")
def test_a_longer_queue_takes_no_more_looks() -> None:
    def looks() -> int:
        with CaptureQueriesContext(connection) as asked:
            waiting_room.queue(who("zhao"))
        # Keys are kept once the transaction that made them has committed, which this test's never does.
        return sum("records_datakey" not in look["sql"] for look in asked.captured_queries)

    consultation(patient="li", doctor=None)
    one = looks()
    for patient in ("wang", "wang", "li"):
        consultation(patient=patient, doctor=None)
    assert [row["position"] for row in waiting_room.queue(who("zhao"))["queued"]] == [0, 1, 2, 3]
    assert looks() == one
