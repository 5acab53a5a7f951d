"""What a doctor writes now is sent at its time: once, through the checks of a live message, or not at all with the reason."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from django.db import transaction
from django.utils import timezone

from consult import consultations, timeline
from consult.conversation import scheduled
from consult.conversation.sides import open_beside
from consult.models import Event, ScheduledMessage
from consult.protocol import ConsultationClose, ConsultationReturn, Posted, SideOpen
from records import sessions
from records.people import Credential
from tests.cast import Browser, client_id, code_of, consultation, who

Open = Callable[[str], Browser]
WORDS = "明早请空腹，七点抽血"


def ask(case: Any, text: str = WORDS, minutes: float = 60, **more: Any) -> dict[str, Any]:
    at = (timezone.now() + timedelta(minutes=minutes)).isoformat()
    return {"consultation": str(case.id), "client_id": client_id(), "text": text, "at": at, **more}


def kept(case: Any, text: str = WORDS) -> ScheduledMessage:
    """A message of Dr Zhao whose time has come."""
    at = timezone.now() + timedelta(minutes=5)
    row = scheduled.schedule(who("zhao"), case.id, client_id(), text, at)
    ScheduledMessage.objects.filter(id=row.id).update(at=timezone.now() - timedelta(seconds=1))
    return row


def said(case: Any) -> list[str]:
    rows = Event.objects.filter(thread=case.id, kind="message.posted").order_by("seq")
    return [msgspec.json.decode(timeline.body_of(row), type=Posted).text for row in rows]


def now(row: ScheduledMessage) -> ScheduledMessage:
    return ScheduledMessage.objects.get(id=row.id)


def test_dr_zhao_schedules_a_message_and_it_is_sent_at_its_time(browser_of: Open) -> None:
    case, zhao = consultation(), browser_of("zhao")
    made = zhao.post("/api/scheduled", ask(case)).json()
    assert (made["state"], made["text"], made["failure"], made["seq"]) == ("waiting", WORDS, None, None)
    assert scheduled.sweep() == {"sent": 0, "failed": 0}
    assert zhao.get(f"/api/scheduled?consultation={case.id}").json() == [made]
    ScheduledMessage.objects.update(at=timezone.now())
    assert scheduled.sweep() == {"sent": 1, "failed": 0}
    assert said(case) == [WORDS]
    row = ScheduledMessage.objects.get()
    assert (row.state, row.seq, bytes(row.body)) == ("sent", Event.objects.get(client_id=made["client_id"]).seq, b"")
    assert zhao.get("/api/scheduled").json() == []


def test_the_patient_is_answered_by_it_as_by_any_message(cast: None) -> None:
    case = consultation()
    assert case.needs_reply_since is not None
    kept(case)
    scheduled.sweep()
    case.refresh_from_db()
    assert case.needs_reply_since is None


@pytest.mark.parametrize(
    ("minutes", "allowed"), [(0.5, False), (1, True), (30 * 1440 - 1, True), (30 * 1440 + 1, False), (-5, False)]
)
def test_between_a_minute_and_thirty_days_ahead(browser_of: Open, minutes: float, allowed: bool) -> None:
    answer = browser_of("zhao").post("/api/scheduled", ask(consultation(), minutes=minutes))
    assert (answer.status_code, answer.json().get("code")) == ((201, None) if allowed else (422, "scheduled.time"))


def test_a_time_without_a_zone_is_refused(browser_of: Open) -> None:
    at = (timezone.now() + timedelta(hours=1)).replace(tzinfo=None).isoformat()
    assert browser_of("zhao").post("/api/scheduled", ask(consultation(), at=at)).status_code == 422


def test_asking_twice_schedules_once_and_other_words_under_the_id_are_a_conflict(browser_of: Open) -> None:
    zhao, sent = browser_of("zhao"), ask(consultation())
    assert zhao.post("/api/scheduled", sent).json() == zhao.post("/api/scheduled", sent).json()
    other = zhao.post("/api/scheduled", {**sent, "text": "不用空腹"})
    assert (other.status_code, code_of(other)) == (409, "client_id.conflict")
    assert ScheduledMessage.objects.count() == 1


def test_a_cancelled_message_is_never_sent_and_its_words_are_gone(browser_of: Open) -> None:
    case, zhao = consultation(), browser_of("zhao")
    row = kept(case)
    assert zhao.send("delete", f"/api/scheduled/{row.id}").json()["state"] == "cancelled"
    assert scheduled.sweep() == {"sent": 0, "failed": 0}
    assert (said(case), bytes(now(row).body)) == ([], b"")


def test_what_is_sent_cannot_be_cancelled(browser_of: Open) -> None:
    row = kept(consultation())
    scheduled.sweep()
    answer = browser_of("zhao").send("delete", f"/api/scheduled/{row.id}")
    assert (answer.status_code, code_of(answer)) == (409, "scheduled.sent")


def test_nobody_else_sees_or_cancels_it_and_patients_schedule_nothing(browser_of: Open) -> None:
    case = consultation()
    row = kept(case)
    for key in ("wang", "qian", "sun"):
        own = browser_of(key)
        assert own.send("delete", f"/api/scheduled/{row.id}").status_code == 404
        assert own.get("/api/scheduled").json() == []
        assert own.post("/api/scheduled", ask(case)).status_code == 404


def given_back(case: Any) -> None:
    consultations.give_back(who("zhao"), ConsultationReturn("test", case.id, client_id(), "换班"))


def closed(case: Any) -> None:
    consultations.close(who("zhao"), ConsultationClose("test", case.id, client_id(), "好转"))


def lapsed(case: Any) -> None:
    Credential.objects.filter(person=who("zhao")).update(expires_on=timezone.localdate() - timedelta(days=1))


def left(case: Any) -> None:
    sessions.deactivate(who("zhao"))


@pytest.mark.parametrize(
    ("what", "code"),
    [
        (given_back, "scheduled.access_lost"),
        (closed, "consultation.closed_already"),
        (lapsed, "credential.lapsed"),
        (left, "scheduled.sender_gone"),
    ],
)
def test_what_could_not_be_said_now_is_not_said_later_and_the_sender_is_told_why(
    browser_of: Open, what: Callable[[Any], None], code: str
) -> None:
    case, zhao = consultation(), browser_of("zhao")
    kept(case)
    what(case)
    assert scheduled.sweep() == {"sent": 0, "failed": 1}
    assert said(case) == []
    assert scheduled.sweep() == {"sent": 0, "failed": 0}
    if what is not left:
        (item,) = zhao.get("/api/scheduled").json()
        assert (item["state"], item["failure"]["code"], item["text"]) == ("failed", code, WORDS)
        assert item["failure"]["message"]["zh"]
        assert item["failure"]["message"]["en"]
        assert zhao.send("delete", f"/api/scheduled/{item['id']}").json()["state"] == "cancelled"
    else:
        assert ScheduledMessage.objects.get().failure == code


def test_after_an_outage_of_hours_it_is_not_sent_behind_the_doctors_back(cast: None) -> None:
    case = consultation()
    row = kept(case)
    ScheduledMessage.objects.update(at=timezone.now() - timedelta(minutes=61))
    assert scheduled.sweep() == {"sent": 0, "failed": 1}
    assert (now(row).failure, said(case)) == ("scheduled.missed", [])


def test_a_worker_that_dies_after_sending_leaves_no_second_copy(cast: None) -> None:
    """The message and its mark are one transaction: undone, the next sweep sends it; the client id would keep even a survivor single."""
    case = consultation()
    row = kept(case)

    class Died(Exception):
        pass

    def send_and_die() -> None:
        with transaction.atomic():
            scheduled._post(row.id)
            raise Died

    with pytest.raises(Died):
        send_and_die()
    assert (said(case), now(row).state) == ([], "waiting")
    with transaction.atomic():
        scheduled._commit(now(row))
    assert scheduled.sweep() == {"sent": 1, "failed": 0}
    assert said(case) == [WORDS]


def test_a_hundred_may_wait_for_one_person_and_no_more(browser_of: Open) -> None:
    case, zhao = consultation(), browser_of("zhao")
    first = kept(case)
    copies = [
        ScheduledMessage(
            thread_id=case.id, sender=who("zhao"), client_id=client_id(), at=first.at, key_id=first.key_id, body=b"x"
        )
        for _ in range(99)
    ]
    ScheduledMessage.objects.bulk_create(copies)
    answer = zhao.post("/api/scheduled", ask(case))
    assert (answer.status_code, code_of(answer)) == (409, "scheduled.too_many")


def test_into_a_side_thread_too_but_never_by_the_patient(browser_of: Open) -> None:
    case = consultation()
    side, _ = open_beside(who("zhao"), SideOpen("test", case.id, client_id()))
    asked = {**ask(case), "consultation": str(side)}
    assert browser_of("wang").post("/api/scheduled", asked).status_code == 404
    assert browser_of("zhao").post("/api/scheduled", asked).status_code == 201
    ScheduledMessage.objects.update(at=timezone.now())
    assert scheduled.sweep() == {"sent": 1, "failed": 0}
    assert Event.objects.filter(thread=side, kind="message.posted").count() == 1
    assert said(case) == []


def test_rows_of_what_is_done_are_forgotten_after_a_week(cast: None) -> None:
    row = kept(consultation())
    scheduled.sweep()
    ScheduledMessage.objects.update(at=timezone.now() - timedelta(days=6))
    scheduled.sweep()
    assert now(row).state == "sent"
    ScheduledMessage.objects.update(at=timezone.now() - timedelta(days=8))
    scheduled.sweep()
    assert not ScheduledMessage.objects.exists()
