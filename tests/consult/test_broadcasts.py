"""A clinician writes once to many patients: each gets it once, whoever wants none gets none, and the author sees who stands where."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone

from consult import timeline
from consult.broadcasts import cohorts, composing, sending
from consult.broadcasts import notices as noticeboard
from consult.broadcasts.composing import Words
from consult.models import Broadcast, BroadcastRecipient, Cursor, Event, NoticeThread
from consult.protocol import Notice
from records import care, sessions
from records.errors import Refused
from records.ledger.audit import check_chain
from records.ledger.models import Leaf
from records.people import CareRelationship, Person, RoleGrant
from records.vault import KeyMissing, data_key
from tests.cast import Browser, client_id, code_of, id_of, who

Open = Callable[[str], Browser]
WORDS = Words("周四门诊停诊", "11 月 26 日心内科门诊停诊一天，急诊照常。")


@pytest.fixture(autouse=True)
def at_once(settings: LazySettings) -> None:
    settings.XINQIAO_BROADCAST_PER_SECOND = 100_000


def patients_of_sun(number: int) -> list[Person]:
    """So many new patients in Nurse Sun's care."""
    made = [Person(login=f"patient-{n}", name=f"患者{n}", mrn=f"MR{n:08}") for n in range(number)]
    Person.objects.bulk_create(made)
    RoleGrant.objects.bulk_create(RoleGrant(person=person, role="patient") for person in made)
    sun = who("sun")
    CareRelationship.objects.bulk_create(CareRelationship(patient=p, clinician=sun, reason="follow-up") for p in made)
    return made


def composed(key: str = "sun", cohort: str = "mine", expected: int | None = None) -> Broadcast:
    size = cohorts.chosen(who(key), cohort).patients.count() if expected is None else expected
    return composing.compose(who(key), client_id(), WORDS, expected=size, cohort=cohort)


def sent(row: Broadcast) -> Broadcast:
    """Work until there is nothing to do."""
    while Broadcast.objects.get(chain=row.id).state == "sending":
        sending.work(row.id)
    row.refresh_from_db()
    return row


def notices(key: str) -> list[Notice]:
    rows = Event.objects.filter(thread__noticethread__patient=id_of(key), kind="notice.posted").order_by("seq")
    return [msgspec.json.decode(timeline.body_of(row), type=Notice) for row in rows]


def body(cohort: str, expected: int, **more: Any) -> dict[str, Any]:
    return {"client_id": client_id(), "title": WORDS.title, "text": WORDS.text, "cohort": cohort, "expected": expected, **more}


def size(own: Browser, cohort: str) -> int:
    return next(int(row["size"]) for row in own.get("/api/cohorts").json() if row["id"] == cohort)


def test_nurse_sun_writes_to_her_patients_and_wang_reads_it(browser_of: Open) -> None:
    sun, wang = browser_of("sun"), browser_of("wang")
    assert wang.get("/api/notices").json()["consultation"] is None
    made = sun.post("/api/broadcasts", body("mine", size(sun, "mine"))).json()
    assert (made["state"], made["counts"]["waiting"]) == ("sending", size(sun, "mine"))
    sent(Broadcast.objects.get())
    seen = wang.get("/api/notices").json()
    assert (seen["unread"], seen["opted_out"], [p["name"] for p in seen["people"]]) == (1, False, ["孙莉"])
    (event,) = wang.get(f"/api/consultations/{seen['consultation']}/events").json()["events"]
    assert (event["kind"], event["body"]["title"], event["body"]["text"]) == ("notice.posted", WORDS.title, WORDS.text)
    Cursor.objects.create(thread_id=seen["consultation"], person=who("wang"), delivered=1, read=1)
    assert wang.get("/api/notices").json()["unread"] == 0
    now = sun.get(f"/api/broadcasts/{made['id']}").json()
    assert (now["state"], now["counts"]["read"], now["counts"]["sent"]) == ("done", 1, size(sun, "mine") - 1)
    (row,) = sun.get(f"/api/broadcasts/{made['id']}/recipients?state=read").json()["recipients"]
    assert (row["patient"]["name"], row["state"]) == ("王秀兰", "read")


def test_the_number_that_the_author_confirmed_is_the_number_it_goes_to(browser_of: Open) -> None:
    sun = browser_of("sun")
    confirmed = size(sun, "mine")
    patients_of_sun(1)
    answer = sun.post("/api/broadcasts", body("mine", confirmed))
    assert (answer.status_code, code_of(answer)) == (409, "broadcast.count")
    assert not BroadcastRecipient.objects.exists()


