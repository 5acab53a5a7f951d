"""Where somebody is signed in, and how it ends from elsewhere."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from consult import callers
from records import sessions
from records.identity import signins
from records.identity.models import SignIn
from records.people import Person
from records.tasks import clear_sessions
from tests.cast import Browser, code_of, id_of, who

Open = Callable[[str], Browser]
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile Safari/604.1"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0"
WECHAT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/116.0 Mobile Safari/537.36 MicroMessenger/8.0.49"


@pytest.mark.parametrize(
    ("agent", "device"),
    [(IPHONE, "Safari, iPhone"), (EDGE, "Edge, Windows"), (WECHAT, "WeChat, Android"), ("curl/8", ""), ("", "")],
)
def test_a_device_is_known_by_the_names_of_browser_and_system(agent: str, device: str) -> None:
    assert signins.device_of(agent) == device


@pytest.mark.parametrize(
    ("address", "place"),
    [("203.0.113.77", "203.0.113.0"), ("2001:db8:1:2:3::4", "2001:db8:1::"), ("local", "")],
)
def test_a_place_is_a_network_and_no_machine(address: str, place: str) -> None:
    assert signins.place_of(address) == place


def test_everybody_sees_their_own_sessions_and_which_one_is_here(browser_of: Open) -> None:
    here, there = browser_of("wang"), browser_of("wang")
    browser_of("wu")
    rows = here.get("/api/me/sessions").json()
    assert [row["here"] for row in rows] == [False, True], "newest first"
    assert [row["here"] for row in there.get("/api/me/sessions").json()] == [True, False]
    assert rows[0]["place"] == "127.0.0.0"


def test_a_session_that_ran_out_is_not_listed_and_goes_with_the_next_sign_in(browser_of: Open) -> None:
    old, here = browser_of("wang"), browser_of("wang")
    key = old.client.cookies["xinqiao_session"].value
    Session.objects.filter(session_key=key).update(expire_date=timezone.now() - timedelta(seconds=1))
    assert len(here.get("/api/me/sessions").json()) == 1
    assert SignIn.objects.filter(session_key=key).exists()
    browser_of("wang")
    assert not SignIn.objects.filter(session_key=key).exists()


def test_what_ran_out_is_cleared_every_hour_and_what_lives_stays(browser_of: Open, settings: Settings) -> None:
    """Also of those who never come back: Wu, and somebody whose second factor was never shown."""
    half_done = Session.objects.create(
        session_key="half-done", session_data="", expire_date=timezone.now() - timedelta(hours=1)
    )
    wu, wang = (browser_of(who).client.cookies["xinqiao_session"].value for who in ("wu", "wang"))
    Session.objects.filter(session_key=wu).update(expire_date=timezone.now() - timedelta(seconds=1))
    assert "records.clear_sessions" in {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert clear_sessions() == 2
    assert not Session.objects.filter(session_key__in=[wu, half_done.session_key]).exists()
    assert set(SignIn.objects.values_list("session_key", flat=True)) == {wang} == signins.living([wang, wu])
    assert clear_sessions() == 0


def test_wang_signs_out_her_lost_phone_and_stays_here(browser_of: Open) -> None:
    phone, here = browser_of("wang"), browser_of("wang")
    row = next(row for row in here.get("/api/me/sessions").json() if not row["here"])
    assert here.send("delete", f"/api/me/sessions/{row['id']}").status_code == 204
    assert phone.get("/api/session").status_code == 401
    assert here.get("/api/session").status_code == 200
    assert here.send("delete", f"/api/me/sessions/{row['id']}").status_code == 404


def test_nobody_ends_a_session_of_somebody_else(browser_of: Open) -> None:
    wu, wang = browser_of("wu"), browser_of("wang")
    row = wu.get("/api/me/sessions").json()[0]
    assert code_of(wang.send("delete", f"/api/me/sessions/{row['id']}")) == "not_found"
    assert wang.send("delete", "/api/me/sessions").status_code == 204
    assert wu.get("/api/session").status_code == 200


def test_signing_out_takes_the_row_away(browser_of: Open) -> None:
    browser_of("wang").send("delete", "/api/session")
    assert not SignIn.objects.filter(person_id=id_of("wang")).exists()


def test_signing_in_again_in_the_same_browser_is_one_session(browser_of: Open) -> None:
    browser = browser_of("zhao")
    old = browser.client.cookies["xinqiao_session"].value
    assert browser.sign_in("D1001").status_code == 200
    assert [row["here"] for row in browser.get("/api/me/sessions").json()] == [True]
    assert callers.of_session(old) is None


ACTS = [
    ("--reset-factors", None),
    ("--new-password", None),
    ("--sign-out", None),
    ("--roles", "nurse"),
    ("--departments", "paediatrics"),
    ("--close", None),
]


@pytest.mark.parametrize(("act", "value"), ACTS)
def test_what_an_operator_changes_ends_every_session_and_tells_the_sockets(
    browser_of: Open,
    act: str,
    value: str | None,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[tuple[UUID, str | None]] = []
    monkeypatch.setattr(sessions, "on_revoked", [lambda person, tag: heard.append((person, tag))])
    browsers = [browser_of("zhao"), browser_of("zhao")]
    with django_capture_on_commit_callbacks(execute=True):
        call_command("account", "D1001", act, *([value] if value else []))
    assert {person for person, _ in heard} == {id_of("zhao")}
    assert [browser.get("/api/session").status_code for browser in browsers] == [401, 401]


def test_what_an_operator_changes_is_what_is_then(cast: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("account", "D1001", "--roles", "nurse,lead")
    call_command("account", "D1001", "--departments", "paediatrics")
    zhao = Person.objects.get(login="D1001")
    assert zhao.role_set == {"nurse", "lead"}
    assert zhao.department_ids == {id_of("paediatrics")}
    capsys.readouterr()
    call_command("account", "D1001", "--new-password")
    assert who("zhao").check_password(capsys.readouterr().out.strip())
    for words in (("nobody", "--close"), ("D1001", "--roles", "king"), ("D1001", "--departments", "garden")):
        with pytest.raises(CommandError):
            call_command("account", *words)
