"""Everybody changes their own password; one that an operator made opens nothing until its person has chosen another."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from consult import callers
from records import demo, sessions
from records.errors import Refused
from records.identity import passwords, pending
from records.identity.models import SignIn
from records.people import Person
from tests.cast import Browser, code_now, code_of, id_of, who
from tests.records.test_sessions import system_leaves

Open = Callable[[str], Browser]
NEW = "three herons over water"


def change(browser: Browser, new: str = NEW, old: str = demo.PASSWORD) -> Any:
    return browser.send("put", "/api/me/password", {"old": old, "new": new})


def cookie(browser: Browser) -> str:
    return str(browser.client.cookies["xinqiao_session"].value)


def made_for(login: str, capsys: pytest.CaptureFixture[str]) -> str:
    call_command("account", login, "--new-password")
    return capsys.readouterr().out.strip()


def test_wang_changes_her_password_and_signs_in_with_the_new_one_alone(browser_of: Open) -> None:
    assert change(browser_of("wang")).json() == {"ended": 0}
    assert code_of(Browser().sign_in(who("wang").login)) == "sign_in.failed"
    assert Browser().sign_in(who("wang").login, NEW).status_code == 200


def test_zhou_changes_his_with_a_factor_shown_lately(browser_of: Open) -> None:
    assert change(browser_of("zhou")).status_code == 200


def test_without_a_fresh_factor_zhaos_password_stays(browser_of: Open) -> None:
    assert code_of(change(browser_of("zhao"))) == "factor.stale"
    assert who("zhao").check_password(demo.PASSWORD)


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("elevenchars", "password.short"),
        ("administrator", "password.common"),
        ("13800000071x", "password.similar"),
        ("MR20190471mr", "password.similar"),
        (demo.PASSWORD, "password.same"),
    ],
)
def test_a_password_that_is_not_good_is_refused_with_its_reason_and_the_old_one_stays(
    browser_of: Open, new: str, code: str
) -> None:
    Person.objects.filter(id=id_of("wang")).update(login="13800000071", mrn="MR20190471")
    wang = Browser()
    wang.sign_in("13800000071")
    answer = change(wang, new)
    assert (answer.status_code, code_of(answer)) == (422, code)
    assert answer.json()["fields"]["new"]["zh"]
    assert new not in answer.content.decode()
    assert who("wang").check_password(demo.PASSWORD)


@pytest.mark.parametrize(
    "body",
    [
        {"old": demo.PASSWORD},
        {"old": "", "new": NEW},
        {"old": demo.PASSWORD, "new": ""},
        {"old": demo.PASSWORD, "new": "x" * 257},
        {"old": "x" * 257, "new": NEW},
        {"old": demo.PASSWORD, "new": NEW, "person": "zhao"},
        {"old": 12, "new": NEW},
    ],
)
def test_what_is_no_password_is_refused(browser_of: Open, body: dict[str, Any]) -> None:
    answer = browser_of("wang").send("put", "/api/me/password", body)
    assert (answer.status_code, code_of(answer)) == (422, "bad_input")
    assert who("wang").check_password(demo.PASSWORD)


def test_a_wrong_old_password_counts_as_a_failed_sign_in(browser_of: Open) -> None:
    wang = browser_of("wang")
    for _ in range(5):
        assert code_of(change(wang, old="not the password")) == "password.wrong"
    assert code_of(change(wang)) == "too_many"
    assert code_of(Browser().sign_in(who("wang").login)) == "too_many"
    assert wang.get("/api/session").status_code == 200, "she is not thrown out by whoever guesses"
    assert who("wang").check_password(demo.PASSWORD)


def test_a_refused_new_password_counts_as_no_failure(browser_of: Open) -> None:
    wang = browser_of("wang")
    for _ in range(6):
        assert code_of(change(wang, "short")) == "password.short"
    assert change(wang).status_code == 200


def test_the_other_sessions_end_with_their_sockets_and_this_one_goes_on_under_another_key(
    browser_of: Open, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[UUID, str | None]] = []
    monkeypatch.setattr(sessions, "on_revoked", [lambda person, tag: heard.append((person, tag))])
    phone, here, wu = browser_of("wang"), browser_of("wang"), browser_of("wu")
    lost, before = cookie(phone), cookie(here)
    signed_in_at = here.get("/api/me/sessions").json()[0]["at"]
    with django_capture_on_commit_callbacks(execute=True):
        assert change(here).json() == {"ended": 1}
    assert set(heard) == {(id_of("wang"), sessions.session_tag(key)) for key in (lost, before)}
    assert phone.get("/api/session").status_code == 401
    assert [(row["here"], row["at"]) for row in here.get("/api/me/sessions").json()] == [(True, signed_in_at)]
    assert cookie(here) != before
    assert callers.of_session(before) is None, "who had seen this cookie has nothing"
    assert callers.of_session(cookie(here)) == who("wang")
    assert wu.get("/api/session").status_code == 200


def test_an_answer_to_the_old_cookie_does_not_take_the_new_one_away(browser_of: Open) -> None:
    """The page asks for this and that while its password changes, and the answers come in any order."""
    here, slow = browser_of("wang"), Browser()
    slow.client.cookies["xinqiao_session"] = cookie(here)
    assert change(here).status_code == 200
    answer = slow.get("/api/me/sessions")
    assert (answer.status_code, "xinqiao_session" in answer.cookies, answer["Vary"]) == (401, False, "Accept-Language, Cookie")
    assert "xinqiao_session" in here.send("delete", "/api/session").cookies, "signing out does"


def test_half_a_sign_in_ends_with_the_password_it_began_with(browser_of: Open) -> None:
    zhou = browser_of("zhou")
    half = Browser()
    assert half.post("/api/session", {"login": "C1001", "password": demo.PASSWORD}).status_code == 202
    assert change(zhou).status_code == 200
    assert half.get("/api/session/factor").status_code == 401


def test_of_two_changes_at_once_one_is_made(browser_of: Open) -> None:
    """Both had shown the old password before either was kept."""
    first, second = who("wang"), who("wang")
    passwords.put(first, NEW)
    with pytest.raises(Refused, match=r"password\.wrong"):
        passwords.put(second, "another one altogether")
    assert who("wang").check_password(NEW)


def test_a_change_is_a_leaf_of_ids_alone(browser_of: Open) -> None:
    browser_of("wang")
    change(browser_of("wang"))
    wang = str(id_of("wang"))
    assert system_leaves()[-2:] == [("password.changed", wang, {}), ("session.ended", wang, {"person": wang})]


def test_a_password_that_an_operator_made_opens_nothing_until_wang_chose_another(
    cast: None, capsys: pytest.CaptureFixture[str]
) -> None:
    made = made_for(who("wang").login, capsys)
    wang = Browser()
    answer = wang.sign_in(who("wang").login, made)
    assert (answer.status_code, answer.json()) == (202, {"step": "password", "methods": []})
    assert {wang.get(path).status_code for path in ("/api/session", "/api/me/sessions", "/api/charts")} == {401}
    assert wang.post("/api/session/socket-ticket").status_code == 401
    assert code_of(change(wang, old=made)) == "signed_out"
    assert code_of(wang.post("/api/session/password", {"new": made})) == "password.same"
    assert code_of(wang.post("/api/session/password", {"new": "elevenchars"})) == "password.short"
    assert not SignIn.objects.exists()
    assert wang.post("/api/session/password", {"new": NEW}).json()["person"]["name"] == "王秀兰"
    assert len(wang.get("/api/me/sessions").json()) == 1
    assert code_of(wang.post("/api/session/password", {"new": "once more, for nothing"})) == "signed_out"
    assert Browser().sign_in(who("wang").login, NEW).status_code == 200, "and from now on it is hers"


def test_zhao_sets_up_his_factor_first_and_then_chooses(
    cast: None, capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    settings.XINQIAO_STAFF_FACTOR = "required"
    made = made_for("D1001", capsys)
    zhao = Browser()
    assert zhao.sign_in("D1001", made).json()["step"] == "set_up"
    assert code_of(zhao.post("/api/session/password", {"new": NEW})) == "signed_out"
    secret = zhao.post("/api/me/factors/totp").json()["secret"]
    done = zhao.send("put", "/api/me/factors/totp", {"code": code_now(secret)}).json()
    assert (done["session"], done["step"]["step"], len(done["recovery_codes"])) == (None, "password", 10)
    assert code_of(zhao.post("/api/me/factors/totp")) == "signed_out"
    assert zhao.post("/api/session/password", {"new": NEW}).json()["surface"] == "doctor"
    assert zhao.get("/api/session/fresh").status_code == 204, "the factor that he showed counts"
    assert system_leaves()[-1][2] == {"method": "password", "factor_kind": "totp"}


def test_zhou_shows_his_factor_first_and_then_chooses(browser_of: Open, capsys: pytest.CaptureFixture[str]) -> None:
    browser_of("zhou")
    zhou = Browser()
    answer = zhou.sign_in("C1001", made_for("C1001", capsys))
    assert (answer.status_code, answer.json()["step"]) == (202, "password")
    assert zhou.get("/api/session").status_code == 401
    assert zhou.post("/api/session/password", {"new": NEW}).json()["surface"] == "compliance"


def test_whoever_comes_by_single_sign_on_is_asked_for_no_password(cast: None) -> None:
    call_command("account", "D1001", "--new-password")
    assert pending.step_for(who("zhao"), "oidc", "totp") is None


def test_a_made_password_runs_out_after_thirty_days(cast: None, capsys: pytest.CaptureFixture[str]) -> None:
    made, login = made_for(who("wang").login, capsys), who("wang").login
    almost = timezone.now() - timedelta(days=passwords.MADE_DAYS)
    Person.objects.update(password_made_at=almost + timedelta(minutes=1))
    assert Browser().sign_in(login, made).status_code == 202
    Person.objects.update(password_made_at=almost - timedelta(minutes=1))
    assert code_of(Browser().sign_in(login, made)) == "password.lapsed"
    assert code_of(Browser().sign_in(login, "a wrong one")) == "sign_in.failed", "said to nobody who only guesses"


def test_an_operator_that_makes_another_ends_the_choosing(cast: None, capsys: pytest.CaptureFixture[str]) -> None:
    wang, login = Browser(), who("wang").login
    wang.sign_in(login, made_for(login, capsys))
    made_for(login, capsys)
    assert code_of(wang.post("/api/session/password", {"new": NEW})) == "signed_out"