def test_who_opted_out_gets_nothing_and_is_counted_so_until_they_want_it_again(browser_of: Open) -> None:
    wang, sun = browser_of("wang"), browser_of("sun")
    row = composed()
    assert wang.send("put", "/api/notices/opt-out", {"opted_out": True}).json()["opted_out"] is True
    sent(row)  # the choice counts when it is sent, not when it was written
    assert notices("wang") == []
    counted = sun.get(f"/api/broadcasts/{row.id}").json()["counts"]
    assert (counted["opted_out"], counted["waiting"], counted["failed"]) == (1, 0, 0)
    wang.send("put", "/api/notices/opt-out", {"opted_out": False})
    sent(composed())
    assert len(notices("wang")) == 1
    kinds = Event.objects.filter(thread__noticethread__patient=id_of("wang")).order_by("seq").values_list("kind", flat=True)
    assert list(kinds) == ["notice.chosen", "notice.chosen", "notice.posted"]


def test_choosing_the_same_again_changes_nothing(browser_of: Open) -> None:
    wang = browser_of("wang")
    for _ in range(2):
        wang.send("put", "/api/notices/opt-out", {"opted_out": True})
    assert Event.objects.filter(kind="notice.chosen").count() == 1
    assert wang.get("/api/notices").json()["unread"] == 0


def test_however_often_it_is_worked_at_everybody_gets_it_once(cast: None) -> None:
    patients_of_sun(30)
    row = composed()
    holder = uuid4()
    assert sending._claim(row.id, holder)
    assert sending._step(row.id, holder, 10) == 10
    sending.work(row.id)  # another worker: the first still holds it
    assert BroadcastRecipient.objects.filter(state="sent").count() == 10
    Broadcast.objects.update(lease_until=timezone.now() - timedelta(seconds=1))  # the first one died
    sent(row)
    assert sending._step(row.id, holder, 10) == 0, "and finds that it lost the lease"
    sending.work(row.id)
    reached = BroadcastRecipient.objects.filter(state="sent")
    assert reached.count() == BroadcastRecipient.objects.count() == Event.objects.filter(kind="notice.posted").count()
    assert NoticeThread.objects.count() == reached.values("thread").distinct().count() == reached.count()


def test_asking_twice_sends_it_once_and_other_words_under_the_id_are_a_conflict(browser_of: Open) -> None:
    sun = browser_of("sun")
    asked = body("mine", size(sun, "mine"))
    first, again = sun.post("/api/broadcasts", asked), sun.post("/api/broadcasts", asked)
    assert (first.status_code, first.json()["id"]) == (201, again.json()["id"])
    other = sun.post("/api/broadcasts", {**asked, "text": "照常开诊"})
    assert (other.status_code, code_of(other)) == (409, "client_id.conflict")


def test_stopped_it_goes_to_nobody_else_and_says_so(browser_of: Open) -> None:
    patients_of_sun(30)
    row, sun = composed(), browser_of("sun")
    holder = uuid4()
    assert sending._claim(row.id, holder)
    sending._step(row.id, holder, 10)
    assert sun.post(f"/api/broadcasts/{row.id}/stop").json()["state"] == "stopped"
    assert sending._step(row.id, holder, 10) == 0
    assert sending.sweep() == 0
    now = sun.post(f"/api/broadcasts/{row.id}/stop").json()
    assert (now["counts"]["sent"], now["counts"]["waiting"]) == (10, BroadcastRecipient.objects.count() - 10)
    assert Leaf.objects.filter(chain=row.id, kind="broadcast.stopped").count() == 1


def test_the_sweep_finds_what_no_worker_was_told_of(cast: None) -> None:
    row = composed()
    assert sending.sweep() == 0, "the message may still come"
    Broadcast.objects.update(sent_at=timezone.now() - timedelta(minutes=1))
    assert sending.sweep() == 1
    assert sending.sweep() == 0
    sent(row)
    Broadcast.objects.update(sent_at=timezone.now() - timedelta(minutes=1))
    assert sending.sweep() == 0


def test_who_is_no_longer_in_care_is_left_out_with_the_reason(browser_of: Open) -> None:
    row = composed()
    CareRelationship.objects.filter(patient=id_of("wang"), clinician=id_of("sun")).update(until=timezone.now())
    CareRelationship.objects.filter(patient=id_of("wang"), clinician__departments__code="cardiology").update(
        until=timezone.now()
    )
    sent(row)
    (left,) = browser_of("sun").get(f"/api/broadcasts/{row.id}/recipients?state=failed").json()["recipients"]
    assert (left["patient"]["name"], left["failure"]["code"]) == ("王秀兰", "broadcast.care_ended")
    assert notices("wang") == []


