"""Nurse Sun says how her call to Wang ended: sealed, once, and the list knows what comes next."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from records.ledger.models import Leaf
from records.outcomes import CallOutcome
from records.plans import FollowUp, Title, plan
from tests.cast import Browser, code_of, id_of, who


@pytest.fixture
def follow_up(cast: None) -> FollowUp:
    return plan(who("sun"), id_of("wang"), Title("术后第三天", "Day three"), timezone.now())


@pytest.fixture
def sun(browser_of: Callable[[str], Browser]) -> Browser:
    return browser_of("sun")


def tell(browser: Browser, follow_up: FollowUp, outcome: str, consent: str = "granted", **more: Any) -> Any:
    body = {"client_id": f"report-of-{outcome}", "outcome": outcome, "consent": consent, **more}
    return browser.post(f"/api/followups/{follow_up.id}/outcomes", body)


def listed(browser: Browser) -> list[Any]:
    rows: list[Any] = browser.get("/api/followups").json()
    return rows


TOMORROW = (timezone.now() + timedelta(days=1)).isoformat()


def test_nobody_answered_so_it_is_due_again(sun: Browser, follow_up: FollowUp) -> None:
    told = tell(sun, follow_up, "no_answer", "not_asked", next_at=TOMORROW)
    assert (told.status_code, told.json()["state"]) == (200, "no_answer"), told.content
    assert tell(sun, follow_up, "no_answer", "not_asked", next_at=TOMORROW).json() == told.json(), "sent twice, it is one"
    tell(sun, follow_up, "no_answer", "not_asked", next_at=TOMORROW, client_id="the-second-attempt")
    (row,) = listed(sun)
    assert [one["outcome"] for one in row["outcomes"]] == ["no_answer", "no_answer"]
    assert row["outcomes"][0]["by"]["name"] == "孙莉"
    assert row["due_at"] == row["outcomes"][1]["next_at"]
    conflict = tell(sun, follow_up, "no_answer", "not_asked", next_at=TOMORROW, note="另一件事")
    assert (conflict.status_code, code_of(conflict)) == (409, "client_id.conflict")


def test_a_reason_goes_to_the_doctor_and_stands_nowhere_in_clear(
    sun: Browser, browser_of: Callable[[str], Browser], follow_up: FollowUp
) -> None:
    tell(sun, follow_up, "needs_doctor", "refused", note="伤口红肿，患者不愿录音")
    (row,) = listed(browser_of("zhao"))
    assert (row["state"], row["outcomes"][0]["note"]) == ("needs_doctor", "伤口红肿，患者不愿录音")
    assert row["outcomes"][0]["consent"] == "refused"
    said = json.loads(bytes(Leaf.objects.get(kind="follow_up.reported").data))
    assert (said["ids"]["outcome"], said["ids"]["consent"], said["actor"]) == ("needs_doctor", "refused", str(who("sun").id))
    stored = CallOutcome.objects.get()
    assert "红肿".encode() not in bytes(stored.body)
    CallOutcome.objects.update(body=b"")
    assert CallOutcome.objects.get().note == "", "of what was shredded it is known that it was"


def test_done_with_a_next_time_plans_the_next_call(sun: Browser, follow_up: FollowUp) -> None:
    assert tell(sun, follow_up, "done", next_at=TOMORROW).json()["state"] == "done"
    following = FollowUp.objects.exclude(id=follow_up.id).get()
    assert (following.state, following.words.zh, following.assigned_to) == ("due", "术后第三天", who("sun"))
    tell(sun, follow_up, "done", next_at=TOMORROW)
    assert FollowUp.objects.count() == 2, "sent twice, it is one"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"outcome": "needs_doctor"}, "note"),
        ({"outcome": "done", "consent": "refused"}, "note"),
        ({"outcome": "no_answer"}, "next_at"),
        ({"outcome": "refused", "next_at": "2020-01-01T00:00:00Z"}, "next_at"),
        ({"outcome": "asleep"}, "outcome"),
        ({"outcome": "done", "note": "x" * 2001}, "note"),
        ({"outcome": "done", "client_id": "short"}, "client_id"),
    ],
)
def test_what_others_need_to_know_is_asked_for(sun: Browser, follow_up: FollowUp, said: dict[str, Any], field: str) -> None:
    answer = tell(sun, follow_up, **said)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, [field])
    assert not CallOutcome.objects.exists()
    follow_up.refresh_from_db()
    assert follow_up.state == "due"
