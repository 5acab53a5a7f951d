"""A notice to very many: written down some hundreds a transaction, each patient once, while everybody else goes on writing."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.conf import LazySettings
from django.db import OperationalError, connection
from django.utils import timezone

from consult.broadcasts import composing, sending
from consult.broadcasts.composing import AT_ONCE
from consult.models import Addressees, Broadcast, BroadcastRecipient, Event
from records.people import CareRelationship
from tests.cast import Browser, id_of, who
from tests.consult.device import browser, client_id, device
from tests.consult.test_broadcasts import composed, patients_of_sun, sent
from tests.deployment import PATIENCE_SECONDS, Deployment, wait_until
from tests.faults.tables import sqlite_file

Open = Callable[[str], Browser]
MANY = 2 * AT_ONCE + 1
VERY_MANY = 20_000


@pytest.fixture(autouse=True)
def at_once(settings: LazySettings) -> None:
    settings.XINQIAO_BROADCAST_PER_SECOND = 100_000


def written_down() -> int:
    return BroadcastRecipient.objects.count()


def died(row: Broadcast) -> None:
    """The worker that held it is gone, and its lease is over."""
    Broadcast.objects.filter(chain=row.id).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_they_are_counted_from_the_start_and_written_down_some_at_a_time(browser_of: Open) -> None:
    patients_of_sun(MANY)
    row, sun, holder = composed(), browser_of("sun"), uuid4()
    total = sum(Addressees.objects.values_list("number", flat=True))
    assert (written_down(), total) == (0, MANY + 1), "Wang is in her care as well"
    assert sending._claim(row.id, holder)
    for stored in (AT_ONCE, 2 * AT_ONCE, total):
        assert sun.get(f"/api/broadcasts/{row.id}").json()["counts"]["waiting"] == total
        assert sending._store_step(row.id, holder)
        assert written_down() == stored
    assert not sending._store_step(row.id, holder)
    assert sun.get(f"/api/broadcasts/{row.id}").json()["counts"]["waiting"] == total
    assert not Event.objects.filter(kind="notice.posted").exists()


def test_few_have_their_rows_with_the_broadcast(cast: None) -> None:
    patients_of_sun(AT_ONCE - 1)
    composed()
    assert (written_down(), Addressees.objects.count()) == (AT_ONCE, 0)


def test_whose_worker_dies_again_and_again_is_reached_once_all_the_same(cast: None) -> None:
    patients_of_sun(MANY)
    row, holder = composed(), uuid4()
    assert sending._claim(row.id, holder)
    assert sending._store_step(row.id, holder)

    def cut_off(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("DELETE"):
            raise OperationalError("killed between the rows and the mark")
        return execute(sql, *rest)

    with connection.execute_wrapper(cut_off), pytest.raises(OperationalError):
        sending._store_step(row.id, holder)
    assert (written_down(), Addressees.objects.count()) == (AT_ONCE, 2), "all of a step, or nothing"
    sending.work(row.id)
    assert written_down() == AT_ONCE, "the dead one's lease still runs"
    died(row)
    sent(row)
    assert not sending._store_step(row.id, holder)
    assert dict(BroadcastRecipient.objects.values_list("patient", "state")) == dict.fromkeys(cohort(), "sent")
    assert Event.objects.filter(kind="notice.posted").count() == MANY + 1


def cohort() -> list[Any]:
    return list(CareRelationship.objects.filter(clinician=id_of("sun")).values_list("patient", flat=True))


def test_it_reaches_those_whose_number_was_confirmed_and_nobody_who_came_later(cast: None) -> None:
    patients_of_sun(MANY)
    row, then = composed(), set(cohort())
    CareRelationship.objects.create(patient=who("li"), clinician=who("sun"), reason="follow-up")
    sent(row)
    assert set(BroadcastRecipient.objects.values_list("patient", flat=True)) == then
    assert composing.counts([row.id])[row.id]["sent"] == len(then)


def test_stopped_on_the_way_it_goes_to_nobody_and_says_whom_it_would_have_reached(browser_of: Open) -> None:
    patients_of_sun(MANY)
    row, sun, holder = composed(), browser_of("sun"), uuid4()
    assert sending._claim(row.id, holder)
    assert sending._store_step(row.id, holder)
    assert sun.post(f"/api/broadcasts/{row.id}/stop").json()["counts"]["waiting"] == MANY + 1
    died(row)
    Broadcast.objects.update(sent_at=timezone.now() - timedelta(minutes=1))
    assert sending.sweep() == 1
    sending.work(row.id)
    assert sending.sweep() == 0
    shown = sun.get(f"/api/broadcasts/{row.id}/recipients?state=waiting").json()
    assert (shown["total"], written_down()) == (MANY + 1, MANY + 1)
    assert not Event.objects.filter(kind="notice.posted").exists()


def asked(hospital: Deployment, sql: str) -> int:
    """The number that a deployment's database answers with."""
    if url := hospital.env["DATABASE_URL"]:
        with psycopg.connect(url) as database:
            row = database.execute(sql.encode()).fetchone()
    else:
        with closing(sqlite3.connect(sqlite_file(hospital))) as file:
            row = file.execute(sql).fetchone()
    assert row is not None
    return int(row[0])


def left(hospital: Deployment) -> int:
    return asked(hospital, "SELECT count(*) FROM consult_addressees")


@pytest.mark.heavy
async def test_wang_writes_in_between_and_a_kill_loses_and_doubles_nobody(hospital: Deployment) -> None:
    made = f"from tests.faults import later; later.prepare(patients={VERY_MANY}, messages=0)"
    await asyncio.to_thread(hospital.manage, "shell", "-v", "0", "-c", made)
    server = await asyncio.to_thread(hospital.start)
    async with browser(server, "sun") as sun, device(server, "wang") as wang:
        case = await wang.open()
        (total,) = [row["size"] for row in await sun.get("/api/cohorts") if row["id"] == "mine"]
        notice = {"client_id": client_id(), "title": "停诊", "text": "周四停诊。", "cohort": "mine", "expected": total}
        answer = await sun.post("/api/broadcasts", notice)
        assert answer.status_code == 201, answer.text
        id_ = json.loads(answer.text)["id"]
        between, parts = 0, -(-total // AT_ONCE)
        while (now := left(hospital)) and (now == parts or between < 3):
            assert (await wang.say(case, "在吗"))["type"] == "ack"
            between += left(hospital) > 0
        await asyncio.to_thread(server.kill)
    assert between >= 3, "she did not have to wait until the last of them was written down"
    assert 0 < left(hospital) < parts, "it was killed on the way"
    server = await asyncio.to_thread(hospital.start)
    async with browser(server, "sun") as sun:
        await sun.post(f"/api/broadcasts/{id_}/stop", None)
        await asyncio.to_thread(wait_until, lambda: not left(hospital), PATIENCE_SECONDS, "the rest of the rows")
        counts = (await sun.get(f"/api/broadcasts/{id_}"))["counts"]
    assert sum(counts.values()) == total == asked(hospital, "SELECT count(*) FROM consult_broadcastrecipient")