def test_one_whose_notices_cannot_be_sealed_does_not_stand_in_the_way(cast: None, monkeypatch: pytest.MonkeyPatch) -> None:
    patients_of_sun(2)
    row, broken, key_of = composed(), noticeboard.thread_of(id_of("wang")), data_key

    def key_or_none(scope: Any, retention: str) -> Any:
        if scope == broken:
            raise KeyMissing(str(scope))
        return key_of(scope, retention)

    monkeypatch.setattr(timeline, "data_key", key_or_none)
    sent(row)
    states = dict(BroadcastRecipient.objects.values_list("patient", "state"))
    assert states.pop(id_of("wang")) == "failed"
    assert set(states.values()) == {"sent"}


def test_nothing_more_goes_out_in_the_name_of_somebody_who_left(cast: None) -> None:
    row = composed()
    sessions.deactivate(who("sun"))
    sent(row)
    assert not Event.objects.filter(kind="notice.posted").exists()


def test_it_is_sent_no_faster_than_allowed(cast: None, settings: LazySettings) -> None:
    settings.XINQIAO_BROADCAST_PER_SECOND = 50
    patients_of_sun(25)
    row, began = composed(), time.monotonic()
    sent(row)
    assert time.monotonic() - began >= BroadcastRecipient.objects.count() / 50


def test_doctors_write_to_whom_they_treat_nurses_and_leads_also_to_their_department(browser_of: Open) -> None:
    care.join(id_of("wu"), id_of("qian"), "consultation")  # another doctor of the same department
    offered = {key: {row["id"] for row in browser_of(key).get("/api/cohorts").json()} for key in ("zhao", "sun", "liu")}
    department = next(id_ for id_ in offered["sun"] if id_.startswith("department:"))
    assert offered["zhao"] == offered["liu"] == {"mine", "due"}
    assert {"mine", "due"} < offered["sun"]
    sent(composed("sun", department))
    assert len(notices("wu")) == 1
    answer = browser_of("zhao").post("/api/broadcasts", body(department, 1))
    assert (answer.status_code, code_of(answer)) == (404, "not_found")


def test_named_patients_must_all_be_ones_own(browser_of: Open) -> None:
    sun = browser_of("sun")
    named = {**body("", 1, patients=[str(id_of("wang"))]), "cohort": None}
    assert (
        sun.post("/api/broadcasts", {**named, "patients": [str(id_of("wang")), str(id_of("li"))], "expected": 2}).status_code
        == 404
    )
    assert sun.post("/api/broadcasts", named).status_code == 201
    assert sun.post("/api/broadcasts", {**named, "cohort": "mine", "client_id": client_id()}).status_code == 422


def test_an_empty_cohort_is_nobody_to_write_to(cast: None) -> None:
    CareRelationship.objects.filter(clinician=id_of("liu")).delete()
    with pytest.raises(Refused, match=r"broadcast\.nobody"):
        composed("liu", expected=0)


def test_only_the_author_sees_it_and_patients_none_of_it(browser_of: Open) -> None:
    row = composed()
    for key in ("zhao", "wang", "zhou"):
        own = browser_of(key)
        for path in ("", "/recipients"):
            assert own.get(f"/api/broadcasts/{row.id}{path}").status_code == 404
        assert own.post(f"/api/broadcasts/{row.id}/stop").status_code == 404
    assert browser_of("zhao").get("/api/broadcasts").json() == []


def test_its_words_are_sealed_and_its_leaves_hold(cast: None) -> None:
    row = sent(composed())
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM consult_broadcast")
        assert "停诊" not in str(cursor.fetchall())
    assert check_chain(row.id).state in {"verified", "pending"}
    kinds = Leaf.objects.filter(chain=row.id).order_by("seq").values_list("kind", flat=True)
    assert list(kinds) == ["broadcast.composed", "broadcast.finished"]
    thread = NoticeThread.objects.get(patient=id_of("wang"))
    assert check_chain(thread.chain_id).state in {"verified", "pending"}
    assert noticeboard.thread_of(id_of("wang")) == thread.chain_id


@pytest.mark.heavy
def test_a_thousand_recipients_get_it_once_each(cast: None) -> None:
    made = patients_of_sun(1000)
    for person in made[::50]:
        noticeboard.choose(person, out=True)
    row = sent(composed())
    counted = composing.counts([row.id])[row.id]
    others = BroadcastRecipient.objects.count() - 1000
    assert counted == {"waiting": 0, "sent": 980 + others, "read": 0, "opted_out": 20, "failed": 0}
    posted = Event.objects.filter(kind="notice.posted")
    assert posted.count() == posted.values("thread").distinct().count() == 980 + others
