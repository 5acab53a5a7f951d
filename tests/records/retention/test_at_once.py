"""Two people at once: a hold and a destruction never both win."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from consult import consultations
from consult.protocol import ConsultationReopen
from records.errors import Refused
from records.retention import holds, requests, shredding
from records.retention.models import LegalHold, Tombstone
from tests.cast import client_id, who
from tests.deployment import wait_until
from tests.records.retention.conftest import key_of, old_case
from tests.records.retention.test_shredding import WHY

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.production]  # SQLite lets one transaction at a time write

Beside = Callable[[Callable[[], object]], Future[object]]


@pytest.fixture
def beside() -> Iterator[Beside]:
    """Return a function: an act on a connection of its own, running until it ends or waits for a lock."""

    def act_and_close(act: Callable[[], object]) -> object:
        try:
            return act()
        finally:
            connection.close()

    def run(act: Callable[[], object]) -> Future[object]:
        running = pool.submit(act_and_close, act)
        wait_until(lambda: running.done() or _somebody_waits(), what="the act or its wait")
        return running

    with ThreadPoolExecutor(1) as pool:
        yield run


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        return bool(cursor.fetchone()[0])


def test_a_hold_placed_while_its_content_is_destroyed_waits_for_it(cast: None, beside: Beside) -> None:
    case = old_case(6)
    with transaction.atomic():
        shredding.shred(key_of(case.id), "maximum")
        placing = beside(lambda: holds.place(who("zhou"), patient=None, case=case.id, reason=WHY))
        assert not placing.done(), "nobody was told that it is held"
    placing.result()
    assert Tombstone.objects.get().at <= LegalHold.objects.get().placed_at.timestamp() * 1000


def test_a_destruction_begun_while_a_hold_is_placed_is_refused(cast: None, beside: Beside) -> None:
    case = old_case(6)
    with transaction.atomic():
        holds.place(who("zhou"), patient=None, case=case.id, reason=WHY)
        shred = beside(lambda: shredding.shred(key_of(case.id), "maximum"))
    with pytest.raises(Refused) as refused:
        shred.result()
    assert refused.value.kind is shredding.HELD
    assert not Tombstone.objects.exists()


def test_a_case_that_is_reopened_while_its_erasure_is_granted_is_not_sealed(cast: None, beside: Beside) -> None:
    case = old_case(4)
    asked = requests.ask(who("wang"), case.id)
    with transaction.atomic():
        consultations.reopen(who("wang"), ConsultationReopen("m", case.id, client_id(), "又头晕了"))
        granting = beside(lambda: requests.decide(who("zhou"), asked.id, grant=True, reason=WHY))
        assert not granting.done(), "it was decided on what is no longer so"
    with pytest.raises(Refused) as refused:
        granting.result()
    assert refused.value.kind is requests.STILL_OPEN
